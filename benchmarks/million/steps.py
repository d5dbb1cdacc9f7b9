"""The steps until the store is full, and what its engine then answers; each is one function of the run."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.large_search import spread
from benchmarks.large_store import memory_mb
from benchmarks.million.photos import Photos, photos_of
from benchmarks.million.synthetic import ITEMS_A_COMMIT, VIEWS_AN_ITEM, synthetic_items

from lookalike.catalogue.reading import read_catalogue
from lookalike.embedding.quantising import quantise
from lookalike.embedding.zoo import model_path, open_embedder
from lookalike.evaluation.upgrade import compare_versions
from lookalike.retrieval.engine import SearchEngine
from lookalike.retrieval.index.exact import ExactIndex
from lookalike.retrieval.indexing import index_catalogue
from lookalike.retrieval.loading import load_snapshot
from lookalike.retrieval.opening import open as open_store
from lookalike.retrieval.opening import open_for_indexing
from lookalike.retrieval.query import Query, QueryPhoto
from lookalike.retrieval.snapshot import Snapshot
from lookalike.retrieval.store import Store
from lookalike.retrieval.upgrade.upgrading import Upgrade

K, CHANGES, COMPARED = 10, 20, 200
Found = dict[str, Any]


@dataclass(frozen=True)
class Run:
    """What a run works on, and where."""

    folder: Path
    data: Path
    drawn: Path | None
    views: int
    photos: int

    @property
    def store(self) -> Path:
        return self.folder / "store"

    @property
    def small_model(self) -> Path:
        """The second model: the first one in int8."""
        return self.folder / "int8"

    def laid_out(self) -> Photos:
        told = json.loads((self.folder / "photos.json").read_text())
        return Photos(Path(told["table"]), [(item, path) for item, path in told["asked"]], told["counts"])


class Timed(dict[str, Any]):
    """Seconds by the clock and of this process's CPU, by name."""

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        begun, cpu = time.perf_counter(), time.process_time()
        yield
        self[f"{name}_s"] = round(time.perf_counter() - begun, 2)
        self[f"{name}_cpu_s"] = round(time.process_time() - cpu, 2)


def lay_out(run: Run) -> Found:
    """The table of photos."""
    found = photos_of(run.data, run.folder, run.photos, drawn=run.drawn)
    told = asdict(found) | {"table": str(found.table)}
    (run.folder / "photos.json").write_text(json.dumps(told))
    return {"photos_by_set": found.counts, "photos_kept_back": len(found.asked)}


def index_photos(run: Run) -> Found:
    """The photos into the store, by the default model."""
    timed = Timed()
    store, embedder = open_for_indexing(run.store)
    with timed.of("index"):
        report = index_catalogue(read_catalogue(run.laid_out().table), store, embedder)
    return {**timed, "embedded": report.embedded, "failed": len(report.failed), "model": store.fingerprint}


def prepare_second(run: Run) -> Found:
    """A second version for the same model in int8, begun while the store holds the photos alone."""
    timed = Timed()
    views = [view for item in read_catalogue(run.laid_out().table) for view in item.views][::50]
    with timed.of("quantise"):
        quantise(model_path("default"), views, run.small_model)
    with timed.of("second_version_of_photos"):
        done = Upgrade(run.store).start(open_embedder(run.small_model), str(run.small_model))
    return {**timed, "embedded_again": done.embedded, "missing": len(done.missing)}


