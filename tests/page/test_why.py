"""Heat maps on the page: the button on a match, and what it draws."""

from __future__ import annotations

import re

import pytest
from PIL import Image
from tests.conftest import drawn_photo
from tests.page.test_tour import CARD, search

pytestmark = pytest.mark.browser


@pytest.fixture
def corner_photo(tmp_path) -> str:
    """A thing small in the lower right of a white photo."""
    ground = Image.new("RGB", (300, 300), "white")
    ground.paste(drawn_photo(5, size=(96, 80)), (190, 190))
    ground.save(tmp_path / "corner.png")
    return str(tmp_path / "corner.png")


def ask_why(page, card) -> None:
    card.hover()
    with page.expect_response(re.compile("/v1/explain")) as told:
        card.locator(".why").click()
    assert told.value.status == 200
    card.locator(".heat").wait_for()


def test_why_draws_heat_over_both_photos_and_takes_it_away_again(visit, origin, photo):
    page = visit(origin)
    search(page, photo(5))
    first, second = page.locator(CARD).nth(0), page.locator(CARD).nth(1)
    ask_why(page, first)
    assert page.locator(".heat").count() == 2
    assert page.locator(".photo .heat").count() == 1
    assert first.locator(".why-note").inner_text()
    covered = page.locator(".photo .heat").bounding_box()
    assert covered == page.locator(".photo .stage").bounding_box()
    ask_why(page, second)
    assert page.locator(".heat").count() == 2
    assert not first.locator(".heat").count()
    second.locator(".why").click()
    page.locator(".heat").first.wait_for(state="detached")
    assert not page.locator(".heated").count()


def test_why_an_item_is_like_another_is_drawn_over_that_item(visit, origin):
    page = visit(origin)
    page.locator(CARD).first.wait_for()
    page.goto(f"{origin}/?like=thing/03")
    page.locator(f"{CARD} .score").first.wait_for()
    ask_why(page, page.locator(CARD).first)
    assert page.locator(".liked .heat").count() == 1


def test_a_new_search_clears_the_heat(visit, origin, photo):
    page = visit(origin)
    search(page, photo(5))
    ask_why(page, page.locator(CARD).first)
    page.locator("#colour").fill("80") if page.locator("#colour").is_visible() else search(page, photo(6))
    page.locator(".heat").first.wait_for(state="detached")


def test_why_has_no_place_where_nothing_was_asked(visit, origin):
    page = visit(origin)
    page.locator(CARD).first.wait_for()
    assert not page.locator(".why").count()


def test_parts_of_a_photo_can_be_tried_and_the_winner_searched_alone(visit, origin, corner_photo):
    page = visit(origin)
    search(page, corner_photo)
    with page.expect_response(re.compile("/v1/search")) as told:
        page.get_by_role("button", name="Try parts of it").click()
    won = told.value.json()["matches"][0]["query_photo"]
    page.locator(".parts").wait_for()
    assert page.locator(".part").count() == 4
    assert page.locator(".parts .chip[aria-pressed=true]").inner_text() == (str(won) if won else "Whole")
    with page.expect_response(re.compile("/v1/search")):
        page.get_by_role("button", name="Search part 2 alone").click()
    page.locator(".parts").wait_for(state="detached")
    assert page.locator(".photo .box").is_visible()


def test_why_speaks_of_the_part_that_won(visit, origin, corner_photo):
    page = visit(origin)
    search(page, corner_photo)
    with page.expect_response(re.compile("/v1/search")) as told:
        page.get_by_role("button", name="Try parts of it").click()
    won = told.value.json()["matches"][0]["query_photo"]
    page.locator(".parts").wait_for()
    ask_why(page, page.locator(CARD).first)
    heat = page.locator(".photo .heat").bounding_box()
    place = page.locator(".photo .part").nth(won - 1) if won else page.locator(".photo .stage")
    box = place.bounding_box()
    assert heat["width"] == pytest.approx(box["width"], abs=3)


def test_like_places_have_the_same_number_on_both_photos(visit, origin, photo):
    page = visit(origin)
    search(page, photo(5))
    told = {
        "item": "thing/05",
        "view": "v",
        "role": None,
        "score": 1.0,
        "method": "contribution",
        "shares": {},
    }
    places = [
        {"photo": [0.25, 0.5], "view": [0.75, 0.5], "likeness": 0.9},
        {"photo": [0, 0], "view": [1, 1], "likeness": 0.8},
    ]
    heat = [[0.5, 0.5], [0.5, 0.5]]
    told |= {"places": places, "photo_heat": heat, "view_heat": heat, "model": "m", "took_ms": 1}
    page.route("**/v1/explain", lambda route: route.fulfill(json=told))
    card = page.locator(CARD).first
    ask_why(page, card)
    assert card.locator(".spot").all_inner_texts() == ["1", "2"]
    assert page.locator(".photo .spot").all_inner_texts() == ["1", "2"]
    stage, spot = (
        page.locator(".photo .stage").bounding_box(),
        page.locator(".photo .spot").first.bounding_box(),
    )
    assert spot["x"] + spot["width"] / 2 == pytest.approx(stage["x"] + stage["width"] / 4, abs=1)
    assert "Equal numbers mark like places." in card.locator(".why-note").inner_text()
    card.locator(".why").click()
    assert page.locator(".spot").count() == 0


@pytest.mark.parametrize("width", [360, 1280])
def test_no_button_lies_over_what_why_draws(visit, origin, photo, width):
    page = visit(origin, width=width, has_touch=width < 500, is_mobile=width < 500)
    search(page, photo(5))
    card = page.locator(CARD).first
    ask_why(page, card)
    face, button = card.locator(".face").bounding_box(), card.locator(".why").bounding_box()
    assert button["y"] >= face["y"] + face["height"]
