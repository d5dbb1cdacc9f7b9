from __future__ import annotations

from tests.conftest import drawn_photo, encoded
from tests.page.test_tour import CARD, search, searched_again


def test_the_page_says_how_sure_it_is_and_that_a_thing_is_not_here(visit, origin, photo, tmp_path):
    page = visit(origin)
    page.locator(CARD).first.wait_for()
    assert page.locator("#found-sure").inner_text() == ""
    search(page, photo(5))
    page.locator("#found-sure .surebar").wait_for()
    assert page.locator("#found-sure").inner_text().startswith("The first is the same item: ")
    measure = "shares => shares.map((share) => share.offsetWidth)"
    widths = page.eval_on_selector_all(".surebar .share", measure)
    assert len(widths) == 3
    assert max(widths) == widths[0]
    stranger = tmp_path / "stranger.png"
    stranger.write_bytes(encoded(drawn_photo(4711, size=(96, 40)).rotate(90).convert("L").convert("RGB")))
    page.locator(".photo .away").first.click()
    search(page, stranger)
    page.get_by_text("Probably not in the catalogue").first.wait_for()
    assert "These come closest" in page.locator("#found-sure").inner_text()


def test_the_bars_of_what_a_photo_shows_narrow_the_results(visit, origin, photo):
    page = visit(origin)
    search(page, photo(5))
    bars = page.locator("#kinds .kind")
    bars.first.wait_for()
    kind = bars.first.locator(".kind-name").inner_text()
    assert kind == "cup"
    searched_again(page, bars.first.click)
    facts = page.locator(f"{CARD} .facts").all_inner_texts()
    assert len(facts) == 12
    assert set(facts) == {kind}


def test_the_switch_for_varied_results_asks_again_and_stands_in_the_address(visit, origin, photo):
    page = visit(origin)
    search(page, photo(5))
    first = page.locator(f"{CARD} h3").all_inner_texts()
    with page.expect_request("**/v1/search") as asked:
        searched_again(page, page.get_by_label("Varied results").check)
    assert asked.value.post_data_json["rerank"] == ["diverse"]
    varied = page.locator(f"{CARD} h3").all_inner_texts()
    assert varied[0] == first[0]
    assert set(varied) == set(first)
    assert "varied=yes" in page.url


def test_the_page_says_why_it_does_not_know_how_sure_it_is(visit, origin, photo):
    page = visit(origin)
    search(page, photo(5))
    page.locator("#found-sure .surebar").wait_for()
    searched_again(page, page.get_by_role("button", name="navy", exact=True).click)
    told = page.locator("#found-sure")
    assert told.inner_text() == "With colours, scores only rank: how sure they are is known for photos alone."
    assert page.locator(f"{CARD} .score.same").count() == 0
    searched_again(page, page.get_by_role("button", name="navy", exact=True).click)
    page.locator("#found-sure .surebar").wait_for()
