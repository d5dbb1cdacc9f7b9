"""Item search in large catalogues: compressed vectors against exact search, interleaved.

    python -m benchmarks.large_search [--views 1000000] [--rounds 40]

Synthetic views of width 256: items scatter around kinds, views around items (the shares of variance are
those that make R@1 of a left-out view about 0.9). Queries are new views of known items. Item recall@10 is
against exact search. Compressed: codes scanned whole; lists: those of them that are nearest. Vectors and
codes are in memory; reading a store is not part of it.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
from benchmarks.machine import describe

from lookalike.retrieval.index.base import Index
from lookalike.retrieval.index.compressed import CompressedIndex
from lookalike.retrieval.index.exact import ExactIndex
from lookalike.retrieval.index.rescoring import Hit
from lookalike.retrieval.snapshot import Identity, Row, Snapshot, assemble

RESULTS = Path(__file__).parent / "results"
SEED, WIDTH, K, BATCH, VIEWS_AN_ITEM = 0, 256, 10, 256, 6
ITEM_SPREAD, VIEW_SPREAD = 0.6, 0.5


def unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def catalogue(views: int, rng: np.random.Generator) -> tuple[Snapshot, np.ndarray]:
    """A snapshot, and a batch of queries."""
    items = views // VIEWS_AN_ITEM
    cuts = np.sort(rng.choice(np.arange(1, views), items - 1, replace=False))
    counts = np.diff(np.concatenate([[0], cuts, [views]]))
    kinds = rng.standard_normal((max(10, items // 100), WIDTH), dtype=np.float32)
    centres = kinds[rng.integers(len(kinds), size=items)]
    centres += np.float32(ITEM_SPREAD) * rng.standard_normal((items, WIDTH), dtype=np.float32)
    matrix = np.empty((views, WIDTH), np.float32)
    item_of = np.repeat(np.arange(items), counts)
    for start in range(0, views, 100_000):
        part = centres[item_of[start : start + 100_000]]
        matrix[start : start + 100_000] = unit(
            part + np.float32(VIEW_SPREAD) * rng.standard_normal(part.shape, dtype=np.float32)
        )
    asked = centres[rng.integers(items, size=BATCH)]
    asked = unit(asked + np.float32(VIEW_SPREAD) * rng.standard_normal(asked.shape, dtype=np.float32))
    rows = [Row(f"item-{number:07}", {}, int(count), b"{}") for number, count in enumerate(counts)]
    return assemble(Identity(Path("memory"), "benchmark", 1, "synthetic@0"), rows, matrix), asked


def milliseconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return 1e3 * (time.perf_counter() - begun)


def spread(times: list[float]) -> dict[str, float]:
    return {f"p{share}": round(float(np.percentile(times, share)), 3) for share in (50, 95, 99)}


def share_of(found: list[list[Hit]], exact: list[list[Hit]]) -> float:
    """Item recall@10."""
    pairs = zip(found, exact, strict=True)
    return float(np.mean([len({hit.place for hit in f} & {hit.place for hit in e}) / K for f, e in pairs]))


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--views", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=40)
    asked = parser.parse_args()
    snapshot, queries = catalogue(asked.views, np.random.default_rng(SEED))
    before_mb = peak_mb()
    begun, begun_cpu = time.perf_counter(), time.process_time()
    compressed = CompressedIndex(snapshot)
    build_s, build_cpu_s = time.perf_counter() - begun, time.process_time() - begun_cpu
    begun = time.perf_counter()
    listed = CompressedIndex(snapshot, kind="lists")
    lists_build_s = time.perf_counter() - begun
    indexes: dict[str, Index] = {"exact": ExactIndex(snapshot), "compressed": compressed, "lists": listed}
    several = [row[None] for row in queries]
    found = {name: index.nearest(several, K) for name, index in indexes.items()}
    recall = share_of(found["compressed"], found["exact"])
    single: dict[str, list[float]] = {name: [] for name in indexes}
    batch: dict[str, list[float]] = {name: [] for name in indexes}
    for turn in range(asked.rounds):
        for name, index in indexes.items():
            one = [several[turn % BATCH]]
            single[name].append(milliseconds(lambda at=index, q=one: at.nearest(q, K)))
            if turn < 5:
                batch[name].append(milliseconds(lambda at=index: at.nearest(several, K)))
    result = {
        "protocol": __doc__,
        "machine": describe(),
        "load_average": os.getloadavg()[0],
        "seed": SEED,
        "views": asked.views,
        "items": len(snapshot),
        "rounds": asked.rounds,
        "build_seconds": round(build_s, 1),
        "build_cpu_seconds": round(build_cpu_s, 1),
        "extra_mb": round(peak_mb() - before_mb),
        "code_bytes_a_view": int(compressed.codes.code_size),
        "measured_when_built": {
            "item_recall_at_10": round(compressed.measured.recall, 4),
            "reach": compressed.measured.reach,
        },
        "lists": {
            "build_seconds": round(lists_build_s, 1),
            "measured_when_built": asdict(listed.measured),
            "item_recall_at_10": round(share_of(found["lists"], found["exact"]), 4),
        },
        "item_recall_at_10": round(recall, 4),
        "single_ms": {name: spread(times) for name, times in single.items()},
        "queries_per_s_of_256": {
            name: round(BATCH / float(np.median(times)) * 1e3) for name, times in batch.items()
        },
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"large_search_{asked.views}.json").write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps({key: value for key, value in result.items() if key != "protocol"}, indent=2))


if __name__ == "__main__":
    main()
