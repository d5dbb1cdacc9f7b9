"""The engine: photos in, ranked items out; what was added is found, what was removed is not."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from lookalike.catalogue.items import Catalogue, Item, View
from lookalike.errors import FingerprintMismatch, LookalikeError, PhotoError, QueryError, StoreError
from lookalike.retrieval.engine import SearchEngine
from lookalike.retrieval.filters import Between, parse_where
from lookalike.retrieval.indexing import index_catalogue
from lookalike.retrieval.query import Query, QueryPhoto
from lookalike.retrieval.searching import Asked
from lookalike.retrieval.store import Store


@pytest.fixture
def engine(catalogue, store, embedder) -> SearchEngine:
    index_catalogue(catalogue, store, embedder)
    return SearchEngine(embedder, store)


def test_each_view_finds_its_item_and_says_which_view_it_was(engine, catalogue):
    for item, view in catalogue.views():
        best = engine.search(view.path, k=1)[0]
        assert (best.item, best.view.id) == (item.id, view.id)
        assert best.score == pytest.approx(1)
        assert best.score == best.pair_score
        assert best.path == view.path


def test_k_items_are_k_items_however_many_views_they_have(engine, catalogue):
    ranking = engine.search(catalogue[4].views[0].path, k=4)
    assert len(ranking) == len(set(ranking.items)) == 4


def test_bytes_paths_and_text_are_the_same_photo(engine, catalogue):
    path = catalogue[2].views[1].path
    answers = [engine.search(given).items for given in (path, str(path), path.read_bytes(), QueryPhoto(path))]
    assert all(answer == answers[0] for answer in answers)


def test_several_photos_name_the_one_that_met(engine, catalogue):
    photos = [catalogue[0].views[0].path, catalogue[3].views[2].path]
    ranking = engine.search(photos, k=2)
    assert {match.item: match.photo for match in ranking} == {"item-0": 0, "item-3": 1}


def test_a_similar_item_is_not_the_item_itself(engine):
    assert "item-2" not in engine.similar("item-2", k=10).items
    assert len(engine.similar("item-2", k=10)) == 4


def test_filters_leave_only_what_fits(engine, catalogue):
    path = catalogue[0].views[0].path
    assert set(engine.search(path, where={"category": "hat"}).items) == {"item-3", "item-4"}
    assert set(engine.search(path, where={"price": Between(10, 20)}).items) == {"item-1", "item-2"}
    assert set(engine.search(path, where={"price": [0, "30"]}).items) == {"item-0", "item-3"}
    assert len(engine.search(path, where={"colour": "red"})) == 5
    assert len(engine.search(path, where={"colour": "blue"})) == 0


@pytest.mark.parametrize("where", [{"size": 3}, {"category": Between(1, 2)}, {"price": {"a": 1}}])
def test_a_filter_that_makes_no_sense_is_refused(engine, catalogue, where):
    with pytest.raises(QueryError):
        engine.search(catalogue[0].views[0].path, where=where)


@pytest.mark.parametrize("text", ["colour", "=red", "price=a..b", "price=3..2"])
def test_a_filter_in_text_that_makes_no_sense_is_refused(text):
    with pytest.raises(QueryError):
        parse_where([text])


@pytest.mark.parametrize("dial", [0.0, 0.3, 1.0])
def test_the_colour_dial_weighs_the_cosines_of_the_two_blocks(engine, catalogue, dial):
    photo = catalogue[1].views[0].path
    (asked,) = engine.snapshot.vectors(engine.snapshot.places["item-1"])[:1]
    for match in engine.search(Query(photos=(QueryPhoto(photo),), colour=dial), k=5):
        found = engine.snapshot.vectors(engine.snapshot.places[match.item])
        colour = found[:, :4] @ asked[:4] / 0.36
        shape = found[:, 4:] @ asked[4:] / 0.64
        assert match.score == pytest.approx((dial * colour + (1 - dial) * shape).max(), abs=1e-5)


def test_a_model_without_blocks_has_no_colour_dial(catalogue, tmp_path, other_embedder):
    store = Store.create(tmp_path / "other", card=other_embedder.card)
    index_catalogue(catalogue, store, other_embedder)
    with pytest.raises(QueryError, match="colour"):
        SearchEngine(other_embedder, store).search(catalogue[0].views[0].path, colour=0.5)


def test_the_lowest_score_and_the_excluded_items_hold(engine, catalogue):
    photo = catalogue[1].views[0].path
    everything = engine.search(photo)
    limit = everything[2].score
    assert engine.search(photo, min_score=limit).items == everything.items[:3]
    without = engine.search(Query(photos=(QueryPhoto(photo),), exclude=frozenset({"item-1", "nobody"})))
    assert set(without.items) == set(everything.items) - {"item-1"}


def test_a_crop_asks_only_for_that_part(engine, catalogue):
    photo = catalogue[1].views[0].path
    whole = engine.search(photo, k=1)[0].score
    part = engine.search(QueryPhoto(photo, crop=(0, 0, 0.5, 0.5)), k=1)[0].score
    assert part < whole


@pytest.mark.parametrize(
    "ask",
    [
        lambda engine: engine.search([]),
        lambda engine: engine.search(b"", k=0),
        lambda engine: engine.search(b"", colour=2.0),
        lambda engine: engine.search(3),
        lambda engine: engine.similar("nobody"),
        lambda engine: engine.search(QueryPhoto(b"", crop=(0.5, 0, 0.4, 1))),
        lambda engine: engine.search(Query(photos=(QueryPhoto(b""),), views="median")),
        lambda engine: engine.search(
            Query(photos=(QueryPhoto(b""),)), colour=0.5
        ),  # an option beside a Query
    ],
)
def test_a_question_that_cannot_be_answered_is_refused_in_words(engine, ask):
    with pytest.raises(QueryError) as error:
        ask(engine)
    assert error.value.hint


def test_a_query_that_is_no_photo_is_refused(engine, tmp_path):
    (tmp_path / "text.jpg").write_text("no photo")
    for broken in (tmp_path / "text.jpg", tmp_path / "missing.jpg", b"junk"):
        with pytest.raises(PhotoError):
            engine.search(broken)


def test_queries_that_come_together_are_answered_as_each_by_itself_and_none_suffers_by_another(engine):
    snapshot = engine.snapshot
    views = [snapshot.vectors(place)[0] for place in range(5)]
    photo = (QueryPhoto(b"photo"),)
    plain, filtered = Query(photos=photo), Query(photos=photo, where={"category": "hat"})
    several = [
        *(Asked(plain, view[None], 3) for view in views),
        Asked(plain, np.full((1, 20), np.nan, np.float32), 3),
        Asked(filtered, views[0][None], 3),
        Asked(Query(photos=photo, unlike_items=("item-1",)), views[0][None], 3),
        Asked(plain, views[1][None], 3, made_by="other@1"),
        Asked(Query(photos=photo, plus=("nobody",)), views[0][None], 3),
        Asked(Query(photos=photo * 2, min_score=0.5), np.stack(views[:2]), 2),
    ]

    def alone(asked: Asked) -> object:
        try:
            return engine.search_embedded(asked.query, asked.vectors, asked.k, made_by=asked.made_by)
        except LookalikeError as error:
            return type(error), str(error)

    together = engine.search_embedded_each(several)
    told = [(type(found), str(found)) if isinstance(found, LookalikeError) else found for found in together]
    assert told == [alone(asked) for asked in several]
    troubles = [type(found) for found in together if isinstance(found, LookalikeError)]
    assert troubles == [QueryError, FingerprintMismatch, QueryError]


def test_what_is_asked_alike_is_found_in_one_scan(engine, monkeypatch):
    scans: list[int] = []
    nearest = type(engine.serving.index).nearest

    def counted(index, questions, k, **how):
        scans.append(len(questions))
        return nearest(index, questions, k, **how)

    monkeypatch.setattr(type(engine.serving.index), "nearest", counted)
    view = engine.snapshot.vectors(0)
    engine.search_embedded_each([Asked(Query(photos=(QueryPhoto(b"photo"),)), view, k) for k in (1, 2, 3)])
    assert scans == [3]


def test_an_empty_store_says_how_to_fill_it(store, embedder):
    with pytest.raises(StoreError, match="no items") as error:
        SearchEngine(embedder, store).search(b"")
    assert "lookalike index" in error.value.hint


def test_another_embedder_is_refused(store, other_embedder):
    with pytest.raises(FingerprintMismatch):
        SearchEngine(other_embedder, store)


def test_what_was_added_is_found_at_once_and_what_was_removed_is_not(engine, photo):
    path = photo("new.png", 999)
    engine.add(Item("new", (View(path), View(photo("other.png", 998).read_bytes()))))
    assert engine.search(path, k=1)[0].item == "new"
    kept = engine.item("new").views[1].path
    assert kept.is_file()
    assert engine.search(kept, k=1)[0].matched == 1
    assert engine.remove(["new"]) == 1
    assert "new" not in engine.search(path, k=10).items
    assert not kept.exists()


def test_an_item_that_cannot_be_added_is_an_error(engine, tmp_path):
    with pytest.raises(PhotoError):
        engine.add(Item("broken", (View(b"junk"),)))
    assert len(engine) == 5


def test_an_added_item_survives_indexing_the_catalogue_again(engine, catalogue, photo):
    engine.add(Item("new", (View(photo("new.png", 999)),)))
    report = index_catalogue(catalogue, engine.store, engine.embedder)
    assert (report.unchanged, report.removed) == (5, 0)
    engine.refresh()
    assert len(engine) == 6


def test_another_engines_changes_come_with_a_refresh(engine, catalogue):
    reader = SearchEngine(engine.embedder, Store.open(engine.store.folder))
    engine.remove(["item-3"])
    assert reader.search(catalogue[3].views[0].path, k=1)[0].item == "item-3"
    assert reader.refresh()
    assert not reader.refresh()
    assert "item-3" not in reader.search(catalogue[3].views[0].path).items


def test_refreshing_equals_opening_again(engine, photo):
    for step in range(6):
        engine.add(Item(f"new-{step % 3}", (View(photo(f"new-{step}.png", 500 + step)),)))
        engine.remove([f"item-{step}"])
        fresh = SearchEngine(engine.embedder, engine.store).snapshot
        assert engine.snapshot.ids == fresh.ids
        assert np.array_equal(engine.snapshot.matrix, fresh.matrix)
        assert engine.snapshot.encoded().records.tobytes() == fresh.encoded().records.tobytes()
        assert engine.snapshot.attributes == fresh.attributes


def test_searches_during_deletes_see_one_version_each(engine, catalogue):
    trouble: list[BaseException] = []
    stop = threading.Event()

    def search() -> None:
        try:
            while not stop.is_set():
                ranking = engine.search(catalogue[4].views[0].path, k=10)
                assert len(ranking) in (4, 5)
        except BaseException as error:
            trouble.append(error)

    threads = [threading.Thread(target=search)]
    for thread in threads:
        thread.start()
    for _ in range(3):
        engine.remove(["item-4"])
        engine.add(Item("item-4", catalogue[4].views))
    stop.set()
    for thread in threads:
        thread.join()
    assert not trouble


def test_the_order_of_indexing_does_not_show(catalogue, store, embedder, tmp_path):
    other = Store.create(tmp_path / "other", card=embedder.card)
    index_catalogue(catalogue, store, embedder)
    index_catalogue(Catalogue(tuple(reversed(catalogue.items)), source="photos"), other, embedder)
    mine, theirs = (SearchEngine(embedder, each).snapshot for each in (store, other))
    assert mine.ids == theirs.ids
    assert np.array_equal(mine.matrix, theirs.matrix)
