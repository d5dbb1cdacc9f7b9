"""How long a column of a large store takes to be learned and predicted: 100,000 and a million views.

    python -m benchmarks.categories_large [--views 100000 1000000]

Synthetic vectors of width 256 (`benchmarks.large_search`); an item's category is that of 40 drawn directions
which its mean view is nearest to, so top-1 says only that what was learned is right. The first prediction
includes all learning; it is what a user waits for who asks a fresh store. Photos are not embedded here; the
vectors are taken for the default model's, so that its balances of colour and shape are tried, too.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.large_search import SEED, WIDTH, catalogue
from benchmarks.large_store import item
from benchmarks.machine import describe
from benchmarks.pages import put_table

from lookalike.embedding.zoo import open_embedder
from lookalike.retrieval.categories.categoriser import Categoriser
from lookalike.retrieval.categories.labels import labels_of, predictable
from lookalike.retrieval.categories.predicting import Categorisers, scales_of
from lookalike.retrieval.records import StoredItem
from lookalike.retrieval.snapshot import Identity, Row, Snapshot, assemble

RESULTS = Path(__file__).parent / "results" / "categories_large.json"
PAGE = Path(__file__).parents[1] / "docs" / "studies" / "categories.md"
KINDS, ASKED = 40, 64


def with_categories(drawn: Snapshot) -> Snapshot:
    """The items with a category each."""
    directions = np.random.default_rng(SEED + 1).standard_normal((KINDS, WIDTH)).astype(np.float32)
    counts = np.diff(drawn.starts)
    means = np.add.reduceat(drawn.matrix, drawn.starts[:-1]) / counts[:, None]
    kinds = (means @ directions.T).argmax(axis=1)
    rows = []
    for place, (views, kind) in enumerate(zip(counts.tolist(), kinds.tolist(), strict=True)):
        plain = item(place, views)
        facts = {"category": f"kind {kind:02}", "price": float(place % 1000)}
        rows.append(Row.of(StoredItem(plain.id, plain.views, facts, "synthetic")))
    identity = Identity(Path("memory"), "benchmark", 1, "synthetic@0")
    return assemble(identity, rows, np.array(drawn.matrix))


def seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    found = work()
    return time.perf_counter() - begun, found


def measured(views: int) -> dict[str, float]:
    card = open_embedder("default").card
    snapshot = with_categories(catalogue(views, np.random.default_rng(SEED))[0])
    which, _ = seconds(lambda: predictable(snapshot))
    reading, labels = seconds(lambda: labels_of(snapshot, "category"))
    scales = scales_of(card)
    learning, _ = seconds(lambda: Categoriser.learned(labels, scales=scales))
    kept = Categorisers(card)
    rows = np.random.default_rng(SEED + 2).integers(0, views, ASKED)
    first, _ = seconds(lambda: kept.predict(snapshot, snapshot.matrix[rows[:1]], "category"))
    again, right = [], []
    for row in rows:
        spent, told = seconds(lambda at=row: kept.predict(snapshot, snapshot.matrix[at][None], "category"))
        place = int(np.searchsorted(snapshot.starts, row, side="right")) - 1
        again.append(spent)
        right.append(told.best.value == snapshot.attributes[place]["category"])
    return {
        "views": views,
        "learned_from": len(labels.codes),
        "columns_s": round(which, 2),
        "reading_s": round(reading, 2),
        "learning_s": round(learning, 2),
        "first_s": round(first, 2),
        "again_ms": round(1e3 * float(np.median(again)), 2),
        "top_1": round(float(np.mean(right)), 3),
    }


def table(results: list[dict[str, float]]) -> str:
    head = (
        "views",
        "learned from",
        "which columns, s",
        "values read, s",
        "learned, s",
        "first photo, s",
        "each further, ms",
        "top-1",
    )
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    for one in results:
        cells = [f"{one['views']:,}", f"{one['learned_from']:,}"]
        cells += [f"{value}" for key, value in one.items() if key not in ("views", "learned_from")]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--views", type=int, nargs="*", default=[100_000, 1_000_000])
    options = parser.parse_args()
    machine, results = describe(), []
    for views in options.views:
        results.append(measured(views))
        print(results[-1], flush=True)
    RESULTS.write_text(json.dumps({"machine": machine, "seed": SEED, "large": results}, indent=2) + "\n")
    put_table(PAGE, "large", table(results))


if __name__ == "__main__":
    main()
