from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lookalike.errors import CatalogueError, QueryError, StoreError
from lookalike.retrieval.records import StoredItem, StoredView
from lookalike.retrieval.snapshot import Identity, Row, Snapshot, assemble
from lookalike.retrieval.together import pairing
from lookalike.retrieval.together.baskets import Baskets, baskets_of, read_baskets
from lookalike.retrieval.together.kept import Pairings, keep_baskets
from lookalike.retrieval.together.pairing import SMOOTHING, Pairing

KINDS = {"cup-1": 0, "cup-2": 1, "cup-3": 2, "plate-1": 90, "plate-2": 91, "lamp": 200}


def shop() -> Snapshot:
    """Cups, plates and a lamp on a circle: the likeness of two is the cosine of their angles."""
    rows, vectors = [], []
    for name, angle in sorted(KINDS.items()):
        room = "kitchen" if name != "lamp" else "kitchen; hall"
        facts = {"category": name.partition("-")[0], "room": room}
        rows.append(Row.of(StoredItem(name, (StoredView(name, Path("x")),), facts)))
        vectors.append([np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))])
    return assemble(Identity(Path("x"), "store", 1, "circle"), rows, np.array(vectors, np.float32))


BASKETS = Baskets((("cup-1", "plate-1"),) * 6 + (("cup-1", "lamp"),) * 2 + (("cup-2", "plate-2"),) * 2)


def test_what_was_together_oftener_than_its_own_frequency_says_comes_first():
    found = Pairing(shop(), BASKETS).companions("cup-1")
    assert [one.item for one in found[:2]] == ["plate-1", "lamp"]
    assert [one.together for one in found[:2]] == [6, 2]


def test_the_count_is_the_smoothed_cosine_of_basket_sets():
    shot = shop()
    counted = Pairing(shot, BASKETS).counted(shot.places["cup-1"])
    assert counted[shot.places["plate-1"]] == pytest.approx(6 / np.sqrt((8 + SMOOTHING) * (6 + SMOOTHING)))


def test_an_item_that_nobody_has_bought_yet_borrows_from_what_looks_like_it():
    found = Pairing(shop(), BASKETS).companions("cup-3")
    assert {one.item for one in found} == {"plate-1", "plate-2", "lamp"}
    assert all(one.together == 0 for one in found)


def test_companions_are_of_another_kind_unless_any_may_be():
    baskets = Baskets((("cup-1", "cup-2"), ("cup-1", "plate-1")))
    assert [one.item for one in Pairing(shop(), baskets).companions("cup-1")] == ["plate-1"]
    anything = Pairing(shop(), baskets, across=None).companions("cup-1")
    assert "cup-2" in {one.item for one in anything}


def test_the_order_of_a_reseller_says_nothing_about_taste(monkeypatch):
    monkeypatch.setattr(pairing, "MOST_IN_BASKET", 2)
    baskets = Baskets((("cup-1", "plate-1", "lamp"), ("cup-1", "plate-2")))
    assert [one.item for one in Pairing(shop(), baskets).companions("cup-1")] == ["plate-2"]


def test_baskets_come_from_a_table_or_from_a_column_of_several_values(tmp_path):
    table = tmp_path / "orders.csv"
    table.write_text("order_id,sku,amount\n1,cup-1,2\n1,plate-1,1\n1,plate-1,1\n2,cup-1,1\n2,gone,1\n")
    told = read_baskets(table, shop())
    assert told.baskets == (("cup-1", "plate-1"),)
    assert told.unknown == 1
    rooms = baskets_of(shop(), "room")
    assert len(rooms) == 1  # nothing but the lamp is in the hall
    assert "lamp" in rooms.baskets[0]


def test_what_cannot_be_read_is_told_with_the_next_step(tmp_path):
    table = tmp_path / "orders.csv"
    table.write_text("a,b\n1,2\n")
    with pytest.raises(CatalogueError, match="has no column basket_id"):
        read_baskets(table, shop())
    table.write_text("basket_id,item_id\n1,x\n1,y\n")
    with pytest.raises(
        CatalogueError, match=r"no two items of the catalogue together \(2 items are unknown\)"
    ):
        read_baskets(table, shop())
    with pytest.raises(CatalogueError, match="cannot be read"):
        read_baskets(tmp_path / "absent.csv", shop())
    with pytest.raises(QueryError, match="No item has a column 'outfit'"):
        baskets_of(shop(), "outfit")
    with pytest.raises(QueryError, match="k is 0"):
        Pairing(shop(), BASKETS).companions("cup-1", 0)


def test_baskets_are_kept_with_the_store_and_items_that_went_are_left_out(tmp_path):
    pairings = Pairings(tmp_path)
    with pytest.raises(StoreError, match="does not know what goes together") as refused:
        pairings.of(shop())
    assert "--baskets" in refused.value.hint
    keep_baskets(tmp_path, Baskets((("cup-1", "plate-1", "sold-out"), ("sold-out", "lamp"))))
    assert [one.item for one in pairings.of(shop()).companions("cup-1")] == ["plate-1"]
    keep_baskets(tmp_path, Baskets((("cup-1", "lamp"),)))
    assert pairings.of(shop()).companions("cup-1")[0].item == "lamp"


def test_one_item_alone_goes_with_nothing():
    facts = Row.of(StoredItem("one", (StoredView("v", Path("x")),), {}))
    alone = assemble(Identity(Path("x"), "s", 1, "c"), [facts], np.ones((1, 2), np.float32) / np.sqrt(2))
    assert Pairing(alone, Baskets(())).companions("one") == ()
