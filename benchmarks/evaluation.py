"""How long exact evaluation takes: 60k views x 60k views x 256, and pytorch-metric-learning on fewer.

python -m benchmarks.evaluation [--views 60000] [--peer-views 20000]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import time
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.machine import describe

from lookalike.evaluation import metrics
from lookalike.evaluation.ranking import Side, rank_right_answers

SEED, WIDTH, VIEWS_AN_ITEM = 0, 256, 5
RESULT = Path(__file__).parent / "results" / "evaluation.json"


def catalogue(views: int) -> Side:
    """Unit vectors around item centres, five views an item on average."""
    rng = np.random.default_rng(SEED)
    items = rng.integers(0, views // VIEWS_AN_ITEM, views)
    centres = rng.standard_normal((views // VIEWS_AN_ITEM, WIDTH), dtype=np.float32)
    matrix = 0.35 * centres[items] + rng.standard_normal((views, WIDTH), dtype=np.float32)
    return Side(matrix / np.linalg.norm(matrix, axis=1, keepdims=True), items, np.arange(views))


def ours(side: Side) -> dict[str, float]:
    places = rank_right_answers(side, side)
    asked = np.isfinite(places.item)
    return {
        "precision_at_1": float(metrics.recall_at(1, places.views[asked]).mean()),
        "mean_average_precision_at_r": float(metrics.average_precision_at_r(places.views[asked]).mean()),
        "r_precision": float(metrics.r_precision(places.views[asked]).mean()),
    }


def product_alone(side: Side) -> None:
    """The plain blocked matrix product, the floor of any exact method."""
    for start in range(0, len(side.items), 512):
        for row in range(0, len(side.items), 2040):
            np.matmul(side.matrix[row : row + 2040], side.matrix[start : start + 512].T)


def peer(side: Side) -> dict[str, float]:
    import torch
    from pytorch_metric_learning.distances import CosineSimilarity
    from pytorch_metric_learning.utils.accuracy_calculator import AccuracyCalculator
    from pytorch_metric_learning.utils.inference import CustomKNN

    calculator = AccuracyCalculator(
        include=("precision_at_1", "mean_average_precision_at_r", "r_precision"),
        k="max_bin_count",
        device=torch.device("cpu"),
        knn_func=CustomKNN(CosineSimilarity(), batch_size=512),
    )
    found = calculator.get_accuracy(torch.from_numpy(side.matrix), torch.from_numpy(side.items))
    return {name: float(value) for name, value in found.items()}


def timed(work: Any, side: Side) -> tuple[float, float, Any]:
    """Seconds by the clock, CPU-seconds (on a busy machine only these mean anything), and what was found."""
    started, started_cpu = time.perf_counter(), time.process_time()
    found = work(side)
    return time.perf_counter() - started, time.process_time() - started_cpu, found


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--views", type=int, default=60_000)
    parser.add_argument(
        "--peer-views", type=int, default=0, help="also time pytorch-metric-learning, interleaved"
    )
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    side = catalogue(asked.views)
    before = peak_mb()
    floor, floor_cpu, _ = timed(product_alone, side)
    seconds, cpu_seconds, figures = timed(ours, side)
    result: dict[str, Any] = {
        "machine": describe(),
        "seed": SEED,
        "views": asked.views,
        "width": WIDTH,
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "product_alone_seconds": floor,
        "product_alone_cpu_seconds": floor_cpu,
        "load_average": os.getloadavg()[0],
        "extra_mb": peak_mb() - before,
        "figures": figures,
    }
    if asked.peer_views:
        small = catalogue(asked.peer_views)
        rounds = [(timed(ours, small), timed(peer, small)) for _ in range(asked.rounds)]
        mine, theirs = (float(np.median([pair[n][0] for pair in rounds])) for n in (0, 1))
        result["peer"] = {
            "views": asked.peer_views,
            "seconds": mine,
            "pytorch_metric_learning_seconds": theirs,
            "ratio": theirs / mine,
            "figures": rounds[0][0][2],
            "pytorch_metric_learning_figures": rounds[0][1][2],
        }
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
