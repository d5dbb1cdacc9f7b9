"""Why a match is one, and where an item is in a scene, over HTTP."""

from __future__ import annotations

import base64
import json

import pytest
from PIL import Image
from tests.conftest import drawn_photo, encoded
from tests.interfaces.http.conftest import picture


def explain(client, photo: bytes | None, **facts: object):
    files = [("photos", ("photo.png", photo, "image/png"))] if photo is not None else [("x", ("", b""))]
    return client.post("/v1/explain", files=files, data=facts)


def test_a_match_is_explained_with_heat_over_both_photos(reader):
    told = explain(reader, picture(5), item="thing/05").json()
    assert told["item"] == "thing/05"
    assert told["role"] == "front"
    assert told["score"] == pytest.approx(1, abs=1e-3)
    assert told["method"] == "occlusion"  # the small store's embedder has no feature maps
    for heat in (told["photo_heat"], told["view_heat"]):
        assert max(map(max, heat)) == pytest.approx(1)
        assert min(map(min, heat)) >= 0


def test_a_view_of_the_catalogue_can_be_asked_and_named(reader):
    views = {item: reader.get(f"/v1/items/thing/{item:02d}").json()["views"] for item in (3, 4)}
    body = {"item": "thing/04", "view": views[4][1]["id"], "beside": views[3][0]["id"]}
    told = reader.post("/v1/explain", json=body).json()
    assert (told["view"], told["role"]) == (views[4][1]["id"], "back")


def test_a_crop_is_explained_as_a_crop(reader):
    whole = explain(reader, picture(5), item="thing/05").json()
    part = explain(reader, picture(5), item="thing/05", crops=json.dumps([[0, 0, 0.5, 1]])).json()
    assert part["score"] < whole["score"]
    assert len(part["photo_heat"][0]) < len(whole["photo_heat"][0])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"item": "thing/99", "beside": "x"}, 404),
        ({"item": "thing/01", "beside": "nothing"}, 404),
        ({"item": "thing/01"}, 422),
        ({"item": "thing/01", "beside": "x", "photos": [{"base64": "aGVsbG8="}]}, 422),
        ({"item": "thing/01", "photos": [{"base64": "aGVsbG8="}]}, 422),
        ({"beside": "x"}, 422),
    ],
)
def test_a_wrong_question_is_answered_with_the_next_step(reader, body, status):
    answer = reader.post("/v1/explain", json=body)
    assert answer.status_code == status
    assert answer.json()["hint"]


def placed(item: int) -> bytes:
    """A thing small in the lower right of a white photo."""
    ground = Image.new("RGB", (300, 300), "white")
    ground.paste(drawn_photo(item, size=(96, 80)), (190, 190))
    return encoded(ground)


def test_parts_of_a_photo_are_tried_and_the_winner_is_told(reader):
    sent = {"photos": [{"base64": base64.b64encode(placed(5)).decode()}], "k": 1}
    whole, tried = (reader.post("/v1/search", json={**sent, "parts": count}).json() for count in (0, 4))
    assert whole["crops"] == [None]
    assert tried["crops"][0] is None
    assert len(tried["crops"]) == 5
    (best,) = tried["matches"]
    assert best["score"] >= whole["matches"][0]["score"]
    again = reader.post("/v1/search", json={"again": tried["query"], "k": 1}).json()
    assert again["crops"] == tried["crops"]
    assert again["matches"][0]["query_photo"] == best["query_photo"]


def test_parts_go_with_one_photo(reader):
    photo = {"base64": base64.b64encode(picture(5)).decode()}
    answer = reader.post("/v1/search", json={"photos": [photo, photo], "parts": 2})
    assert answer.status_code == 422
    assert "one photo" in answer.json()["hint"]


def find(client, photo: bytes, **facts: object):
    return client.post("/v1/find", files=[("photos", ("photo.png", photo, "image/png"))], data=facts)


def test_an_item_is_marked_in_a_scene(reader):
    told = find(reader, placed(5), items=json.dumps(["thing/05"]), most=2).json()
    assert 1 <= len(told["marks"]) <= 2
    mark = told["marks"][0]
    assert mark["item"] == "thing/05"
    assert mark["view"] in {view["id"] for view in reader.get("/v1/items/thing/05").json()["views"]}
    assert 0 <= mark["box"][0] < mark["box"][2] <= 1


@pytest.mark.parametrize(
    ("facts", "status"), [({"items": '["thing/99"]'}, 404), ({"most": 0}, 422), ({"items": "no"}, 422)]
)
def test_a_wrong_search_in_a_scene_is_answered_with_the_next_step(reader, facts, status):
    answer = find(reader, placed(5), **facts)
    assert answer.status_code == status
    assert answer.json()["hint"]
