"""A store of a million views, from its file to its answers: filled, opened, searched, changed, upgraded.

    python -m benchmarks.large_store [--views 1000000] [--folder FOLDER]

The vectors are synthetic (see ``large_search``), 256 wide; items have a category and a price. Their photos do
not exist, so nothing is embedded here: ``fill`` is the store's own share of indexing. The second version
holds the same items with other vectors. Private memory is what no other process shares (Private_Clean +
Private_Dirty of /proc/self/smaps_rollup, so the mapped pages that only this process looks at are in it); the
anonymous part is what the system cannot take back.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from benchmarks.large_search import RESULTS, SEED, WIDTH, K, catalogue, spread, unit
from benchmarks.machine import describe

from lookalike.embedding import zoo
from lookalike.embedding.card import Card
from lookalike.evaluation.upgrade import compare_versions
from lookalike.retrieval.engine import SearchEngine
from lookalike.retrieval.query import Query, QueryPhoto
from lookalike.retrieval.records import StoredItem, StoredView
from lookalike.retrieval.snapshot import Snapshot
from lookalike.retrieval.store import Store
from lookalike.retrieval.upgrade.upgrading import Upgrade
from lookalike.retrieval.versions import Pointer, home_of_version, read_pointer, version_name, write_pointer

ITEMS_A_COMMIT, CHANGES, SEARCHES = 2_000, 20, 200
SHIFT = 0.02
"""Standard deviation of each coordinate by which the second model's vectors are off the first one's."""
CATEGORIES = ("cups", "hats", "lamps", "chairs")


class Named:
    """Stands for a model: only its card is asked here."""

    def __init__(self, name: str) -> None:
        self.card = Card(name=name, width=WIDTH, size_px=224, model_digest=name)


def item(number: int, views: int) -> StoredItem:
    facts = {"category": CATEGORIES[number % 4], "price": float(number % 1000)}
    looks = tuple(
        StoredView(f"{number:07}-{view:02}", Path(f"/photos/{number}/{view}.jpg")) for view in range(views)
    )
    return StoredItem(f"item-{number:07}", looks, facts, "synthetic")


def fill(store: Store, drawn: Snapshot) -> None:
    with store.writing() as writer:
        for first in range(0, len(drawn), ITEMS_A_COMMIT):
            places = range(first, min(first + ITEMS_A_COMMIT, len(drawn)))
            items = [item(place, int(drawn.starts[place + 1] - drawn.starts[place])) for place in places]
            vectors = {
                view.key: vector
                for place, one in zip(places, items, strict=True)
                for view, vector in zip(one.views, drawn.vectors(place), strict=True)
            }
            writer.put(items, vectors)


def memory_mb() -> dict[str, float]:
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()[1:]
    kb = {line.split(":")[0]: int(line.split()[1]) for line in lines}
    return {
        "private": round((kb["Private_Clean"] + kb["Private_Dirty"]) / 1024),
        "anonymous": round(kb["Anonymous"] / 1024),
    }


class Times(dict[str, float]):
    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        begun, cpu = time.perf_counter(), time.process_time()
        yield
        self[name] = round(time.perf_counter() - begun, 3)
        self[f"{name}_cpu"] = round(time.process_time() - cpu, 3)
        print(f"{name}: {self[name]} s ({self[f'{name}_cpu']} CPU-s)", flush=True)


def searched(engine: SearchEngine, queries: np.ndarray, **options: object) -> dict[str, float]:
    times = []
    for number in range(SEARCHES):
        query = Query(photos=(QueryPhoto(b"x"),), **options)
        begun = time.perf_counter()
        engine.search_embedded(query, queries[number % len(queries)][None], K)
        times.append(1e3 * (time.perf_counter() - begun))
    return spread(times)


def changed(engine: SearchEngine, rng: np.random.Generator, views: int) -> dict[str, float]:
    """Milliseconds from an item that is written, or removed, to its being found, or not."""
    added, removed = [], []
    for number in range(CHANGES):
        one = item(10_000_000 + number, views)
        vectors = unit(rng.standard_normal((views, WIDTH))).astype(np.float32)
        begun = time.perf_counter()
        with engine.store.writing() as writer:
            writer.put([one], {view.key: vector for view, vector in zip(one.views, vectors, strict=True)})
        engine.refresh()
        added.append(1e3 * (time.perf_counter() - begun))
        found = engine.search_embedded(Query(photos=(QueryPhoto(b"x"),)), vectors[:1], 1)
        assert found[0].item == one.id
        begun = time.perf_counter()
        engine.remove([one.id])
        removed.append(1e3 * (time.perf_counter() - begun))
    return {"add": spread(added)["p50"], "remove": spread(removed)["p50"]}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--views", type=int, default=1_000_000)
    parser.add_argument(
        "--folder", type=Path, default=None, help="Kept; a temporary one that goes if absent."
    )
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="large-store-"))
    try:
        result = measured(folder / "store", given.views)
    finally:
        if given.folder is None:
            shutil.rmtree(folder)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"large_store_{given.views}.json").write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps({key: value for key, value in result.items() if key != "protocol"}, indent=2))


def measured(folder: Path, views: int) -> dict[str, object]:
    zoo.open_embedder = lambda name, **_: Named(str(name))  # type: ignore[assignment]
    old, new = Named("old"), Named("new")
    times = Times()
    drawn, queries = catalogue(views, np.random.default_rng(SEED))
    store = Store.create(folder, card=old.card, model="old")
    with times.of("fill"):
        fill(store, drawn)
    shifted, _ = catalogue(views, np.random.default_rng(SEED))
    noise = np.random.default_rng(SEED + 1)
    home = home_of_version(folder, version_name(new.card.fingerprint))
    beside = Store.create(folder, card=new.card, model="new", home=home)
    matrix = unit(
        shifted.matrix + np.float32(SHIFT) * noise.standard_normal(shifted.matrix.shape, np.float32)
    )
    object.__setattr__(shifted, "matrix", matrix)
    with times.of("fill_second_version"):
        fill(beside, shifted)
    write_pointer(folder, Pointer(read_pointer(folder).serving, None, version_name(new.card.fingerprint)))
    del drawn, shifted, matrix
    before = memory_mb()
    with times.of("open_first_time"):
        engine = SearchEngine(old, store)
    del engine
    with times.of("open_mapped"):
        engine = SearchEngine(old, Store.open(folder))
    after = memory_mb()
    single = {
        "plain": searched(engine, queries),
        "half_filtered": searched(engine, queries, where={"category": ["cups", "hats"]}),
        "one_in_a_thousand": searched(engine, queries, where={"price": 7.0}),
    }
    in_use = memory_mb()
    change_ms = changed(engine, np.random.default_rng(SEED + 2), 6)
    after_changes = searched(engine, queries)
    with times.of("compare_versions_200_queries"):
        found = compare_versions(store, beside, queries=200)
    with times.of("switch"):
        Upgrade(folder).switch()
    with times.of("engine_follows"):
        engine.refresh()
    assert engine.embedder.card.name == "new"
    with times.of("rollback"):
        Upgrade(folder).rollback()
    return {
        "protocol": __doc__,
        "machine": describe(),
        "load_average": os.getloadavg()[0],
        "seed": SEED,
        "views": views,
        "items": len(engine),
        "seconds": times,
        "single_ms": single,
        "single_ms_after_changes": after_changes,
        "change_to_answer_ms": change_ms,
        "memory_mb": {"before_opening": before, "opened": after, "searched": in_use},
        "store_mb": round(sum(path.stat().st_size for path in folder.glob("store.sqlite*")) / 1e6),
        "overlap_of_versions": round(found.overlap.value, 3),
    }


if __name__ == "__main__":
    main()
