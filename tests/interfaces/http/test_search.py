from __future__ import annotations

import base64
import json

import numpy as np
import pytest
from tests.conftest import drawn_photo, encoded
from tests.interfaces.http.conftest import picture

from lookalike.interfaces.http.problems import Problem
from lookalike.interfaces.http.recent_queries import Looks, RecentQueries


def upload(*photos: bytes) -> list[tuple[str, tuple[str, bytes, str]]]:
    return [("photos", ("photo.png", photo, "image/png")) for photo in photos]


def items_of(answer) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [match["item"] for match in answer.json()["matches"]]


def test_a_photo_of_an_item_finds_that_item_and_says_that_it_is_the_same(reader):
    answer = reader.post("/v1/search", files=upload(picture(5)), data={"k": "3"})
    first = answer.json()["matches"][0]
    assert first["item"] == "thing/05"
    assert first["verdict"] == "same"
    assert first["score"] == pytest.approx(1, abs=1e-5)
    assert first["view"] == first["views"][0]["id"]
    assert len(items_of(answer)) == 3


def test_no_answer_tells_where_photos_are(reader):
    answer = reader.post("/v1/search", files=upload(picture(5)))
    assert "path" not in answer.text
    assert "store" not in json.dumps(answer.json()["matches"])


def test_base64_and_a_view_of_the_catalogue_ask_the_same_as_the_upload(reader):
    uploaded = reader.post("/v1/search", files=upload(picture(5))).json()
    encoded_too = reader.post(
        "/v1/search", json={"photos": [{"base64": base64.b64encode(picture(5)).decode()}]}
    ).json()
    view = uploaded["matches"][0]["view"]
    by_view = reader.post("/v1/search", json={"views": [view]}).json()
    assert uploaded["matches"] == encoded_too["matches"]
    assert [match["item"] for match in by_view["matches"]] == [match["item"] for match in uploaded["matches"]]


def test_two_photos_say_which_of_them_met_the_item(reader):
    sent = {"k": "2", "pooling": "best"}
    found = reader.post("/v1/search", files=upload(picture(5), picture(9)), data=sent).json()
    assert {(match["item"], match["query_photo"]) for match in found["matches"]} == {
        ("thing/05", 0),
        ("thing/09", 1),
    }


def test_a_crop_searches_the_part_of_its_photo(reader):
    canvas = drawn_photo(0, size=(96, 80)).resize((192, 80))
    canvas.paste(drawn_photo(7, size=(96, 80)), (96, 0))
    sent = upload(encoded(canvas))
    whole = items_of(reader.post("/v1/search", files=sent, data={"k": "1"}))
    part = items_of(reader.post("/v1/search", files=sent, data={"k": "1", "crops": "[[0.5, 0, 1, 1]]"}))
    assert part == ["thing/07"] != whole


def test_filters_ranges_and_a_least_score_leave_items_out(reader):
    where = json.dumps({"category": ["cup"], "price": {"low": 6, "high": 12}})
    assert set(items_of(reader.post("/v1/search", files=upload(picture(5)), data={"where": where}))) == {
        "thing/05",
        "thing/07",
    }
    high = reader.post("/v1/search", files=upload(picture(5)), data={"min_score": "0.99999"})
    assert items_of(high) == ["thing/05"]


def test_the_colour_dial_changes_the_ranking(reader):
    rankings = [
        items_of(reader.get("/v1/similar/thing/05", params={"colour": dial, "k": 23})) for dial in (0, 1)
    ]
    assert rankings[0] != rankings[1]
    assert sorted(rankings[0]) == sorted(rankings[1])


def test_more_like_an_item_leaves_that_item_out(reader):
    found = items_of(reader.get("/v1/similar/thing/05", params={"k": 200}))
    assert len(found) == 23
    assert "thing/05" not in found


def test_vectors_are_unit_vectors_of_the_photos(reader):
    answer = reader.post("/v1/embed", files=upload(picture(1), picture(2))).json()
    vectors = np.array(answer["vectors"])
    assert vectors.shape == (2, 20)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert answer["model"].startswith("tiny@")


@pytest.mark.parametrize(
    ("content", "status", "reason"),
    [
        (b"", 422, "empty"),
        (b"not a photo at all", 422, "not_a_photo"),
        (picture(1)[:200], 422, "damaged"),
        (b"%PDF-1.7 is another thing", 422, "not_a_photo"),
    ],
)
def test_a_bad_photo_is_told_with_a_reason_and_a_next_step(reader, content, status, reason):
    answer = reader.post("/v1/search", files=upload(content))
    told = answer.json()
    assert (answer.status_code, told["reason"]) == (status, reason)
    assert answer.headers["content-type"] == "application/problem+json"
    assert told["hint"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"items": ["nobody"]}, 404),
        ({"views": ["nothing"]}, 404),
        ({"items": ["thing/05"], "where": {"nonsense": 1}}, 422),
        ({"items": ["thing/05"], "where": {"price": {"low": 3, "high": 1}}}, 422),
        ({"items": ["thing/05"], "colour": 1.5}, 422),
        ({"items": ["thing/05"], "k": 0}, 422),
        ({"items": ["thing/05"], "pooling": "worst"}, 422),
        ({"items": ["thing/05"], "surprise": True}, 422),
        ({"photos": [{"base64": "###"}]}, 422),
        ({"photos": [{"base64": "aaaa", "crop": [0.5, 0, 0.5, 1]}]}, 422),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_as_a_problem(reader, body, status):
    answer = reader.post("/v1/search", json=body)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status


def test_bodies_of_other_kinds_and_photos_as_text_are_refused(reader):
    assert reader.post("/v1/search", content=b"x", headers={"Content-Type": "text/plain"}).status_code == 415
    assert reader.post("/v1/search", data={"photos": "text"}, files={"other": b""}).status_code == 422
    broken = {"Content-Type": "multipart/form-data; boundary=x"}
    assert reader.post("/v1/search", content=b"--y\r\n", headers=broken).status_code in (400, 422)
    assert (
        reader.post("/v1/search", content=b"{", headers={"Content-Type": "application/json"}).status_code
        == 422
    )


def test_photos_are_asked_again_without_being_sent(reader):
    first = reader.post("/v1/search", files=upload(picture(5), picture(9))).json()
    again = reader.post("/v1/search", json={"again": first["query"]}).json()
    assert again["matches"] == first["matches"]
    assert again["query"] == first["query"]
    cups = reader.post(
        "/v1/search", json={"again": first["query"], "where": {"category": "hat"}, "colour": 1}
    )
    assert {match["attributes"]["category"] for match in cups.json()["matches"]} == {"hat"}
    assert reader.get("/v1/similar/thing/05").json()["query"] is None


def test_a_forgotten_query_is_told_so_and_photos_beside_it_are_refused(reader):
    assert reader.post("/v1/search", json={"again": "nobody-knows"}).status_code == 404
    first = reader.post("/v1/search", files=upload(picture(5))).json()
    both = reader.post("/v1/search", files=upload(picture(5)), data={"again": first["query"]})
    assert both.status_code == 422


def test_only_the_last_queries_are_remembered():
    asked = RecentQueries(most=2)
    names = [asked.keep(Looks((), np.zeros((0, 4), np.float32), "tiny@1")) for _ in range(3)]
    assert len(set(names)) == 3
    with pytest.raises(Problem):
        asked.again(names[0], made_by="tiny@1")
    asked.again(names[1], made_by="tiny@1")
    with pytest.raises(Problem):
        asked.again(names[1], made_by="another@2")  # a switch of models lies between
