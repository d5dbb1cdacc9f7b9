"""Dislikes, item arithmetic and palettes at the command line and through the client."""

from __future__ import annotations

import json

import pytest
from tests.interfaces.http.conftest import picture
from tests.interfaces.test_cli import photo, store  # noqa: F401 (fixtures)
from tests.interfaces.test_client import client, url  # noqa: F401 (fixtures)

from lookalike.interfaces.answers import Ask


def found(out: str) -> list[str]:
    return [match["item"] for match in json.loads(out)["matches"]]


def test_a_palette_may_be_asked_without_any_photo(run, store):  # noqa: F811
    status, out, _ = run("search", "--palette", "red 70%, white", "--store", store)
    assert status == 0
    assert len(out.splitlines()) == 6
    assert "100% colour" in out


def test_every_line_says_how_much_of_the_score_is_colour(run, store, photo):  # noqa: F811
    _, out, _ = run("search", photo, "--store", store, "--colour", 0)
    assert all("  0% colour" in line for line in out.splitlines())
    _, out, _ = run("search", photo, "--store", store)
    assert all("% colour" in line for line in out.splitlines())


def test_words_may_be_asked_without_any_photo(run, store):  # noqa: F811
    status, out, _ = run("search", "--words", "hats", "--store", store, "--json")
    assert status == 0
    assert {name.split("/")[0] for name in found(out)[:3]} == {"hats"}


def test_an_item_is_asked_moved_and_disliked_by_id(run, store, photo):  # noqa: F811
    common = ("--store", store, "--json")
    _, out, _ = run("search", "--item", "cups/item-1", *common)
    assert found(out)[0] == "cups/item-1"
    _, out, _ = run("search", photo, "--unlike-item", "hats/item-4", *common)
    assert "hats/item-4" not in found(out)
    arithmetic = ("--minus", "cups/item-1", "--plus", "hats/item-3")
    _, out, _ = run("search", "--item", "cups/item-1", *arithmetic, *common)
    assert not {"hats/item-3", "cups/item-1"} & set(found(out))
    _, plain, _ = run("search", photo, *common)
    _, out, _ = run("search", photo, "--unlike", photo, *common)
    assert found(out) == found(plain)  # what is no nearer to the dislike than to the photo loses nothing


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--palette", "rodd"),
        ("--unlike-item", "cups/item-1"),
        ("--item", "nobody"),
        ("--palette", "red 140%"),
    ],
)
def test_what_cannot_be_answered_is_told_with_the_next_step(run, store, arguments):  # noqa: F811
    status, _, err = run("search", *arguments, "--store", store)
    assert status == 2
    assert err.startswith("Error: ")
    assert len(err.splitlines()) == 2


def test_a_question_of_many_parts_goes_through_the_client(client):  # noqa: F811
    answers = client.ask(Ask(photos=[picture(5)], unlike=[picture(9)], unlike_items=["thing/03"]), k=24)
    assert answers[0].item == "thing/05"
    assert "thing/03" not in {answer.item for answer in answers}
    assert next(answer for answer in answers if answer.item == "thing/09").terms["unlike"] < 0
    assert client.ask(Ask(words="thing 7"), k=1)[0].item == "thing/07"
    coloured = client.ask(Ask(items=["thing/05"], palette="navy", where={"category": "hat"}), k=3)
    assert [answer.attributes["category"] for answer in coloured] == ["hat"] * 3
