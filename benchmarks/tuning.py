"""Tuning: how good over several splits, and how long, beside scikit-learn and pytorch-metric-learning.

    python -m benchmarks.tuning [--data ../shared/data] [--seeds 5] [--only luma] [--part quality|speed]

`quality` tunes mobilenet_v2 on luma (style-disjoint) and turntable, on other items each time. `speed` takes
1,500 items x 4 views of drawn features, the size of a small shop, and makes heads of the same width on the
same features by each library; every head is judged on the same unseen items.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.machine import describe

from lookalike.catalogue.reading import read_catalogue
from lookalike.embedding.card import Block
from lookalike.evaluation.bootstrap import paired_bootstrap
from lookalike.evaluation.compare import Comparison
from lookalike.training.tuning.choice import Lessons, choose
from lookalike.training.tuning.heads import Principal, closed_form, item_mrr, scatter_of
from lookalike.training.tuning.tune import Settings, tune

RESULTS = Path(__file__).parent / "results" / "tuning.json"
REFERENCE = "reference_models/mobilenet_v2_imagenet.onnx"
PAGE, MARK = (
    Path(__file__).parents[1] / "docs" / "studies" / "tuning.md",
    "<!-- made by benchmarks.tuning -->",
)
RIVALS = ("before", "before + descriptor", "descriptor")
COLUMNS = ("before", "before + descriptor", "descriptor", "untrained", "pixels", "tuned")
DATA = {"luma": "style_id", "turntable": ""}
ITEMS, VIEWS, VARIANTS, INPUTS, WIDTH = 1500, 4, 4, 1280, 192
MEANING, NOISE = 64, 3.5
"""Directions that tell drawn items apart, and how loud all others are beside them."""


def quality(name: str, data: Path, *, seeds: int, runs: Path) -> Iterator[dict[str, Any]]:
    """Item R@1 of each contender, a list over splits, with the gain of each; all so far after each split."""
    catalogue, group = read_catalogue(data / name / "images.csv"), DATA[name]
    found: dict[str, Any] = {"group": group, "R@1": {}, "gain": [], "ways": [], "seconds": []}
    comparisons: list[Comparison] = []
    for seed in range(seeds):
        settings = Settings(group=group, variants=3, seed=seed)
        tuned = tune(catalogue, runs / name, model=data / REFERENCE, settings=settings)
        for one in tuned.comparison.contenders:
            found["R@1"].setdefault(one.name, []).append(round(one.report["R@1"].value, 4))
        found["gain"].append(
            [round(value, 4) for value in (tuned.gain.value, tuned.gain.low, tuned.gain.high)]
        )
        found["ways"].append({block: str(way) for block, way in tuned.plan.ways.items()})
        found["seconds"].append([round(value, 1) for value in tuned.seconds])
        comparisons.append(tuned.comparison)
        found["over all splits"] = {rival: pooled_gain(comparisons, rival) for rival in RIVALS}
        print(name, seed, tuned.verdict, flush=True)
        yield found


def pooled_gain(comparisons: Sequence[Comparison], rival: str) -> list[float]:
    """Item R@1 over the queries of all splits, tuned less the rival: value, low, high.

    An item that is held out in several splits is drawn with all of them: it is one item.
    """
    tuned = np.concatenate([_hits(one, "tuned") for one in comparisons])
    theirs = np.concatenate([_hits(one, rival) for one in comparisons])
    names = np.concatenate([_items(one) for one in comparisons])
    items = np.unique(names, return_inverse=True)[1].astype(np.int64)
    gain = paired_bootstrap(tuned, theirs, items)
    return [round(value, 4) for value in (gain.value, gain.low, gain.high)]


def _hits(comparison: Comparison, name: str) -> np.ndarray[Any, np.dtype[np.floating]]:
    """What R@1 is formed from, a row a query."""
    return comparison[name].outcome.measures[0].columns


def _items(comparison: Comparison) -> np.ndarray[Any, np.dtype[np.str_]]:
    """The item of each query, by its id."""
    rows = comparison["tuned"].outcome.measures[0].rows
    return np.array([comparison.items[row] for row in rows])


def drawn(seed: int) -> tuple[np.ndarray[Any, np.dtype[np.float32]], np.ndarray[Any, np.dtype[np.int64]]]:
    """Unit features of items that differ in some directions and of views that differ in all."""
    rng = np.random.default_rng(seed)
    mixing = np.random.default_rng(7).normal(size=(MEANING, INPUTS)) / MEANING**0.5
    codes = np.repeat(np.arange(ITEMS), VIEWS)
    means = rng.normal(size=(ITEMS, MEANING)) @ mixing
    views = means[codes] + NOISE * rng.normal(size=(len(codes), INPUTS))
    pictures = views[:, None] + 0.5 * rng.normal(size=(len(codes), VARIANTS, INPUTS)).astype(np.float32)
    pictures[:, 0] = views
    return (pictures / np.linalg.norm(pictures, axis=2, keepdims=True)).astype(np.float32), codes


def speed() -> dict[str, Any]:
    """Time, and mean reciprocal rank on unseen items, of each way to a head of the same width."""
    features, codes = drawn(0)
    unseen, theirs = drawn(1)
    nothing = {"cpu_seconds": 0.0, "seconds": 0.0}
    found: dict[str, Any] = {"no head": {**nothing, "mrr": round(item_mrr(unseen[:, 0], theirs), 4)}}
    for name, way in WAYS.items():
        began, used = time.perf_counter(), time.process_time()
        vectors = way(features, codes)(unseen[:, 0])
        seconds, cpu = time.perf_counter() - began, time.process_time() - used
        vectors = np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)
        times = {"cpu_seconds": round(cpu, 1), "seconds": round(seconds, 1)}
        found[name] = {**times, "mrr": round(item_mrr(vectors, theirs), 4)}
        print(f"{name:50} {found[name]}", flush=True)
    return found


Head = Callable[[Any], Any]


def ours(features: Any, codes: Any) -> Head:
    """One closed form, of the shrinkage that needs no choosing."""
    return closed_form(scatter_of(Principal.of(features), codes), width=WIDTH, shrinkage=0.3)


def ours_chosen(features: Any, codes: Any) -> Head:
    """All that `tune` does after the feature pass: three folds, every candidate, gradient steps."""
    from lookalike.training.tuning.choice import make_head, scatters_of

    block, widths = Block("shape", 0, INPUTS, 1.0), {"shape": WIDTH}
    lessons = Lessons({"shape": features}, codes, codes)
    plan = choose(lessons, (block,), widths=widths, steps=200, seed=0)
    print("   ", plan.ways["shape"], plan.mrr)
    return make_head(scatters_of(lessons, "shape"), lessons, plan.ways["shape"], width=WIDTH, seed=0)


def sklearn_lda(features: Any, codes: Any) -> Head:
    """scikit-learn's linear discriminant analysis by eigenvectors, with the same shrinkage."""
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    model = LinearDiscriminantAnalysis(solver="eigen", shrinkage=0.3, n_components=WIDTH)
    return model.fit(features[:, 0], codes).transform


