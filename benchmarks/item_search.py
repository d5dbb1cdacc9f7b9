"""Exact item search at 100k views: against one pass over the vectors, and the plain matrix product.

    python -m benchmarks.item_search

Every contender runs once in each round, one after the other, so that a busy machine slows all
of them; the figures are the medians over the rounds of each round's ratio.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from benchmarks.machine import describe

from lookalike.embedding.card import Card
from lookalike.retrieval.index.exact import ExactIndex
from lookalike.retrieval.index.rescoring import Scoring
from lookalike.retrieval.loading import load_snapshot
from lookalike.retrieval.pooling import POOLINGS
from lookalike.retrieval.records import StoredItem, StoredView
from lookalike.retrieval.store import Store

RESULT = Path(__file__).parent / "results" / "item_search.json"
WIDTH, K, BATCH = 256, 10, 256


def fill(folder: Path, views: int, items: int, seed: int) -> Store:
    """A store of random unit vectors, the views spread unevenly over the items."""
    rng = np.random.default_rng(seed)
    cuts = np.sort(rng.choice(np.arange(1, views), items - 1, replace=False))
    counts = np.diff(np.concatenate([[0], cuts, [views]]))
    store = Store.create(folder, card=Card(name="random", width=WIDTH, size_px=8, model_digest="random"))
    with store.writing() as writer:
        for first in range(0, items, 1000):
            batch, vectors = [], {}
            for number in range(first, min(first + 1000, items)):
                seen = tuple(
                    StoredView(f"{number:024x}{view:08x}", Path(f"/photos/item-{number}/{view}.jpg"))
                    for view in range(counts[number])
                )
                rows = rng.standard_normal((len(seen), WIDTH), dtype=np.float32)
                rows /= np.linalg.norm(rows, axis=1, keepdims=True)
                vectors |= {view.key: row for view, row in zip(seen, rows, strict=True)}
                batch.append(StoredItem(f"item-{number:06}", seen, {"price": number}, "benchmark"))
            writer.put(batch, vectors)
    return store


def seconds(work: Callable[[], object], times: int) -> float:
    """Wall-clock seconds of one run, the mean of several."""
    begun = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - begun) / times


def contenders(index: ExactIndex, seed: int) -> dict[str, tuple[Callable[[], object], int]]:
    """What is compared, and how often each runs in a round."""
    matrix = np.array(index.snapshot.matrix)
    rng = np.random.default_rng(seed + 1)
    near = matrix[rng.integers(len(matrix), size=BATCH)]
    asked = (near + 0.05 * rng.standard_normal(near.shape, dtype=np.float32)).astype(np.float32)
    asked /= np.linalg.norm(asked, axis=1, keepdims=True)
    one, many = [asked[:1]], [row[None] for row in asked]
    columns = np.ascontiguousarray(asked.T)
    work: dict[str, tuple[Callable[[], object], int]] = {
        "one_pass": (lambda: matrix.max(), 5),
        "matrix_product_256": (lambda: matrix @ columns, 1),
        "search_256": (lambda: index.nearest(many, K), 1),
    }
    for name in POOLINGS:
        scoring = Scoring(name)
        work[f"search_1_{name}"] = (lambda how=scoring: index.nearest(one, K, scoring=how), 5)
    return work


def opening_s(store: Store) -> float:
    """Seconds from a store's folder to an index that can be searched."""
    begun = time.perf_counter()
    ExactIndex(load_snapshot(Store.open(store.folder)))
    return time.perf_counter() - begun


def measure(store: Store, *, rounds: int, seed: int) -> dict[str, object]:
    """Medians of times and of each round's ratios."""
    first = opening_s(store)
    openings = [opening_s(store) for _ in range(rounds)]
    index = ExactIndex(load_snapshot(store))
    work = contenders(index, seed)
    taken: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(rounds):
        for name, (run, times) in work.items():
            taken[name].append(seconds(run, times))
    ratios = {
        "search_1_over_one_pass": _ratio(taken["search_1_best"], taken["one_pass"]),
        "search_256_over_matrix_product": _ratio(taken["search_256"], taken["matrix_product_256"]),
    }
    return {
        "ms": {name: round(1e3 * statistics.median(times), 3) for name, times in taken.items()},
        "ratios": ratios,
        "open_ms": round(1e3 * statistics.median(openings), 1),
        "rebuild_from_store_ms": round(1e3 * first, 1),
    }


def _ratio(mine: list[float], ceiling: list[float]) -> float:
    return round(statistics.median(a / b for a, b in zip(mine, ceiling, strict=True)), 3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--views", type=int, default=100_000)
    parser.add_argument("--items", type=int, default=15_000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=RESULT)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = fill(Path(folder) / "store", asked.views, asked.items, asked.seed)
        figures = measure(store, rounds=asked.rounds, seed=asked.seed)
    result = {
        "question": f"exact top {K} items, {asked.views} views x {WIDTH} in {asked.items} items",
        "protocol": "interleaved; medians over rounds",
        "seed": asked.seed,
        "rounds": asked.rounds,
        **figures,
        "machine": describe(),
    }
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps({key: result[key] for key in ("ms", "ratios", "open_ms")}, indent=2))


if __name__ == "__main__":
    main()
