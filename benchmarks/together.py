"""What goes with an item: learned from drawn baskets, asked of baskets held out, beside simpler ways.

    python -m benchmarks.together [--data ../shared/data] [--model NAME_OR_FOLDER]

The demo catalogue's own baskets (synthetic: see docs/demo.md): 600, of which 30% are held out; each item of a
held-out basket asks for the others. Cold: every fifth item is taken out of all baskets that are learned from,
and it alone asks. Three seeds. Writes results/together.json and the table of docs/studies/together.md.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections import defaultdict
from pathlib import Path

import numpy as np
from benchmarks.machine import describe
from benchmarks.pages import put_table
from benchmarks.stores import KEPT, engine_of

from lookalike.demo.rooms import draw_rooms
from lookalike.evaluation.bootstrap import bootstrap, mean_of
from lookalike.retrieval.snapshot import Snapshot
from lookalike.retrieval.together.baskets import Baskets
from lookalike.retrieval.together.pairing import Pairing

RESULTS = Path(__file__).parent / "results" / "together.json"
PAGE = Path(__file__).parents[1] / "docs" / "studies" / "together.md"
WAYS = ("random", "most popular", "lookalikes of another kind", "counted alone", "its kind's counts", "ours")
SEEDS, K = 3, 10


def read(path: Path) -> list[tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            found[row["basket_id"]].append(row["item_id"])
    return [tuple(items) for items in found.values()]


def scored(
    way: str, pairing: Pairing, snapshot: Snapshot, place: int, rng: np.random.Generator
) -> np.ndarray:
    own = snapshot.attributes[place]["category"]
    others = np.array([facts["category"] != own for facts in snapshot.attributes])
    if way == "random":
        scores = rng.random(len(snapshot))
    elif way == "most popular":
        scores = pairing.counts + 1e-6 * rng.random(len(snapshot))
    elif way == "lookalikes of another kind":
        views = snapshot.matrix @ snapshot.vectors(place).T
        scores = np.maximum.reduceat(views, snapshot.starts[:-1], axis=0).max(axis=1) + 1
    elif way == "counted alone":
        scores = pairing.counted(place) + 1e-9 * rng.random(len(snapshot))
    elif way == "its kind's counts":
        scores = np.mean([pairing.counted(one) for one in np.flatnonzero(~others) if one != place], axis=0)
    else:
        scores = pairing.scores(place)
    return np.where(others, scores, -1.0)


def measured(snapshot: Snapshot, baskets: list[tuple[str, ...]], *, cold: bool, seed: int) -> dict[str, list]:
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(baskets))
    held = {int(one) for one in order[: int(0.3 * len(baskets))]}
    new = set(snapshot.ids[seed % 5 :: 5]) if cold else set()
    known = [
        tuple(item for item in basket if item not in new)
        for number, basket in enumerate(baskets)
        if number not in held
    ]
    pairing = Pairing(snapshot, Baskets(tuple(basket for basket in known if len(basket) > 1)))
    told: dict[str, list] = {way: [] for way in WAYS}
    for number in sorted(held):
        for item in baskets[number]:
            if cold and item not in new:
                continue
            wanted = [
                snapshot.places[other] for other in baskets[number] if other != item and other not in new
            ]
            if not wanted:
                continue
            for way in WAYS:
                ranked = np.argsort(
                    -scored(way, pairing, snapshot, snapshot.places[item], rng), kind="stable"
                )
                at = np.flatnonzero(np.isin(ranked, wanted)) + 1
                told[way].append(
                    (snapshot.places[item], float((at <= K).sum() / len(wanted)), 1 / float(at[0]))
                )
    return told


def figures(snapshot: Snapshot, table: Path, *, cold: bool) -> dict[str, dict[str, list[float]]]:
    pooled: dict[str, list] = {way: [] for way in WAYS}
    for seed in range(SEEDS):
        baskets = read(draw_rooms(table, seed=seed))
        for way, rows in measured(snapshot, baskets, cold=cold, seed=seed).items():
            pooled[way] += rows
    facts = {}
    for way, rows in pooled.items():
        items, recall, reciprocal = (np.array(column) for column in zip(*rows, strict=True))
        facts[way] = {}
        for name, values in ((f"recall@{K}", recall), ("MRR", reciprocal)):
            one = bootstrap(mean_of(values), items.astype(np.int64))
            facts[way][name] = [one.value, one.low, one.high]
    return facts


def table_of(results: dict[str, dict]) -> str:
    lines = [f"| asked by | way | recall@{K} of the other items | MRR |", "|---|---|---|---|"]
    for title, ways in results.items():
        for way, facts in ways.items():
            cells = " | ".join("{:.3f} [{:.3f}, {:.3f}]".format(*values) for values in facts.values())
            lines.append(f"| {title} | {way} | {cells} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--model", default="default")
    options = parser.parse_args()
    snapshot = engine_of(options.data, "demo", model=options.model).snapshot
    table = KEPT / "demo-photos" / "images.csv"
    results = {
        "items of many baskets": figures(snapshot, table, cold=False),
        "items of none (cold)": figures(snapshot, table, cold=True),
    }
    print(table_of(results))
    RESULTS.write_text(json.dumps({"machine": describe(), "figures": results}, indent=2) + "\n")
    put_table(PAGE, "together", table_of(results))


if __name__ == "__main__":
    main()
