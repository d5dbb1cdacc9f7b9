"""Asking the page in words, in colours, and by what it should not look like."""

from __future__ import annotations

import re

import pytest
from tests.page.test_tour import CARD, asked, names, search, searched_again, shows

pytestmark = pytest.mark.browser


def test_words_find_items_and_stand_in_the_address(visit, origin):
    page = visit(origin)
    shows(page, 24)
    searched_again(page, lambda: page.get_by_label("Describe it in words").fill("thing 7 cup"))
    assert names(page)[0] == "Thing 7"
    assert page.locator("#found-title").inner_text() == "“thing 7 cup”"
    assert asked(page)["words"] == ["thing 7 cup"]
    again = visit(page.url)
    again.locator(f"{CARD} .score").first.wait_for()
    assert names(again) == names(page)
    assert again.get_by_label("Describe it in words").input_value() == "thing 7 cup"
    again.get_by_label("Describe it in words").fill("")
    again.get_by_role("heading", name="The catalogue").wait_for()
    assert asked(again) == {}


def test_words_that_nothing_is_described_by_are_told_with_what_is(visit, origin):
    page = visit(origin)
    shows(page, 24)
    page.get_by_label("Describe it in words").fill("xyzzy")
    told = page.get_by_role("alert")
    told.wait_for()
    assert "described by 'xyzzy'" in told.inner_text()
    assert "It knows words such as" in told.inner_text()


def test_a_colour_goes_with_a_photo_and_alone_and_each_card_says_how_much_it_counts(visit, origin, photo):
    page = visit(origin)
    search(page, photo(5))
    assert re.fullmatch(r"colour \d+% · form \d+%", page.locator(f"{CARD} .made-of").first.inner_text())
    in_own_colours = names(page)
    searched_again(page, page.get_by_role("button", name="navy", exact=True).click)
    assert names(page) != in_own_colours
    assert page.get_by_role("button", name="navy", exact=True).get_attribute("aria-pressed") == "true"
    assert asked(page)["tone"] == ["navy"]
    searched_again(page, page.get_by_role("button", name="Remove photo 1").click)
    assert page.locator("#found-title").inner_text() == "In navy"
    searched_again(page, page.get_by_role("button", name="red", exact=True).click)
    assert page.locator("#found-title").inner_text() == "In navy and red"
    page.get_by_role("button", name="red", exact=True).click()
    page.get_by_role("button", name="navy", exact=True).click()
    page.get_by_role("heading", name="The catalogue").wait_for()


def test_an_item_is_disliked_from_its_card_and_allowed_again(visit, origin, photo):
    page = visit(origin)
    search(page, photo(5))
    second = names(page)[1]
    page.locator(CARD).nth(1).hover()
    searched_again(page, page.get_by_role("button", name=f"Not like this: {second}", exact=True).click)
    assert second not in names(page)
    assert names(page)[0] == "Thing 5"
    page.get_by_text(f"Not like {second}", exact=True).wait_for()
    allow = page.get_by_role("button", name=f"Allow what looks like {second} again")
    searched_again(page, allow.click)
    assert second in names(page)
    assert not page.locator("#mix").is_visible()


def test_dislikes_go_when_nothing_is_looked_for_any_more(visit, origin, photo):
    page = visit(origin)
    search(page, photo(5))
    page.locator(CARD).nth(1).hover()
    searched_again(page, page.locator(".dislike").nth(1).click)
    page.get_by_role("button", name="Remove photo 1").click()
    page.get_by_role("heading", name="The catalogue").wait_for()
    shows(page, 24)
    assert asked(page) == {}
    assert not page.locator("#mix").is_visible()
