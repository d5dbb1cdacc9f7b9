"""Arithmetic with looks on the page: added, taken away, and photos of what it should not look like."""

from __future__ import annotations

import pytest
from tests.interfaces.http.conftest import picture
from tests.page.test_tour import CARD, asked, names, search, searched_again

pytestmark = pytest.mark.browser


def opened(page, place: int) -> str:
    """Open the item of a card; its name."""
    name = names(page)[place]
    page.locator(CARD).nth(place).locator(".face").click()
    page.get_by_role("dialog").get_by_role("heading", name=name, exact=True).wait_for()
    return name


def test_a_look_is_added_taken_away_and_left_out_again(visit, origin, photo):
    page = visit(origin)
    search(page, photo(5))
    plain = names(page)
    added = opened(page, 3)
    searched_again(page, page.get_by_role("button", name="Add its look").click)
    assert not page.get_by_role("dialog").is_visible()
    page.get_by_text(f"Plus {added}", exact=True).wait_for()
    assert added not in names(page)
    taken = opened(page, 2)
    searched_again(page, page.get_by_role("button", name="Take its look away").click)
    page.get_by_text(f"Minus {taken}", exact=True).wait_for()
    assert taken not in names(page)
    assert [list(asked(page)), len(names(page))] == [["plus", "minus"], 22]
    searched_again(page, page.get_by_role("button", name=f"No longer take away the look of {taken}").click)
    searched_again(page, page.get_by_role("button", name=f"Leave out the look of {added}").click)
    assert names(page) == plain
    assert not page.locator("#mix").is_visible()


def test_looks_that_are_added_can_be_shared_without_the_photo(visit, origin, photo):
    page = visit(origin)
    search(page, photo(5))
    added = opened(page, 1)
    searched_again(page, page.get_by_role("button", name="Add its look").click)
    other = visit(page.url)
    other.get_by_role("heading", name="Like what was added").wait_for()
    other.get_by_text(f"Plus {added}", exact=True).wait_for()
    other.get_by_role("button", name=f"Leave out the look of {added}").click()
    other.get_by_role("heading", name="The catalogue").wait_for()
    assert asked(other) == {}


def test_an_item_has_no_look_to_give_where_nothing_is_looked_for(visit, origin):
    page = visit(origin)
    page.locator(CARD).first.wait_for()
    opened(page, 0)
    assert page.get_by_role("button", name="More like this").first.is_visible()
    assert not page.get_by_role("button", name="Add its look").is_visible()


def test_a_photo_may_say_what_it_should_not_look_like(visit, origin, photo, tmp_path):
    page = visit(origin)
    search(page, photo(5))
    alone = names(page)
    assert not page.get_by_role("button", name="Not like this one").is_visible()
    (tmp_path / "other.png").write_bytes(picture(9))
    search(page, str(tmp_path / "other.png"))
    searched_again(page, page.get_by_role("button", name="Not like this one").nth(1).click)
    assert names(page)[0] == "Thing 5"
    assert names(page).index("Thing 9") > alone.index("Thing 9")
    assert page.locator(".photo.unwanted").count() == 1
    assert page.get_by_role("button", name="Not like this one").count() == 0  # one must be looked for
    searched_again(page, page.get_by_role("button", name="Look for it again").click)
    assert page.locator(".photo.unwanted").count() == 0
    searched_again(page, page.get_by_role("button", name="Not like this one").nth(1).click)
    searched_again(page, page.get_by_role("button", name="Remove photo 1").click)
    assert names(page)[0] == "Thing 9"  # the last photo is looked for
