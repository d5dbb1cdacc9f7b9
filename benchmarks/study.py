"""Every recipe on one catalogue, shortened, with its curves, and one table over all of them.

    python -m benchmarks.study [--data ../shared/data] [--only RECIPE ...] [--runs build/study]

Hub weights are not fetched: networks start from random weights, at 64 px and for few epochs, so that the
whole runs on a CPU; recipes that learn from views train their heads at full length on the kept features of
the reference model instead. Results are kept recipe by recipe; a run that is there already is not repeated.
"""

from __future__ import annotations

import argparse
import json
import shutil
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.machine import describe

from lookalike.catalogue.items import Catalogue
from lookalike.catalogue.reading import read_catalogue
from lookalike.embedding.zoo import open_embedder
from lookalike.evaluation.classification import Classification
from lookalike.evaluation.evaluating import evaluate
from lookalike.evaluation.features import embed_catalogue
from lookalike.evaluation.outcome import Protocol
from lookalike.evaluation.protocols import LeaveOneViewOut
from lookalike.training.curves import draw_curves
from lookalike.training.data import chosen_items, split
from lookalike.training.learning_curve import draw_learning_curve, learning_curve
from lookalike.training.recipe_files import load_recipe
from lookalike.training.running import train

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "study.json"
DOCS = HERE.parent / "docs" / "studies"
DATA = Path("../shared/data")
REFERENCE = "reference_models/mobilenet_v2_imagenet.onnx"

ALL = ("split.held_out=0.3", "split.group=style_id", "backbone.weights=none", "data.size_px=64")
FEATURES = (
    "backbone.name=model",
    "backbone.weights={reference}",
    "backbone.frozen=true",
    "backbone.cached_variants=3",
    "data.size_px=224",
)
LINEAR = ("head.hidden=[]", "head.width=128")  # what stands on a finished model is one linear layer
VIEWS = ("schedule.epochs=4", "sampler.batch=32")
HEAD = ("schedule.epochs=50",)
SHORTENED: dict[str, tuple[str, ...]] = {
    # recipe: what is changed beside ALL; the order in which they run, the cheap ones first
    "dense-baseline": HEAD,
    "vgg16-3-labels": HEAD,
    "vgg16-10-labels": HEAD,
    "vgg19-3-labels": HEAD,
    "vgg19-10-labels": HEAD,
    "small-cnn": ("schedule.epochs=15",),
    "views-quick": ("schedule.epochs=15",),
    "distilled": (*VIEWS, "loss.teacher=descriptor"),
    "noisy-labels-ce": (*FEATURES, *LINEAR),
    "noisy-labels-gce": (*FEATURES, *LINEAR),
    "resnet34-simclr": ("schedule.epochs=4", "schedule.warmup_epochs=1", "sampler.batch=64"),
    "resnet34-simclr-no-colour": ("schedule.epochs=4", "schedule.warmup_epochs=1", "sampler.batch=64"),
    "resnet34-supcon": ("schedule.epochs=4", "schedule.warmup_epochs=1"),
    "views-multi-similarity": FEATURES,
    "views-triplet": FEATURES,
    "views-proxy-anchor": FEATURES,
    "views-arcface": FEATURES,
    "views-memory": FEATURES,
    "matryoshka": FEATURES,
    "unified-heads": FEATURES,
    "vit-koleo": VIEWS,
    "densenet201-items-single": ("schedule.epochs=3", "sampler.batch=32"),
    "densenet201-items-multi": ("schedule.epochs=3", "sampler.batch=32"),
}

CURVES: dict[str, tuple[str, ...]] = {
    # picture: the runs side by side in it
    "dense-and-cnn": ("dense-baseline", "small-cnn"),
    "vgg-3-labels": ("vgg16-3-labels", "vgg19-3-labels"),
    "vgg-10-labels": ("vgg16-10-labels", "vgg19-10-labels"),
    "noisy-labels": ("noisy-labels-ce", "noisy-labels-gce"),
    "simclr-and-supcon": ("resnet34-simclr", "resnet34-simclr-no-colour", "resnet34-supcon"),
    "view-losses": ("views-multi-similarity", "views-triplet", "views-proxy-anchor", "views-arcface"),
    "densenet201": ("densenet201-items-single", "densenet201-items-multi"),
}
CURVE_OF = "views-quick"
SHOWN = ("before training", "pixels", "untrained", "descriptor", "mobilenet_v2_imagenet")


def settings_of(name: str, data: Path) -> list[str]:
    """What is changed in the recipe here."""
    return [setting.format(reference=data / REFERENCE) for setting in (*ALL, *SHORTENED[name])]


def run(name: str, catalogue: Catalogue, *, data: Path, runs: Path, cache: Path) -> dict[str, Any]:
    """Train, and put the reference model's figure on the same held-out items beside."""
    settings, began = settings_of(name, data), time.monotonic()
    recipe = load_recipe(name, settings=settings)
    shutil.rmtree(runs / name, ignore_errors=True)
    train(catalogue, recipe, runs / name, tell=lambda line: print(f"  {line}", flush=True))
    seconds = time.monotonic() - began
    report = json.loads((runs / name / "report.json").read_text())
    held_out = split(chosen_items(catalogue, recipe), recipe).held_out
    seen = embed_catalogue(held_out, open_embedder(data / REFERENCE), cache=cache)
    figures: dict[str, dict[str, Any]] = {}
    for comparison in report["comparisons"]:
        rows = {one["name"]: one["report"]["figures"][0] for one in comparison["contenders"]}
        protocol = comparison["contenders"][0]["report"]["protocol"]
        reference = evaluate(seen, _protocol(protocol), check_leaks=False).headline
        figures[protocol] = {name: _facts(figure) for name, figure in rows.items()}
        figures[protocol]["mobilenet_v2_imagenet"] = _facts(vars_of(reference))
    return {
        "settings": settings_of(name, DATA),  # wherever the photos were for this run
        "seconds": round(seconds, 1),
        "training": report["training"],
        "best_epoch": report["best_epoch"],
        "history": report["history"],
        "figures": figures,
        "follows_colour": report["follows_colour"],
        "short_codes": report["short_codes"],
    }


