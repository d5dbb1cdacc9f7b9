"""Ways to compress the vectors of a large catalogue, against one another: size, reach, recall, time.

    python -m benchmarks.code_kinds [--views 100000]

The catalogue and the queries are those of ``large_search``. Each index measures its own recall when it is
built (views of the catalogue asked for other items); beside it stands the recall on new queries. Kinds that
do not reach 99.5% at any number of views would be searched exactly; here they are asked all the same, to
show what they find. The single queries of all kinds take turns.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.large_search import RESULTS, SEED, K, catalogue, milliseconds, spread
from benchmarks.machine import describe

from lookalike.retrieval.index.compressed import CompressedIndex
from lookalike.retrieval.index.exact import ExactIndex

KINDS = ("pq", "binary", "sq8", "pca128", "pca64", "first128", "lists")
QUERIES = 100
PAGE = Path(__file__).parents[1] / "docs" / "ideas" / "search.md"
BEGIN, END = "<!-- kinds -->", "<!-- end of kinds -->"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--views", type=int, default=100_000)
    given = parser.parse_args()
    snapshot, queries = catalogue(given.views, np.random.default_rng(SEED))
    asked = [row[None] for row in queries[:QUERIES]]
    exact = ExactIndex(snapshot).nearest(asked, K)
    indexes, rows = {}, {}
    for kind in KINDS:
        begun = time.process_time()
        index = indexes[kind] = CompressedIndex(snapshot, kind=kind)
        build_cpu_s = time.process_time() - begun
        index._useful = True
        found = index.nearest(asked, K)
        pairs = zip(found, exact, strict=True)
        recall = [len({hit.place for hit in mine} & {hit.place for hit in best}) / K for mine, best in pairs]
        rows[kind] = {
            "bytes_a_view": _size(index.codes),
            "reach": index.measured.reach,
            "measured": round(index.measured.recall, 4),
            "recall": round(float(np.mean(recall)), 4),
            "build_cpu_s": round(build_cpu_s, 1),
        }
    times: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for question in asked:
        for kind, index in indexes.items():
            times[kind].append(milliseconds(lambda at=index, one=question: at.nearest([one], K)))
    for kind in KINDS:
        rows[kind]["single_ms"] = spread(times[kind])
    result = {"protocol": __doc__, "machine": describe(), "seed": SEED, "views": given.views, "kinds": rows}
    (RESULTS / "code_kinds.json").write_text(json.dumps(result, indent=2) + "\n")
    lines = [
        f"| {given.views:,} synthetic views | bytes a view | views rescored "
        "| recall@10: measured when built, new queries | one photo, median |",
        "|---|---|---|---|---|",
    ]
    for kind, one in rows.items():
        recalls = f"{one['measured']:.3f}, {one['recall']:.3f}"
        size, reach, median = one["bytes_a_view"], one["reach"], one["single_ms"]["p50"]
        lines.append(f"| `{kind}` | {size} | {reach:,} | {recalls} | {median:.1f} ms |")
    print("\n".join(lines))
    page = PAGE.read_text()
    before, _, rest = page.partition(BEGIN)
    PAGE.write_text(before + BEGIN + "\n\n" + "\n".join(lines) + "\n\n" + END + rest.partition(END)[2])


def _size(codes: Any) -> int:
    import faiss

    inner = faiss.downcast_index(codes.index) if isinstance(codes, faiss.IndexPreTransform) else codes
    return int(inner.code_size)


if __name__ == "__main__":
    main()
