"""Colour against shape: what the dial does to items, to kinds by neighbours, and to clusters.

    python -m benchmarks.balance [--data ../shared/data] [--only luma ...]

The default model was taught on luma, turntable and clothing, and never saw shop_samples and the demo
catalogue. One view left out: item R@1. Kinds: top-1 by 10 neighbours of other items. Clusters: k-means, as
many clusters as kinds: NMI, mean of three seeds. 95% bootstrap intervals over items where one is drawn.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from benchmarks.machine import describe
from benchmarks.pages import put_table
from benchmarks.stores import engine_of

from lookalike.evaluation.classification import Classification
from lookalike.evaluation.evaluated import Evaluated, codes_of
from lookalike.evaluation.evaluating import evaluate
from lookalike.evaluation.partitions import nmi
from lookalike.evaluation.protocols import LeaveOneViewOut
from lookalike.evaluation.stored import evaluated_store
from lookalike.evaluation.weighed import weighed
from lookalike.exploration.clusters import ClusterSettings, cluster
from lookalike.retrieval.store import Store

RESULTS = Path(__file__).parent / "results" / "balance.json"
PAGE = Path(__file__).parents[1] / "docs" / "studies" / "balance.md"
KINDS = {
    "shop_samples": "category",
    "demo": "category",
    "luma": "category",
    "turntable": "category",
    "clothing": "label",
}
COLOURS = (None, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.0)
SEEDS = 3


def clustered(seen: Evaluated, column: str) -> list[float]:
    truth = codes_of(seen.column(column))
    known = truth >= 0
    k = len(np.unique(truth[known]))
    runs = [cluster(seen.matrix, ClusterSettings("kmeans", k=k, seed=seed)).labels for seed in range(SEEDS)]
    values = [nmi(truth[known], labels[known]) for labels in runs]
    return [float(np.mean(values)), min(values), max(values)]


def measured(seen: Evaluated, column: str) -> dict[str, list[float]]:
    told = {"clusters NMI": clustered(seen, column)}
    kinds = evaluate(seen, Classification(column), check_leaks=False)["top-1"]
    told["kinds top-1"] = [kinds.value, kinds.low, kinds.high]
    if len(np.unique(seen.codes)) < len(seen):
        items = evaluate(seen, LeaveOneViewOut(), check_leaks=False)["R@1"]
        told["item R@1"] = [items.value, items.low, items.high]
    return told


def table(found: dict[str, dict[str, dict[str, list[float]]]], what: str) -> str:
    names = [name for name, by_colour in found.items() if what in by_colour["as it is"]]
    lines = ["| colour | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for colour in next(iter(found.values())):
        cells = [found[name][colour][what] for name in names]
        shown = " | ".join(f"{value:.3f} [{low:.2f}, {high:.2f}]" for value, low, high in cells)
        lines.append(f"| {colour} | {shown} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--only", nargs="*", default=[])
    options = parser.parse_args()
    found: dict[str, dict[str, dict[str, list[float]]]] = {}
    for name, column in KINDS.items():
        if options.only and name not in options.only:
            continue
        engine = engine_of(options.data, name)
        card = engine.embedder.card
        with Store.open(engine.store.folder) as store:
            seen = evaluated_store(store)
        found[name] = {
            "as it is" if colour is None else f"{colour:g}": measured(
                weighed(seen, card, colour=colour), column
            )
            for colour in COLOURS
        }
        print(name, json.dumps(found[name]), flush=True)
    if not options.only:
        facts = {"machine": describe(), "model": card.fingerprint, "found": found}
        RESULTS.write_text(json.dumps(facts, indent=2) + "\n")
        for what in ("item R@1", "kinds top-1", "clusters NMI"):
            put_table(PAGE, what, table(found, what))


if __name__ == "__main__":
    main()