def curve(catalogue: Catalogue, *, data: Path, runs: Path) -> list[dict[str, Any]]:
    """How a network that learns from nothing grows with the share of the training items."""
    recipe = load_recipe(CURVE_OF, settings=settings_of(CURVE_OF, data))
    points = learning_curve(catalogue, recipe, runs / "learning-curve", shares=(0.25, 0.5, 1.0))
    draw_learning_curve(points, DOCS / "figures" / "learning-curve.png", title=CURVE_OF)
    return [asdict(point) for point in points]


def _protocol(name: str) -> Protocol:
    if name == LeaveOneViewOut().name:
        return LeaveOneViewOut()
    return Classification(label=name.removeprefix("classification of ").split(" by ")[0])


def vars_of(figure: Any) -> dict[str, Any]:
    """A figure as plain values."""
    return {key: getattr(figure, key) for key in ("name", "value", "low", "high", "queries", "items")}


def _facts(figure: dict[str, Any]) -> dict[str, Any]:
    kept = {key: figure[key] for key in ("name", "value", "low", "high", "queries", "items")}
    return {key: round(value, 4) if isinstance(value, float) else value for key, value in kept.items()}


def table_of(recipes: dict[str, dict[str, Any]]) -> str:
    """One line a recipe and protocol: before, after, and the baselines on the same held-out items."""
    names = ["trained", *SHOWN]
    lines = ["| recipe | question | " + " | ".join(names) + " | follows colour | minutes |"]
    lines.append("|---" * (len(names) + 4) + "|")
    for recipe, found in recipes.items():
        for protocol, rows in found["figures"].items():
            what = f"{rows[recipe]['name']}, {protocol.split(' by ')[0]}, {rows[recipe]['queries']} queries"
            cells = [_cell(rows.get(name)) for name in (recipe, *SHOWN)]
            colour, minutes = _cell(found["follows_colour"][recipe], "+.2f"), found["seconds"] / 60
            lines.append(f"| `{recipe}` | {what} | " + " | ".join(cells) + f" | {colour} | {minutes:.1f} |")
    return "\n".join(lines)


def _cell(row: dict[str, Any] | None, kind: str = ".3f") -> str:
    """A figure with its interval; without one where none was kept when it was measured."""
    if row is None:
        return ""
    ends = f" [{row['low']:.2f}, {row['high']:.2f}]" if "low" in row else ""
    return f"{row['value']:{kind}}{ends}"


def codes_table(recipes: dict[str, dict[str, Any]]) -> str:
    """Item R@1 of shorter vectors and of signs, where recipes have them."""
    lines = ["| recipe | item R@1 of |", "|---|---|"]
    for recipe, found in recipes.items():
        if found["short_codes"]:
            parts = ", ".join(f"{name}: {_cell(row)}" for name, row in found["short_codes"].items())
            lines.append(f"| `{recipe}` | {parts} |")
    return "\n".join(lines)


def write_page(known: dict[str, Any]) -> None:
    """The tables and pictures of the study, between the marks of its page."""
    recipes = {name: known["recipes"][name] for name in SHORTENED if name in known["recipes"]}
    (DOCS / "figures").mkdir(parents=True, exist_ok=True)
    pictures = []
    for picture, names in CURVES.items():
        if all(name in recipes for name in names):
            draw_curves(
                {name: recipes[name]["history"] for name in names}, DOCS / "figures" / f"{picture}.png"
            )
            pictures.append(f"![{', '.join(names)}](figures/{picture}.png)")
    if "learning_curve" in known:
        pictures.append(f"![Learning curve of {CURVE_OF}](figures/learning-curve.png)")
    missing = ", ".join(f"`{name}`" for name in SHORTENED if name not in recipes)
    said = f"Not run here yet: {missing}." if missing else "Every recipe of the package is in the table."
    parts = [said, table_of(recipes), "## Shorter codes", codes_table(recipes), "## Curves", *pictures]
    page = DOCS / "results.md"
    text = page.read_text()
    head, mark = text.split("<!-- made by benchmarks.study -->")[0], "<!-- made by benchmarks.study -->"
    page.write_text(head + mark + "\n\n" + "\n\n".join(parts) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--runs", type=Path, default=Path("build/study"))
    parser.add_argument("--cache", type=Path, default=Path("build/vectors"))
    options = parser.parse_args()
    catalogue = read_catalogue(options.data / "luma" / "images.csv")
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {"recipes": {}}
    for name in SHORTENED:
        if (options.only and name not in options.only) or (not options.only and name in known["recipes"]):
            continue
        print(name, flush=True)
        known["recipes"][name] = run(
            name, catalogue, data=options.data, runs=options.runs, cache=options.cache
        )
        known["machine"] = describe()
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(known, indent=2) + "\n")
    write_page(known)
    if not options.only:
        known["learning_curve"] = curve(catalogue, data=options.data, runs=options.runs)
        RESULTS.write_text(json.dumps(known, indent=2) + "\n")
        write_page(known)
    print(table_of(known["recipes"]))


if __name__ == "__main__":
    main()