def pml_proxy_anchor(features: Any, codes: Any) -> Head:
    """A linear layer by pytorch-metric-learning's Proxy-Anchor: ten passes, batches of 256, Adam."""
    import torch
    from pytorch_metric_learning.losses import ProxyAnchorLoss

    torch.manual_seed(0)
    layer, loss = torch.nn.Linear(INPUTS, WIDTH), ProxyAnchorLoss(ITEMS, WIDTH, margin=0.1, alpha=32)
    groups = [{"params": layer.parameters(), "lr": 1e-3}, {"params": loss.parameters(), "lr": 1e-1}]
    optimiser = torch.optim.Adam(groups)
    rows, labels = torch.from_numpy(features), torch.from_numpy(codes)
    for epoch in range(10):
        for batch in torch.randperm(len(rows)).split(256):
            value = loss(layer(rows[batch, epoch % VARIANTS]), labels[batch])
            optimiser.zero_grad()
            value.backward()
            optimiser.step()
    return lambda asked: layer(torch.from_numpy(asked)).detach().numpy()


WAYS: dict[str, Callable[[Any, Any], Head]] = {
    "ours: closed form": ours,
    "ours: all of tune after the feature pass": ours_chosen,
    "scikit-learn: LDA (eigen, shrinkage 0.3)": sklearn_lda,
    "pytorch-metric-learning: Proxy-Anchor, 10 epochs": pml_proxy_anchor,
}


def quality_table(found: dict[str, Any]) -> str:
    """Item R@1 of every contender, mean over splits and their extremes."""
    lines = ["| | splits | " + " | ".join(COLUMNS) + " | tuned, less before, 95% in each split |"]
    lines.append("|---" * (len(COLUMNS) + 3) + "|")
    for name, one in found.items():
        cells = [_spread(one["R@1"][column]) for column in COLUMNS]
        gains = "; ".join(f"{value:+.2f} [{low:+.2f}, {high:+.2f}]" for value, low, high in one["gain"])
        lines.append(f"| {name} | {len(one['gain'])} | " + " | ".join(cells) + f" | {gains} |")
    lines += ["", "Over the queries of all splits, paired, 95% over items; tuned less:", ""]
    lines += ["| | " + " | ".join(RIVALS) + " |", "|---" * (len(RIVALS) + 1) + "|"]
    for name, one in found.items():
        gains = [one["over all splits"][rival] for rival in RIVALS]
        cells = [f"{value:+.3f} [{low:+.3f}, {high:+.3f}]" for value, low, high in gains]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _spread(values: list[float]) -> str:
    return f"{np.mean(values):.3f} ({min(values):.2f} to {max(values):.2f})"


def speed_table(found: dict[str, Any]) -> str:
    """Seconds and figure of each way to a head."""
    lines = ["| way | CPU seconds | seconds | item MRR, unseen items |", "|---|---|---|---|"]
    lines += [
        f"| {name} | {one['cpu_seconds']} | {one['seconds']} | {one['mrr']:.3f} |"
        for name, one in found.items()
    ]
    return "\n".join(lines)


def write_page(known: dict[str, Any]) -> None:
    """The tables, below the mark of their page."""
    parts = [PAGE.read_text().split(MARK)[0] + MARK]
    if "quality" in known:
        parts += ["## How good", quality_table(known["quality"])]
    if "speed" in known:
        parts += [
            f"## How long: {ITEMS:,} items of {VIEWS} views, {INPUTS}-d features",
            speed_table(known["speed"]),
        ]
    PAGE.write_text("\n\n".join(parts) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--only", nargs="*", choices=tuple(DATA), default=tuple(DATA))
    parser.add_argument("--runs", type=Path, default=Path("build/tuning"))
    parser.add_argument("--part", choices=("quality", "speed"), default=None)
    options = parser.parse_args()
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for name in options.only if options.part != "speed" else ():
        for found in quality(name, options.data, seeds=options.seeds, runs=options.runs):
            known.setdefault("quality", {})[name] = found
            keep(known)
    if options.part != "quality":
        known["speed"] = speed()
        keep(known)


def keep(known: dict[str, Any]) -> None:
    """Write what is known so far, and its page."""
    known["machine"] = describe()
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(known, indent=2) + "\n")
    write_page(known)


if __name__ == "__main__":
    main()
