"""Dislikes, item arithmetic and palettes over HTTP."""

from __future__ import annotations

import pytest
from tests.interfaces.http.conftest import picture
from tests.interfaces.http.test_search import items_of, upload


def test_a_photo_may_be_sent_as_what_it_should_not_look_like(reader):
    plain = reader.post("/v1/search", files=upload(picture(5))).json()["matches"]
    answer = reader.post("/v1/search", files=upload(picture(5), picture(9)), data={"unlike": "[1]"})
    before, after = (
        {match["item"]: match["score"] for match in matches} for matches in (plain, answer.json()["matches"])
    )
    assert items_of(answer)[0] == "thing/05"
    assert after["thing/09"] < before["thing/09"]
    assert "unlike" in next(m for m in answer.json()["matches"] if m["item"] == "thing/09")["terms"]


def test_the_photos_of_an_earlier_answer_keep_their_sides(reader):
    sent = {"unlike": "[0]", "k": "5"}
    first = reader.post("/v1/search", files=upload(picture(9), picture(5)), data=sent).json()
    again = reader.post("/v1/search", json={"again": first["query"], "unlike": [0], "k": 5}).json()
    assert first["matches"] == again["matches"]
    assert first["matches"][0]["item"] == "thing/05"


def test_items_are_disliked_added_and_taken_away_by_id(reader):
    disliked = {"items": ["thing/05"], "unlike_items": ["thing/09"]}
    assert "thing/09" not in items_of(reader.post("/v1/search", json=disliked))
    moved = {"items": ["thing/05"], "minus": ["thing/05"], "plus": ["thing/09"], "k": 1}
    assert items_of(reader.post("/v1/search", json=moved)) != ["thing/05"]


def test_a_palette_goes_with_a_photo_and_alone_and_has_no_verdict(reader):
    for body in ({"palette": "red 70%, white"}, {"palette": "navy", "items": ["thing/05"]}):
        answer = reader.post("/v1/search", json={**body, "k": 4})
        assert len(items_of(answer)) == 4
        assert {match["verdict"] for match in answer.json()["matches"]} == {None}
        assert answer.json()["probably_absent"] is None
        assert all("colour" in match["terms"] for match in answer.json()["matches"])


def test_words_find_items_alone_and_beside_a_photo(reader):
    answer = reader.post("/v1/search", json={"words": "thing 7", "k": 3})
    assert items_of(answer)[0] == "thing/07"
    assert answer.json()["query"] is None
    assert set(answer.json()["matches"][0]["terms"]) == {"words"}
    beside = reader.post("/v1/search", files=upload(picture(5)), data={"words": "cup", "k": "3"})
    assert items_of(beside)[0] == "thing/05"
    assert {match["verdict"] for match in beside.json()["matches"]} == {None}


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"words": "xyzzy"}, 422, "described by"),
        ({"words": "  "}, 422, "no photos"),
        ({"palette": "rodd"}, 422, "no colour"),
        ({"unlike_items": ["thing/05"]}, 422, "should not look like"),
        ({"items": ["thing/05"], "unlike_items": ["nobody"]}, 404, "nobody"),
        ({"items": ["thing/05"], "plus": ["nobody"]}, 404, "nobody"),
        ({"items": ["thing/05"], "unlike": [0]}, 422, "photos"),
        ({"items": ["thing/05"], "unlike": [-1]}, 422, "unlike"),
    ],
)
def test_a_question_that_makes_no_sense_is_a_problem_with_a_hint(reader, body, status, words):
    answer = reader.post("/v1/search", json=body)
    assert answer.status_code == status
    assert words in answer.text
    assert answer.json()["hint"]


def test_photos_that_are_all_disliked_are_no_question(reader):
    answer = reader.post("/v1/search", files=upload(picture(5)), data={"unlike": "[0]"})
    assert answer.status_code == 422
    assert "should not look like" in answer.json()["title"]
