"""Colour changes while training, on and off: what SimCLR's ranking then follows, and what it finds.

    python -m benchmarks.colour_ablation [--data ../shared/data] [--epochs 30] [--seeds 2]

The package's two recipes (`resnet34-simclr`, `resnet34-simclr-no-colour`) with the small CNN in ResNet-34's
place, at 32 px and from random weights, on luma: small enough to be trained for the whole of their schedule
on two cores. Each seed draws another split by style; both are asked the same held-out items, differences are
paired, 95% intervals over items.
"""

from __future__ import annotations

import argparse
import json
import shutil
from dataclasses import astuple
from pathlib import Path
from typing import Any

from benchmarks.machine import describe
from benchmarks.pages import put_table

from lookalike.catalogue.items import Catalogue
from lookalike.catalogue.reading import read_catalogue
from lookalike.embedding.zoo import open_embedder
from lookalike.evaluation.classification import Classification
from lookalike.evaluation.compare import compare_evaluated
from lookalike.evaluation.features import embed_catalogue
from lookalike.evaluation.protocols import LeaveOneViewOut
from lookalike.training.data import split
from lookalike.training.measuring import colour_following
from lookalike.training.recipe_files import load_recipe
from lookalike.training.running import train

RESULTS = Path(__file__).parent / "results" / "colour_ablation.json"
PAGE = Path(__file__).parents[1] / "docs" / "studies" / "results.md"
ON, OFF = "resnet34-simclr", "resnet34-simclr-no-colour"
CHANGED = (
    "backbone.name=small-cnn",
    "backbone.weights=none",
    "data.size_px=32",
    "split.held_out=0.3",
    "split.group=style_id",
    "sampler.batch=64",
    "optimiser.rate=0.001",
)
QUESTIONS = {"item R@1": LeaveOneViewOut(), "category, top-1": Classification("category", group="style_id")}


def run(catalogue: Catalogue, *, seed: int, epochs: int, runs: Path) -> dict[str, Any]:
    """Both recipes on one split: every figure with its interval, and off less on."""
    settings = (*CHANGED, f"seed={seed}", f"schedule.epochs={epochs}")
    recipes = {name: load_recipe(name, settings=settings) for name in (ON, OFF)}
    seen, losses = {}, {}
    for name, recipe in recipes.items():
        out = runs / f"{name}-{seed}"
        shutil.rmtree(out, ignore_errors=True)
        trained = train(catalogue, recipe, out, tell=lambda line: print(f"  {line}", flush=True))
        losses[name] = [round(found["train_loss"], 4) for found in trained.history]
        held_out = split(catalogue, recipe).held_out
        seen[name] = embed_catalogue(held_out, open_embedder(trained.model))
    histogram = embed_catalogue(held_out, open_embedder("histogram"))
    told: dict[str, Any] = {"follows colour": {}, "train_loss": losses, "settings": settings}
    for name, one in seen.items():
        found = colour_following(one, histogram, seed=seed)
        assert found is not None
        told["follows colour"][name] = [found.value, found.low, found.high]
    for what, protocol in QUESTIONS.items():
        compared = compare_evaluated(seen, protocol, baseline=ON, seed=seed, check_leaks=False)
        headlines = {name: compared[name].report.headline for name in (ON, OFF)}
        told[what] = {name: [one.value, one.low, one.high] for name, one in headlines.items()}
        told[what]["off less on"] = list(astuple(compared.difference(OFF, ON)))[:3]
    return told


def table(found: dict[str, dict[str, Any]]) -> str:
    """A line a question and seed."""
    lines = [
        "| question | split | with colour changes | without | without less with |",
        "|---|---|---|---|---|",
    ]
    for what in ("follows colour", *QUESTIONS):
        for seed, told in found.items():
            on, off = (_cell(told[what][name]) for name in (ON, OFF))
            less = _cell(told[what]["off less on"], sign="+") if "off less on" in told[what] else "-"
            lines.append(f"| {what} | {seed} | {on} | {off} | {less} |")
    return "\n".join(lines)


def _cell(figure: list[float], *, sign: str = "") -> str:
    value, low, high = figure
    return f"{value:{sign}.3f} [{low:{sign}.2f}, {high:{sign}.2f}]"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--runs", type=Path, default=Path("build/colour_ablation"))
    options = parser.parse_args()
    catalogue = read_catalogue(options.data / "luma" / "images.csv")
    found: dict[str, dict[str, Any]] = {}
    for seed in range(options.seeds):
        found[str(seed)] = run(catalogue, seed=seed, epochs=options.epochs, runs=options.runs)
        facts = {"machine": describe(), "epochs": options.epochs, "found": found}
        RESULTS.write_text(json.dumps(facts, indent=2) + "\n")
        put_table(PAGE, "colour changes", table(found))
    print(table(found))


if __name__ == "__main__":
    main()
