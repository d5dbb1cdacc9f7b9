"""A compressed index goes on through adds and deletes: no build, no exact scan, nothing stale found."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.contracts.test_indexes import snapshot_of
from tests.retrieval.conftest import TinyEmbedder

from lookalike.catalogue.items import Catalogue, Item, View
from lookalike.errors import SettingsError
from lookalike.retrieval.engine import SearchEngine
from lookalike.retrieval.index.exact import ExactIndex
from lookalike.retrieval.index.rescoring import Scoring
from lookalike.retrieval.indexing import index_catalogue
from lookalike.retrieval.records import StoredItem, StoredView
from lookalike.retrieval.store import Store

pytest.importorskip("faiss", reason="needs the scale extra")

from lookalike.retrieval import loading, merging
from lookalike.retrieval.index import compressed
from lookalike.retrieval.index.codes import lists_of
from lookalike.retrieval.index.compressed import CompressedIndex
from lookalike.retrieval.layered import LayeredMatrix
from lookalike.retrieval.snapshot import Identity

WIDTH, ITEMS = 32, 1500


@pytest.fixture(autouse=True)
def large(monkeypatch):
    """Every catalogue of the tests counts as large."""
    monkeypatch.setattr(merging, "LAYERED_FROM", 0)
    monkeypatch.setattr(compressed, "FEWEST_VIEWS", 1000)


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def snapshot():
    rng = np.random.default_rng(5)
    centres = rng.standard_normal((40, WIDTH))[rng.integers(40, size=ITEMS)]
    centres += 0.8 * rng.standard_normal((ITEMS, WIDTH))
    counts = rng.integers(1, 8, ITEMS)
    rows = np.repeat(centres, counts, axis=0) + 0.3 * rng.standard_normal((counts.sum(), WIDTH))
    return snapshot_of(unit(rows), counts.tolist())


@pytest.fixture(scope="module")
def index(snapshot):
    return CompressedIndex(snapshot)


def change(snapshot, rng, *, gone, added):
    """The snapshot after some of its items went and new ones came."""
    lost = rng.choice(snapshot.ids, gone, replace=False).tolist()
    news = [
        StoredItem(f"item-{rng.integers(ITEMS):04}-new-{number}", (StoredView(f"n{number}", Path("/x")),) * 2)
        for number in range(added)
    ]
    news.sort(key=lambda item: item.id)
    matrix = unit(rng.standard_normal((2 * added, WIDTH)))
    identity = Identity(Path("/store"), "id", snapshot.version + 1, "test@0")
    return merging.merge(identity, snapshot, lost, news, matrix)


def asked(snapshot, count):
    rng = np.random.default_rng(6)
    rows = snapshot.matrix[rng.integers(len(snapshot.matrix), size=count)]
    return list(unit(rows[:, None] + 0.1 * rng.standard_normal((count, 1, WIDTH))))


def recall(found, exact):
    return np.mean(
        [len({h.place for h in f} & {h.place for h in e}) / len(e) for f, e in zip(found, exact, strict=True)]
    )


def test_after_changes_it_finds_what_exact_search_finds_without_a_build_or_an_exact_scan(
    index, snapshot, monkeypatch
):
    rng = np.random.default_rng(1)
    now, here = index, snapshot
    monkeypatch.setattr(compressed, "built", lambda *_: pytest.fail("built again"))
    for _ in range(3):
        here = change(here, rng, gone=8, added=6)
        now = now.after(here)
    monkeypatch.setattr(now._exact, "_candidates", lambda *_, **__: pytest.fail("scanned exactly"))
    questions = asked(here, 60)
    allowed = rng.random(len(here)) < 0.5
    for passing in (None, allowed):
        found = now.nearest(questions, 10, allowed=passing)
        exact = ExactIndex(here).nearest(questions, 10, allowed=passing)
        assert recall(found, exact) > 0.985
    fresh = [here.places[name] for name in here.ids if "new" in name]
    for place in fresh:
        (hits,) = now.nearest([here.vectors(place)[:1]], 1)
        assert hits[0].place == place


def test_an_item_that_is_gone_is_found_no_more_and_one_that_changed_by_its_new_views(index, snapshot):
    identity = Identity(Path("/store"), "id", 2, "test@0")
    changed = StoredItem("item-0007", (StoredView("other", Path("/x")),))
    vector = unit(np.random.default_rng(3).standard_normal((1, WIDTH)))
    here = merging.merge(identity, snapshot, ["item-0003"], [changed], vector)
    now = index.after(here)
    (hits,) = now.nearest([snapshot.vectors(3)[:1]], 10)
    assert "item-0003" not in {here.ids[hit.place] for hit in hits}
    (hits,) = now.nearest([vector], 1)
    assert (here.ids[hits[0].place], hits[0].score) == ("item-0007", pytest.approx(1, abs=1e-6))
    (hits,) = now.nearest([snapshot.vectors(7)[:1]], 10)
    assert all(hit.score < 0.999 for hit in hits if here.ids[hit.place] == "item-0007")


def test_an_engine_adds_and_removes_over_its_codes_until_much_has_changed(tmp_path, monkeypatch):
    from tests.retrieval.conftest import draw

    monkeypatch.setattr(compressed, "FEWEST_VIEWS", 1)
    embedder = TinyEmbedder()
    store = Store.create(tmp_path / "store", card=embedder.card)
    photos = [draw(tmp_path / f"{number}.png", number, size=16) for number in range(1100)]
    items = tuple(Item(f"item-{number:04}", (View(path),)) for number, path in enumerate(photos))
    index_catalogue(Catalogue(items, source="drawn"), store, embedder)
    engine = SearchEngine(embedder, store)
    codes = engine.serving.index.codes
    assert codes is not None
    extra = draw(tmp_path / "extra.png", 5000, size=16)
    engine.add(Item("extra", (View(extra),)))
    assert engine.serving.index.codes is codes
    assert isinstance(engine.snapshot.matrix, LayeredMatrix)
    assert engine.search(extra, 1).items == ("extra",)
    engine.remove(["extra", "item-0003"])
    assert engine.serving.index.codes is codes
    assert "item-0003" not in engine.search(photos[3], 5).items
    monkeypatch.setattr(compressed, "built", lambda *_: pytest.fail("built again"))
    again = SearchEngine(embedder, Store.open(store.folder))
    assert again.snapshot.version > 1
    assert again.search(photos[5], 3).to_dict() == engine.search(photos[5], 3).to_dict()
    monkeypatch.undo()
    monkeypatch.setattr(compressed, "FEWEST_VIEWS", 1)
    monkeypatch.setattr(merging, "LAYERED_FROM", 0)
    monkeypatch.setattr(loading, "MOST_CHANGED", 0.0)
    engine.remove(["item-0004"])
    assert not isinstance(engine.snapshot.matrix, LayeredMatrix), "laid out anew"
    assert engine.serving.index.codes is not codes
    assert engine.search(photos[5], 1).items == ("item-0005",)
    assert engine.snapshot.ids == SearchEngine(embedder, Store.open(store.folder)).snapshot.ids


def test_a_large_store_is_searched_exactly_where_that_is_asked_for_also_after_a_change(tmp_path, monkeypatch):
    from tests.retrieval.conftest import draw

    monkeypatch.setattr(compressed, "FEWEST_VIEWS", 1)
    monkeypatch.setattr(compressed, "built", lambda *_: pytest.fail("compressed"))
    embedder = TinyEmbedder()
    store = Store.create(tmp_path / "store", card=embedder.card)
    items = tuple(Item(f"item-{n}", (View(draw(tmp_path / f"{n}.png", n, size=16)),)) for n in range(12))
    index_catalogue(Catalogue(items, source="drawn"), store, embedder)
    engine = SearchEngine(embedder, store, exact=True)
    engine.remove(["item-3"])
    assert isinstance(engine.serving.index, ExactIndex)
    assert engine.search(tmp_path / "4.png", 1).items == ("item-4",)


def test_a_selective_filter_looks_at_the_views_that_it_leaves_and_no_others(snapshot, monkeypatch):
    class Watched:
        """Counts the rows that are read."""

        def __init__(self, matrix):
            self.matrix, self.read = matrix, 0
            self.shape = matrix.shape

        def __getitem__(self, which):
            rows = self.matrix[which]
            self.read += len(rows)
            return rows

        def __len__(self):
            return len(self.matrix)

    watched = Watched(snapshot.matrix)
    allowed = np.zeros(len(snapshot), bool)
    allowed[::50] = True
    some = ExactIndex(replace(snapshot, matrix=watched)).nearest(asked(snapshot, 1), 10, allowed=allowed)
    assert watched.read < 0.06 * len(snapshot.matrix)
    hidden = ExactIndex(snapshot)
    monkeypatch.setattr("lookalike.retrieval.index.exact.FEW_ALLOWED", 0.0)
    assert some == hidden.nearest(asked(snapshot, 1), 10, allowed=allowed)


@pytest.mark.parametrize("kind", ["pq", "binary", "sq8", "pca16", "first16", "lists"])
def test_every_kind_of_codes_is_measured_and_used_only_where_it_finds_enough(snapshot, kind):
    index = CompressedIndex(snapshot, kind=kind)
    assert index.measured.kind == kind
    questions = asked(snapshot, 40)
    exact = ExactIndex(snapshot).nearest(questions, 10)
    assert recall(index.nearest(questions, 10), exact) > 0.985


@pytest.mark.parametrize("kind", ["pq8", "pca", "pca32", "pca15", "first64", ""])
def test_kinds_that_are_none_are_refused_with_those_that_there_are(snapshot, kind):
    with pytest.raises(SettingsError) as refused:
        CompressedIndex(snapshot, kind=kind)
    assert "binary" in refused.value.hint


@pytest.fixture(scope="module")
def listed(snapshot):
    return CompressedIndex(snapshot, kind="lists")


def test_of_parted_codes_some_lists_are_scanned_and_for_more_items_more(snapshot, listed):
    assert 0 < listed.measured.probes < lists_of(listed.codes)
    assert listed._probes(4 * listed.measured.reach, None) == 4 * listed.measured.probes
    found = listed.nearest(asked(snapshot, 20), 200)
    assert recall(found, ExactIndex(snapshot).nearest(asked(snapshot, 20), 200)) > 0.985


@pytest.mark.parametrize("part", [30, 4])
@pytest.mark.parametrize("which", ["index", "listed"])
def test_a_filter_that_leaves_only_what_is_far_from_a_photo_keeps_its_recall(request, snapshot, which, part):
    codes, exact = request.getfixturevalue(which), ExactIndex(snapshot)
    for question in asked(snapshot, 10):
        far = np.ones(len(snapshot), bool)
        far[[hit.place for hit in exact.nearest([question], ITEMS // part)[0]]] = False
        wanted = exact.nearest([question], 10, allowed=far)
        assert recall(codes.nearest([question], 10, allowed=far), wanted) >= 0.9


def test_where_a_filter_leaves_only_the_far_the_way_of_pooling_photos_holds(snapshot, index):
    question, scoring = np.concatenate(asked(snapshot, 3)), Scoring(photos="mean")
    far = np.ones(len(snapshot), bool)
    far[[hit.place for hit in ExactIndex(snapshot).nearest([question], ITEMS // 2, scoring=scoring)[0]]] = (
        False
    )
    wanted = ExactIndex(snapshot).nearest([question], 10, allowed=far, scoring=scoring)
    assert index.nearest([question], 10, allowed=far, scoring=scoring) == wanted
