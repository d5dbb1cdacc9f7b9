"""What everybody needs: names that say what one sees, one first heading, a second try."""

from __future__ import annotations

import pytest
from tests.page.test_tour import CARD, search, searched_again, shows

pytestmark = pytest.mark.browser

MISNAMED = """buttons => buttons.filter((button) => {
  const words = (text) => text.toLowerCase().match(/[a-z0-9%]+/g) ?? [];
  const name = button.getAttribute("aria-label") ?? button.textContent;
  const seen = [...button.querySelectorAll("span:not([aria-hidden])")].filter((one) => one.offsetParent);
  const read = seen.map((one) => one.textContent).join(" ");
  return !name.trim() || !words(read).every((word) => words(name).includes(word));
}).map((button) => button.outerHTML)"""


def test_every_button_is_called_what_one_reads_on_it_and_the_page_has_one_first_heading(visit, origin, photo):
    page = visit(origin)
    shows(page, 24)
    assert page.get_by_role("heading", level=1).count() == 1
    search(page, photo(5))
    page.locator("#kinds .kind").first.wait_for()
    assert page.get_by_role("heading", level=1).count() == 1
    assert page.eval_on_selector_all("button", MISNAMED) == []


def test_a_server_that_did_not_answer_can_be_asked_again(visit, origin, photo):
    page = visit(origin)
    shows(page, 24)
    page.route("**/v1/search", lambda route: route.abort())
    page.set_input_files("#file", str(photo(5)))
    told = page.get_by_role("alert")
    told.wait_for()
    assert "lookalike serve" in told.locator("code").inner_text()
    page.unroute("**/v1/search")
    told.get_by_role("button", name="Try again").click()
    page.locator(f"{CARD} .score").first.wait_for()
    assert not told.is_visible()


def test_a_long_name_takes_two_lines_of_a_card_and_nothing_sticks_out(visit, origin):
    page = visit(origin, width=360)
    shows(page, 24)
    page.locator(f"{CARD} h3").first.evaluate("title => (title.textContent = 'a/very/long/path'.repeat(20))")
    tall = page.locator(f"{CARD} h3").first.bounding_box()["height"]
    line = page.locator(f"{CARD} h3").nth(1).bounding_box()["height"]
    assert tall == pytest.approx(2 * line, abs=1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_on_a_phone_words_fold_away_beside_a_photo_and_stay_where_they_are_asked(visit, origin, photo):
    page = visit(origin, width=360, height=740, has_touch=True, is_mobile=True)
    shows(page, 24)
    assert page.get_by_label("Describe it in words").is_visible()
    search(page, photo(5))
    page.locator("#kinds .kind").first.wait_for()
    assert not page.get_by_label("Describe it in words").is_visible()
    assert page.locator(CARD).first.bounding_box()["y"] < 560
    page.locator("#refine > summary").click()
    searched_again(page, lambda: page.get_by_label("Describe it in words").fill("hat"))
    page.locator("#refine > summary").click()
    page.get_by_label("Describe it in words").blur()
    searched_again(page, lambda: page.locator(".away").first.click())
    assert page.get_by_label("Describe it in words").is_visible()