def fill(run: Run) -> Found:
    """Synthetic items into both versions, until there are enough views."""
    timed = Timed()
    for name, store in zip(("fill", "fill_second"), Upgrade(run.store).both(), strict=True):
        embedded = embedded_only(run, store)
        have = store.counts().items - len(embedded)
        with timed.of(name), store.writing() as writer:
            wanted = run.views - len(embedded.matrix)
            assert have % ITEMS_A_COMMIT == 0 or have >= wanted // VIEWS_AN_ITEM
            for items, vectors in synthetic_items(embedded, store.card, wanted, first=have // ITEMS_A_COMMIT):
                writer.put(items, vectors)
    counts = Store.open(run.store).counts()
    return {**timed, "items": counts.items, "views": counts.views}


def embedded_only(run: Run, store: Store) -> Snapshot:
    """The photos' own snapshot, kept from before the filling so that a stopped one goes on alike."""
    kept = run.folder / f"embedded-{store.card.precision}.npz"
    snapshot = load_snapshot(store) if not kept.exists() else None
    if snapshot is not None:
        names = ("matrix", "starts", "item_ids", "attributes_json", "records", "record_starts")
        np.savez(kept, **{name: np.asarray(getattr(snapshot, name)) for name in names})
    with np.load(kept) as arrays:
        return Snapshot(run.store, store.id, 0, store.fingerprint, **dict(arrays))


def open_engine(run: Run) -> Found:
    """The first opening, which lays out and learns the codes, and the next, which maps what it left."""
    timed = Timed()
    shutil.rmtree(run.store / "derived", ignore_errors=True)
    before = memory_mb()
    with timed.of("open_first"):
        engine = open_store(run.store)
    del engine
    with timed.of("open_mapped"):
        engine = open_store(run.store)
    measured = getattr(engine.serving.index, "measured", None)
    return {
        **timed,
        "memory_before_mb": before,
        "memory_opened_mb": memory_mb(),
        "codes": None if measured is None else asdict(measured),
        "store_file_mb": round(sum(one.stat().st_size for one in run.store.glob("store.sqlite*")) / 1e6),
        "derived_mb": round(
            sum(one.stat().st_size for one in run.store.rglob("derived/*/*") if one.is_file()) / 1e6
        ),
    }


def search_by_photo(run: Run) -> Found:
    """The photos that were kept back: is their item found among all, and among the photos alone?"""
    engine = open_store(run.store)
    asked = run.laid_out().asked
    embedder = engine.embedder
    whole_ms, vectors, ranks = [], [], []
    for item, path in asked:
        begun = time.perf_counter()
        found = engine.search(path, K)
        whole_ms.append(1e3 * (time.perf_counter() - begun))
        ranks.append(found.items.index(item) + 1 if item in found.items else 0)
        vectors.append(embedder.encode([_photo(path, embedder.card.size_px)]))
    times = {
        "plain": _milliseconds(engine, vectors),
        "filter_real_photos": _milliseconds(engine, vectors, where={"set": ["clothing", "drawn", "luma"]}),
        "filter_a_thousandth": _milliseconds(engine, vectors, where={"price": 7.0}),
    }
    exact = ExactIndex(engine.snapshot)
    some = vectors[::4]
    overlap = np.mean(
        [
            len({one.place for one in mine} & {one.place for one in theirs}) / K
            for mine, theirs in zip(
                engine.serving.index.nearest(some, K), exact.nearest(some, K), strict=True
            )
        ]
    )
    photos_alone = _ranks_among_photos(engine, vectors, [item for item, _ in asked])
    return {
        "photo_to_items_ms": spread(whole_ms),
        "search_ms": times,
        "item_recall_at_10_of_exact": round(float(overlap), 4),
        "memory_searched_mb": memory_mb(),
        "right_item_first_of_all": _share(ranks, 1),
        "right_item_in_ten_of_all": _share(ranks, K),
        "right_item_first_of_photos": _share(photos_alone, 1),
        "right_item_in_ten_of_photos": _share(photos_alone, K),
    }


def _photo(path: str, size_px: int) -> Any:
    from lookalike.catalogue.photos import read_photo

    return read_photo(Path(path), size_px=size_px)


def _share(ranks: list[int], most: int) -> float:
    return round(sum(0 < rank <= most for rank in ranks) / len(ranks), 4)


def _milliseconds(engine: SearchEngine, vectors: list[np.ndarray], **options: Any) -> dict[str, float]:
    times = []
    for vector in vectors:
        query = Query(photos=(QueryPhoto(b"x"),), **options)
        begun = time.perf_counter()
        engine.search_embedded(query, vector, K)
        times.append(1e3 * (time.perf_counter() - begun))
    return spread(times)


def _ranks_among_photos(engine: SearchEngine, vectors: list[np.ndarray], wanted: list[str]) -> list[int]:
    allowed = np.array([not name.startswith("synthetic/") for name in engine.snapshot.ids])
    ids = engine.snapshot.ids
    ranks = []
    for hits, item in zip(engine.serving.index.nearest(vectors, K, allowed=allowed), wanted, strict=True):
        names = [ids[hit.place] for hit in hits]
        ranks.append(names.index(item) + 1 if item in names else 0)
    return ranks


def change(run: Run) -> Found:
    """Milliseconds from an item's photo to its being found, from its removal to its being gone; and words."""
    from lookalike.catalogue.items import Item, View

    engine = open_store(run.store)
    timed = Timed()
    with timed.of("words_first"):
        engine.search(Query(words="synthetic thing"), K)
    added, removed, words = [], [], []
    for number, (_, path) in enumerate(run.laid_out().asked[:CHANGES]):
        added.append(_ms(lambda p=path, n=number: engine.add(Item(f"new/{n}", (View(Path(p)),)))))
        assert engine.search(path, 1).items == (f"new/{number}",)
        words.append(_ms(lambda: engine.search(Query(words="synthetic thing"), K)))
        removed.append(_ms(lambda n=number: engine.remove([f"new/{n}"])))
    return {
        **timed,
        "add_ms": spread(added),
        "remove_ms": spread(removed),
        "words_after_a_change_ms": spread(words),
    }


def _ms(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return 1e3 * (time.perf_counter() - begun)


def compare(run: Run) -> Found:
    """The second version made ready, and both asked the same."""
    timed = Timed()
    upgrade = Upgrade(run.store)
    with timed.of("upgrade_start_again"):
        done = upgrade.start(open_embedder(run.small_model), str(run.small_model))
    with timed.of("compare"):
        found = compare_versions(*upgrade.both(), queries=COMPARED)
    gains = {gain.name: round(gain.difference.value, 4) for gain in found.gains}
    return {
        **timed,
        "embedded_then": done.embedded,
        "compared_queries": found.queries,
        "overlap_of_versions": round(found.overlap.value, 4),
        "new_less_old": gains,
    }
