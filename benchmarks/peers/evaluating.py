"""Exact evaluation: ours beside pytorch-metric-learning and scikit-learn, the same vectors, taking turns.

    build/peers/bin/python -m benchmarks.peers.evaluating [--views 8000] [--rounds 3]

Unit vectors around item centres (`benchmarks.evaluation`), every view asked against all others. Figures must
agree. scikit-learn's brute-force neighbours give R@1 alone. Times are CPU seconds, medians of rounds.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib.metadata import version

import numpy as np
from benchmarks.evaluation import SEED, catalogue, ours, peer, timed
from benchmarks.machine import describe
from benchmarks.peers.tables import write_table

from lookalike.evaluation.ranking import Side


def neighbours(side: Side) -> dict[str, float]:
    """R@1 by scikit-learn's nearest other view."""
    from sklearn.neighbors import NearestNeighbors

    found = NearestNeighbors(n_neighbors=2, metric="cosine", algorithm="brute").fit(side.matrix)
    rows = found.kneighbors(side.matrix, return_distance=False)
    other = np.where(rows[:, 0] == np.arange(len(rows)), rows[:, 1], rows[:, 0])
    asked = np.bincount(side.items)[side.items] > 1
    return {"precision_at_1": float((side.items[other] == side.items)[asked].mean())}


WAYS: dict[str, tuple[str, Callable[[Side], dict[str, float]]]] = {
    "lookalike": ("lookalike", ours),
    "pytorch-metric-learning": ("pytorch-metric-learning", peer),
    "scikit-learn": ("scikit-learn", neighbours),
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--views", type=int, default=8_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    small, side = catalogue(500), catalogue(options.views)
    seconds: dict[str, list[float]] = {name: [] for name in WAYS}
    figures: dict[str, dict[str, float]] = {}
    for _, way in WAYS.values():
        way(small)
    for _ in range(options.rounds):
        for name, (_, way) in WAYS.items():
            _, cpu, figures[name] = timed(way, side)
            seconds[name].append(cpu)
    base = np.array(seconds["lookalike"])
    rows = []
    for name, (package, _) in WAYS.items():
        one = figures[name]
        precise = one.get("mean_average_precision_at_r")
        rows.append(
            [
                f"{name} ({version(package)})",
                f"{one['precision_at_1']:.4f}",
                "" if precise is None else f"{precise:.4f}",
                f"{float(np.median(seconds[name])):.2f}",
                f"{float(np.median(np.array(seconds[name]) / base)):.1f}",
            ]
        )
        print(rows[-1], flush=True)
    result = {
        "protocol": __doc__,
        "machine": describe(),
        "seed": SEED,
        "views": options.views,
        "rounds": options.rounds,
        "seconds": seconds,
        "columns": ["peer", "R@1", "mAP@R", "CPU s", "times ours"],
        "rows": rows,
    }
    write_table("peers_evaluating", result)


if __name__ == "__main__":
    main()
