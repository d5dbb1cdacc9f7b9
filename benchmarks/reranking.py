"""Second looks: what each brings to recall, and what it costs.

    python -m benchmarks.reranking [--data ../shared/data] [--only luma ...] [--model NAME_OR_FOLDER]

One view of each item with several is left out and asked, two draws, 200 queries a catalogue at most; grocery:
300 shelf photos against the shop's own pictures. Milliseconds are of one thread, for one query, beside the
first ranking. Writes results/reranking.json and the table of docs/studies/reranking.md.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from benchmarks.machine import describe
from benchmarks.pages import put_table
from benchmarks.stores import engine_of

from lookalike.evaluation.bootstrap import bootstrap, mean_of, paired_bootstrap
from lookalike.evaluation.left_out import leave_out
from lookalike.retrieval.engine import SearchEngine
from lookalike.retrieval.index.exact import ExactIndex
from lookalike.retrieval.index.rescoring import Scoring
from lookalike.retrieval.reranking.base import Reranker, Shortlist
from lookalike.retrieval.reranking.diffusion import Diffusion
from lookalike.retrieval.reranking.diversity import Diversity
from lookalike.retrieval.reranking.expansion import Expansion
from lookalike.retrieval.reranking.reciprocal import Reciprocal
from lookalike.retrieval.snapshot import Identity, Row, Snapshot, assemble

RESULTS = Path(__file__).parent / "results" / "reranking.json"
PAGE = Path(__file__).parents[1] / "docs" / "studies" / "reranking.md"
NAMES = ("luma", "turntable", "demo", "shop_samples", "grocery")
LOOKS: dict[str, Reranker] = {
    "expand": Expansion(),
    "reciprocal": Reciprocal(),
    "diffuse": Diffusion(),
    "diverse": Diversity(),
}
DRAWS, MOST, SHELF, DEPTH = 2, 200, 300, 200

Question = tuple[Snapshot, int, np.ndarray]  # gallery, place of the right item, vector


def questions(engine: SearchEngine, name: str) -> Iterator[Question]:
    if name == "grocery":
        yield from shelf_photos(engine.snapshot)
        return
    for draw in range(DRAWS):
        left = leave_out(engine.snapshot, seed=draw)
        for place, vector in list(zip(left.places.tolist(), left.vectors, strict=True))[: MOST // DRAWS]:
            yield left.gallery, place, vector


def shelf_photos(snapshot: Snapshot) -> Iterator[Question]:
    """Shop pictures as the gallery, shelf photos drawn evenly as questions."""
    rows, keep, asked = [], np.zeros(len(snapshot.matrix), bool), []
    for place in range(len(snapshot)):
        record = snapshot.record(place)
        shop = [n for n, view in enumerate(record.views) if view.attributes.get("split") == "shop"]
        if shop:
            keep[snapshot.starts[place] + shop[0]] = True
            number = len(rows)
            rows.append(Row(record.id, record.attributes, 1, b"{}"))
            asked += [(number, snapshot.starts[place] + n) for n in range(len(record.views)) if n not in shop]
    identity = Identity(snapshot.folder, snapshot.store_id, snapshot.version, snapshot.fingerprint)
    gallery = assemble(identity, rows, snapshot.matrix[keep])
    for number in np.random.default_rng(0).permutation(len(asked))[:SHELF]:
        place, row = asked[number]
        yield gallery, place, snapshot.matrix[row]


def measured(engine: SearchEngine, name: str) -> dict[str, object]:
    found: dict[str, list[float]] = {look: [] for look in ["first ranking", *LOOKS]}
    spent = dict.fromkeys(LOOKS, 0.0)
    items = []
    for gallery, place, vector in questions(engine, name):
        items.append(place)
        (hits,) = ExactIndex(gallery).nearest([vector[None]], DEPTH)
        first = Shortlist(vector[None], tuple(hits), gallery, Scoring())
        found["first ranking"].append(place_of(first, place))
        for look, reranker in LOOKS.items():
            begun = time.perf_counter()
            again = reranker.rerank(first)
            spent[look] += time.perf_counter() - begun
            found[look].append(place_of(again, place))
    groups, told = np.array(items), {}
    plain = np.array(found["first ranking"])
    for look, places in found.items():
        at = np.array(places)
        facts: dict[str, object] = {}
        for figure, values, base in (
            ("R@1", at == 1, plain == 1),
            ("R@5", at <= 5, plain <= 5),
            ("MRR", 1 / at, 1 / plain),
        ):
            one = bootstrap(mean_of(values.astype(float)), groups)
            gain = paired_bootstrap(mean_of(values.astype(float)), mean_of(base.astype(float)), groups)
            facts[figure] = [one.value, one.low, one.high, gain.value, gain.low, gain.high]
        facts["ms"] = 1000 * spent.get(look, 0.0) / len(items)
        told[look] = facts
    return {"queries": len(items), "looks": told}


def place_of(shortlist: Shortlist, place: int) -> float:
    places = [hit.place for hit in shortlist.hits]
    return places.index(place) + 1 if place in places else float("inf")


def table_of(results: dict[str, dict]) -> str:
    lines = ["| catalogue | second look | R@1 | less the first ranking | R@5 | MRR | ms |", "|---" * 7 + "|"]
    for name, one in results.items():
        for look, facts in one["looks"].items():
            value, low, high, gain, worse, better = facts["R@1"]
            against = "" if look == "first ranking" else f"{gain:+.3f} [{worse:+.3f}, {better:+.3f}]"
            cost = "" if look == "first ranking" else f"{facts['ms']:.1f}"
            lines.append(
                f"| {name} ({one['queries']} queries) | {look} "
                f"| {value:.3f} [{low:.2f}, {high:.2f}] | {against} "
                f"| {facts['R@5'][0]:.3f} | {facts['MRR'][0]:.3f} | {cost} |"
            )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--only", nargs="*", default=list(NAMES))
    parser.add_argument("--model", default="default")
    options = parser.parse_args()
    results = {}
    for name in options.only:
        results[name] = measured(engine_of(options.data, name, model=options.model), name)
        print(table_of({name: results[name]}), flush=True)
    if options.only == list(NAMES):
        RESULTS.write_text(json.dumps({"machine": describe(), "catalogues": results}, indent=2) + "\n")
        put_table(PAGE, "looks", table_of(results))


if __name__ == "__main__":
    main()
