"""The engine on Milvus answers what the engine on the store answers, and its failures are told and mended."""

from __future__ import annotations

import itertools
import os
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.retrieval.conftest import TinyEmbedder, draw

from lookalike.catalogue.items import Catalogue, Item, View
from lookalike.errors import EngineError, FingerprintMismatch, QueryError
from lookalike.retrieval.engine import SearchEngine
from lookalike.retrieval.filters import Between
from lookalike.retrieval.indexing import index_catalogue
from lookalike.retrieval.query import Query, QueryPhoto
from lookalike.retrieval.store import Store

pytest.importorskip("pymilvus", reason="needs the milvus extra")
pytest.importorskip("milvus_lite", reason="needs the milvus extra")

from tests.contracts.milvus_index import lite

from lookalike.retrieval.engines import loading
from lookalike.retrieval.engines.collections import Milvus
from lookalike.retrieval.engines.loading import load, store_source
from lookalike.retrieval.engines.milvus import MilvusEngine

ITEMS = 40
_numbers = itertools.count()
ODD = "it\"em \\ '; drop $meta {x} ä☂\n"


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A store of 40 items with one to four views, one of them with an awkward name and attributes."""
    home = tmp_path_factory.mktemp("milvus")
    items = []
    for number in range(ITEMS):
        views = tuple(
            View(draw(home / "photos" / f"{number}-{view}.png", 10 * number + view), role="front")
            for view in range(number % 4 + 1)
        )
        facts = {"category": "Cup" if number % 2 else "hat", "price": 1.5 * number, "size": str(number % 3)}
        if number == 7:
            facts |= {"note": ODD, "a b": True}
        items.append(Item(ODD if number == 7 else f"item-{number:02}", views, facts))
    store = Store.create(home / "store", card=TinyEmbedder().card)
    index_catalogue(Catalogue(tuple(items), source="drawn"), store, TinyEmbedder())
    return store


def milvus(name=None):
    return Milvus(lite(), name or f"test_{next(_numbers)}")


@pytest.fixture(scope="module")
def both(filled):
    """The engine on the store, and the one on Milvus."""
    there = milvus()
    load(store_source(filled), there)
    return SearchEngine(TinyEmbedder(), filled), MilvusEngine(there, embedder=TinyEmbedder())


def told(ranking):
    return [
        (match.item, round(match.score, 9), match.matched, match.photo, round(match.pair_score, 9),
         match.views, dict(match.attributes))
        for match in ranking
    ]  # fmt: skip


def photo(filled, number, view=0):
    return QueryPhoto(filled.folder.parent / "photos" / f"{number}-{view}.png")


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"views": "mean"},
        {"views": "top2", "pooling": "mean"},
        {"views": "centroid"},
        {"colour": 0.1},
        {"colour": 1.0},
        {"min_score": 0.6},
        {"exclude": frozenset({"item-03", "item-04", ODD})},
        {"where": {"category": "cup"}},
        {"where": {"category": ["HAT", "none"], "price": Between(10, 30)}},
        {"where": {"price": 3}},
        {"where": {"size": 2}},
        {"where": {"price": Between(None, 4.5)}},
        {"where": {"note": ODD}},
        {"where": {"a b": "true"}},
        {"where": {"category": []}},
        {"items": (ODD,)},
        {"items": ("item-03", "item-09"), "pooling": "centroid"},
        {"rerank": ("expand",)},
    ],
    ids=lambda options: "+".join(options) or "plain",
)
def test_it_answers_what_the_local_engine_answers(filled, both, options):
    local, remote = both
    for number, k in ((3, 5), (21, 200)):
        query = Query(photos=(photo(filled, number), photo(filled, (number + 8) % ITEMS)), **options)
        assert told(remote.search(query, k)) == told(local.search(query, k))


def test_a_photo_an_item_and_a_vector_may_be_asked_and_items_be_read(filled, both):
    local, remote = both
    path = photo(filled, 12).source
    assert told(remote.search(path, 3)) == told(local.search(path, 3))
    assert told(remote.similar(ODD, 3)) == told(local.similar(ODD, 3))
    assert remote.item(ODD).attributes == local.item(ODD).attributes
    assert len(remote) == ITEMS
    query = Query(photos=(QueryPhoto(b""),))
    vectors = local.snapshot.vectors(5)[:1]
    assert told(remote.search_embedded(query, vectors, 4)) == told(local.search_embedded(query, vectors, 4))


def test_what_cannot_be_asked_is_refused_with_its_reason(filled, both):
    _, remote = both
    for options, said in (
        ({"where": {"weight": 3}}, "No item has an attribute"),
        ({"where": {"category": Between(1, 2)}}, "a range needs numbers"),
        ({"unlike_items": ("item-03",)}, "by photos and items only"),
        ({"items": ("nobody",)}, "nobody"),
    ):
        with pytest.raises(QueryError, match=said):
            remote.search(Query(photos=(photo(filled, 1),), **options), 3)
    with pytest.raises(QueryError, match="k is 0"):
        remote.search(photo(filled, 1).source, 0)
    with pytest.raises(FingerprintMismatch):
        remote.search_embedded(Query(items=("item-03",)), np.ones((1, 20), np.float32), made_by="other@1")


def test_a_load_sends_only_what_differs(filled, tmp_path):
    there, embedder = milvus(), TinyEmbedder()
    first = load(store_source(filled), there)
    assert (first.written, first.views, first.answers) == (ITEMS, 100, True)
    again = load(store_source(filled), there)
    assert (again.written, again.removed, again.unchanged) == (0, 0, ITEMS)
    source = store_source(filled)
    smaller = {name: checksum for name, checksum in source.items.items() if name != "item-03"}
    changed = load(replace(source, items=smaller), there)
    assert (changed.removed, changed.views) == (1, 96)
    engine = MilvusEngine(there, embedder=embedder)
    assert "item-03" not in engine.search(photo(filled, 3).source, ITEMS).items
    load(source, there)
    assert engine.search(photo(filled, 3).source, 1).items == ("item-03",)


def test_half_a_load_does_not_answer_and_the_next_one_goes_on(filled, monkeypatch):
    there, put = milvus(), Milvus.put
    monkeypatch.setattr(loading, "VIEWS_AT_ONCE", 10)
    room = [4]

    def fails(self, collection, rows):
        room[0] -= 1
        if room[0] < 0:
            raise EngineError("gone", hint="again")
        put(self, collection, rows)

    monkeypatch.setattr(Milvus, "put", fails)
    with pytest.raises(EngineError):
        load(store_source(filled), there)
    with pytest.raises(EngineError, match="no whole collection") as half:
        MilvusEngine(there, embedder=TinyEmbedder())
    assert "lookalike milvus load" in half.value.hint
    monkeypatch.setattr(Milvus, "put", put)
    rest = load(store_source(filled), there)
    assert 0 < rest.unchanged < ITEMS
    assert rest.written == ITEMS - rest.unchanged
    assert (
        MilvusEngine(there, embedder=TinyEmbedder()).search(photo(filled, 3).source, 1)[0].item == "item-03"
    )


def test_a_new_model_is_loaded_beside_and_answers_after_the_switch_and_not_before(filled, tmp_path):
    there = milvus()
    load(store_source(filled), there)
    engine = MilvusEngine(there, embedder=TinyEmbedder())
    other = TinyEmbedder("other", blocks=False)
    newer = Store.create(tmp_path / "newer", card=other.card)
    views = (View(photo(filled, 3).source),)
    index_catalogue(Catalogue((Item("only", views),), source="x"), newer, other)
    beside = load(store_source(newer), there)
    assert not beside.answers
    assert not engine.refresh()
    before = there.answering()
    there.switch(beside.collection)
    with pytest.raises(FingerprintMismatch):
        engine.refresh()  # it was given the old model
    assert engine.search(photo(filled, 3).source, 1)[0].item == "item-03", "the old collection is still there"
    fresh = MilvusEngine(there, embedder=other)
    assert fresh.search(photo(filled, 3).source, 5).items == ("only",)
    there.switch(before)
    assert fresh.milvus.answering() == before
    assert there.collections() == sorted([before, beside.collection])


def test_an_engine_that_is_gone_is_told_with_its_address():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    begun = time.monotonic()
    with pytest.raises(EngineError, match=str(port)) as gone:
        Milvus(f"http://127.0.0.1:{port}", "shop", timeout_s=1.0).answering()
    assert time.monotonic() - begun < 30
    assert "Check" in gone.value.hint


def test_names_that_milvus_does_not_take_and_foreign_collections_are_refused():
    with pytest.raises(EngineError, match="is no name"):
        milvus("my shop")
    there = milvus()
    name = there.collection_for("someone@1")
    there.client.create_collection(name, dimension=4)
    with pytest.raises(EngineError, match="was not loaded by"):
        there.facts(name)


KILLS = int(os.environ.get("LOOKALIKE_KILLS", "2"))

CHILD = """
import sys
from pathlib import Path
from lookalike.retrieval.engines import loading
from lookalike.retrieval.engines.collections import Milvus
from lookalike.retrieval.store import Store
loading.VIEWS_AT_ONCE = 5
store = Store.open(sys.argv[1])
print("ready", flush=True)
loading.load(loading.store_source(store), Milvus(sys.argv[2], "shop"))
print("whole", flush=True)
"""


def test_killed_while_loading_the_next_load_makes_it_whole(filled, tmp_path):
    file = tmp_path / "killed.db"
    rng = np.random.default_rng(0)
    for _ in range(KILLS):
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, filled.folder, file], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        time.sleep(float(rng.uniform(0.5, 2.5)))
        child.kill()
        child.communicate()
    there = Milvus(str(file), "shop")
    done = load(store_source(filled), there)
    assert done.written + done.unchanged == ITEMS
    local = SearchEngine(TinyEmbedder(), filled)
    remote = MilvusEngine(there, embedder=TinyEmbedder())
    path = Path(photo(filled, 30).source)
    assert told(remote.search(path, ITEMS)) == told(local.search(path, ITEMS))
