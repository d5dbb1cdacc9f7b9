from __future__ import annotations

import base64
import json

from tests.conftest import drawn_photo, encoded
from tests.interfaces.http.conftest import picture
from tests.interfaces.http.test_search import items_of, upload

from lookalike.embedding import pipeline

NEW = encoded(drawn_photo(101))
OTHER = encoded(drawn_photo(102))


def add(client, identity: str = "new", photo: bytes = NEW, **fields: str):
    return client.post("/v1/items", files=upload(photo), data={"id": identity, **fields})


def test_items_are_listed_filtered_and_paged(reader):
    page = reader.get("/v1/items", params={"limit": 5, "offset": 20}).json()
    assert [item["id"] for item in page["items"]] == [f"thing/{number:02d}" for number in range(20, 24)]
    assert page["total"] == 24
    cups = reader.get("/v1/items", params={"where": json.dumps({"category": "cup"})}).json()
    assert cups["total"] == 12


def test_an_item_whose_id_has_a_slash_is_found_by_its_escaped_address(reader):
    assert reader.get("/v1/items/thing%2F05").json()["id"] == "thing/05"
    assert reader.get("/v1/items/nobody").status_code == 404


def test_of_two_items_the_closest_views_are_named(reader):
    views = {
        name: {view["id"] for view in reader.get(f"/v1/items/{name}").json()["views"]}
        for name in ("thing/01", "thing/02")
    }
    pair = reader.get("/v1/items/thing/01/closest", params={"to": "thing/02"}).json()
    assert pair["view"] in views["thing/01"]
    assert pair["beside_view"] in views["thing/02"]


def test_an_added_item_is_found_at_once_and_adding_it_again_changes_nothing(writer):
    attributes = json.dumps({"category": "lamp", "price": 3})
    first = add(writer, attributes=attributes)
    assert (first.status_code, first.json()["outcome"]) == (201, "added")
    assert items_of(writer.post("/v1/search", files=upload(NEW), data={"k": "1"})) == ["new"]
    again = add(writer, attributes=attributes)
    assert (again.status_code, again.json()["outcome"]) == (200, "unchanged")
    assert again.json()["store_version"] == first.json()["store_version"]


def test_another_item_under_a_taken_id_is_refused_by_post_and_put_replaces_it(writer):
    add(writer)
    assert add(writer, photo=OTHER).status_code == 409
    answer = writer.put("/v1/items/new", files=upload(OTHER))
    assert answer.json()["outcome"] == "replaced"
    found = writer.post("/v1/search", files=upload(OTHER), data={"k": "1"}).json()["matches"][0]
    assert (found["item"], round(found["score"], 4)) == ("new", 1)


def test_a_deleted_item_is_found_no_more(writer):
    assert writer.delete("/v1/items/thing/05").status_code == 204
    assert "thing/05" not in items_of(writer.post("/v1/search", files=upload(picture(5)), data={"k": "200"}))
    assert writer.delete("/v1/items/thing/05").status_code == 404


def test_photos_of_an_item_come_and_go_one_by_one(writer):
    add(writer)
    more = {"photos": [{"base64": base64.b64encode(OTHER).decode(), "role": "back"}]}
    grown = writer.post("/v1/items/new/photos", json=more).json()
    assert [view["role"] for view in grown["item"]["views"]] == [None, "back"]
    assert writer.post("/v1/items/new/photos", json=more).json()["outcome"] == "unchanged"
    first = grown["item"]["views"][0]["id"]
    assert writer.delete(f"/v1/items/new/photos/{first}").status_code == 204
    left = writer.get("/v1/items/new").json()["views"]
    assert [view["role"] for view in left] == ["back"]
    assert writer.get(f"/v1/views/{left[0]['id']}").status_code == 200
    assert writer.delete(f"/v1/items/new/photos/{left[0]['id']}").status_code == 409


def test_an_item_with_one_bad_photo_is_not_stored_at_all(writer):
    answer = writer.post("/v1/items", files=upload(NEW, b"broken"), data={"id": "new"})
    assert answer.status_code == 422
    assert writer.get("/v1/items/new").status_code == 404


def test_ids_that_no_address_can_carry_are_refused(writer):
    for identity in ("..", "a/../b", "/a"):
        assert add(writer, identity).status_code == 422, identity


def test_a_photo_that_is_added_is_decoded_once_and_behind_the_wall(writer, monkeypatch):
    def never(*_, **__):
        raise AssertionError("a stranger's photo was decoded in the server itself")

    monkeypatch.setattr(pipeline, "read_photo", never)
    assert add(writer).status_code == 201
    more = {"photos": [{"base64": base64.b64encode(OTHER).decode(), "crop": [0, 0, 1, 0.5]}]}
    assert writer.post("/v1/items/new/photos", json=more).status_code == 200
    found = writer.post("/v1/search", files=upload(OTHER), data={"k": "1", "crops": "[[0, 0, 1, 0.5]]"})
    assert round(found.json()["matches"][0]["score"], 5) == 1
