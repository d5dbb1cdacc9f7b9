"""The page's whole tour in a real browser: everything that a visitor does, on a small drawn catalogue."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.conftest import drawn_photo, encoded
from tests.interfaces.http.conftest import picture
from tests.page.conftest import running

from lookalike.interfaces.settings import ServeSettings

pytestmark = pytest.mark.browser

CARD = ".card:not(.waiting)"


def names(page) -> list[str]:
    return page.locator(f"{CARD} h3").all_inner_texts()


def shows(page, count: int) -> None:
    """Wait until so many items are drawn; the page's policy forbids to wait by a script in text."""
    page.locator(f"#results:not(:has(> :nth-child({count + 1}))) > {CARD}:nth-child({count})").wait_for()


def search(page, *files: str) -> None:
    """Hand photos over and wait for the answer."""
    page.locator(CARD).first.wait_for()
    searched_again(page, lambda: page.set_input_files("#file", list(files)))


def searched_again(page, act) -> None:
    """Do something that searches again, and wait until the answer is drawn in place of the last one."""
    page.evaluate("document.getElementById('results').firstElementChild?.setAttribute('data-old', '')")
    with page.expect_response(re.compile("/v1/(search|similar)")):
        act()
    page.locator("#results > [data-old]").wait_for(state="detached")
    page.locator("#results > .waiting").first.wait_for(state="detached")
    page.locator(f"{CARD} .score").first.wait_for()


def asked(page) -> dict[str, list[str]]:
    """What the address carries."""
    return parse_qs(urlsplit(page.url).query)


def test_an_uploaded_photo_finds_its_item_and_says_what_the_score_means(visit, origin, photo):
    page = visit(origin)
    page.locator(CARD).first.wait_for()
    assert len(names(page)) == 24
    search(page, photo(5))
    first = page.locator(CARD).first
    assert first.locator("h3").inner_text() == "Thing 5"
    assert first.locator(".score").inner_text().split()[:2] == ["same", "item"]
    assert first.locator(".role").inner_text() == "matched · front"
    assert page.locator("#found-note").inner_text().startswith("24 items in ")
    assert page.title() == "Best matches · lookalike"


def test_a_photo_may_be_dropped_and_pasted(visit, origin):
    page = visit(origin)
    page.locator(CARD).first.wait_for()
    hand_over = """([kind, bytes]) => {
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(bytes)], "photo.png", { type: "image/png" }));
        const how = { bubbles: true, cancelable: true };
        document.dispatchEvent(kind === "drop"
            ? new DragEvent("drop", { ...how, dataTransfer: data })
            : new ClipboardEvent("paste", { ...how, clipboardData: data }));
    }"""
    searched_again(page, lambda: page.evaluate(hand_over, ["drop", list(picture(9))]))
    assert names(page)[0] == "Thing 9"
    page.get_by_role("button", name="Remove photo 1").click()
    searched_again(page, lambda: page.evaluate(hand_over, ["paste", list(picture(4))]))
    assert names(page)[0] == "Thing 4"


@pytest.fixture
def pair_of_things(tmp_path) -> str:
    """A photo with thing 0 on its left and thing 7 on its right."""
    canvas = drawn_photo(0, size=(192, 160)).resize((384, 160))
    canvas.paste(drawn_photo(7, size=(192, 160)), (192, 0))
    path = tmp_path / "two.png"
    path.write_bytes(encoded(canvas))
    return str(path)


def test_a_box_that_is_dragged_searches_that_part(visit, origin, pair_of_things):
    page = visit(origin)
    search(page, pair_of_things)
    area = page.locator(".stage").bounding_box()
    page.mouse.move(area["x"] + area["width"] * 0.5, area["y"] + 1)
    page.mouse.down()
    page.mouse.move(area["x"] + area["width"] - 1, area["y"] + area["height"] - 1, steps=4)
    assert page.locator(".box").is_visible()
    searched_again(page, page.mouse.up)
    assert names(page)[0] == "Thing 7"
    searched_again(page, page.get_by_role("button", name="Whole photo").click)
    assert not page.locator(".box").is_visible()


def test_a_box_can_be_made_with_the_keyboard_alone(visit, origin, pair_of_things):
    page = visit(origin)
    search(page, pair_of_things)
    of_the_whole = names(page)
    page.locator(".stage").focus()
    for key in ["ArrowRight"] * 6 + ["Shift+ArrowLeft"] * 3:
        page.keyboard.press(key)
    assert page.locator(".box").is_visible()
    searched_again(page, lambda: page.keyboard.press("Enter"))
    drawn = page.evaluate(
        "['left', 'top', 'width', 'height'].map((side) => document.querySelector('.box').style[side])"
    )
    assert [float(share.rstrip("%")) for share in drawn] == pytest.approx([40, 20, 48, 60], abs=0.01)
    assert names(page) != of_the_whole
    assert page.evaluate("document.activeElement.className") == "stage"
    searched_again(page, lambda: page.keyboard.press("Escape"))
    assert not page.locator(".box").is_visible()


def test_a_second_photo_is_asked_too_and_can_be_taken_away(visit, origin, photo, tmp_path):
    page = visit(origin)
    search(page, photo(5))
    one = page.locator(f"{CARD} .score").nth(1).inner_text()
    (tmp_path / "back.png").write_bytes(picture(5, view=1))
    search(page, str(tmp_path / "back.png"))
    assert names(page)[0] == "Thing 5"
    assert page.locator(f"{CARD} .score").nth(1).inner_text() != one
    assert page.locator(".stage").count() == 2
    searched_again(page, page.get_by_role("button", name="Remove photo 1").click)
    assert page.locator(".stage").count() == 1
    assert page.locator(f"{CARD} .role").first.inner_text() == "matched · back"


def test_the_dial_ranks_again_and_stands_in_the_address(visit, origin, photo):
    page = visit(origin)
    search(page, photo(5))
    by_both = names(page)
    with page.expect_request("**/v1/search") as sent:
        searched_again(page, lambda: page.get_by_role("slider", name="Match by").fill("100"))
    assert "again" in sent.value.post_data_json  # the photo is not sent anew
    by_colour = names(page)
    assert by_colour != by_both
    assert sorted(by_colour) == sorted(by_both)
    assert asked(page)["colour"] == ["1.00"]
    searched_again(page, page.get_by_role("button", name="Balanced").click)
    assert names(page) == by_both


def test_filters_with_counts_narrow_the_results_and_can_be_shared(visit, origin, photo):
    page = visit(origin)
    page.locator("summary", has_text="category").click()
    chip = page.get_by_role("button", name="cup 12")
    with page.expect_response("**/v1/items?*"):
        chip.click()
    shows(page, 12)
    assert {facts.strip() for facts in page.locator(f"{CARD} .facts").all_inner_texts()} == {"cup"}
    assert asked(page)["f.category"] == ["cup"]
    again = visit(page.url)
    shows(again, 12)
    assert again.get_by_role("button", name="cup 12").get_attribute("aria-pressed") == "true"
    search(again, photo(4))  # a hat
    assert "Thing 4" not in names(again)
    alone = visit(f"{origin}/?low.price=33&high.price=33.5")
    search(alone, photo(1))
    assert names(alone) == ["Thing 22"]
    assert alone.locator("#found-title").inner_text() == "Nothing close"


def test_where_nothing_passes_the_filters_the_page_says_so_and_offers_the_way_out(visit, origin):
    page = visit(f"{origin}/?low.price=30.2&f.category=hat&high.price=30.4")
    page.get_by_role("heading", name="Nothing fits").wait_for()
    page.locator("#found-note button").click()
    page.locator(CARD).first.wait_for()
    assert len(names(page)) == 24
    assert asked(page) == {}


def test_the_item_page_has_all_views_and_attributes_and_an_address(visit, origin):
    page = visit(origin)
    page.get_by_role("button", name="Open Thing 5").click()
    dialog = page.get_by_role("dialog", name="Thing 5")
    dialog.wait_for()
    assert dialog.locator(".views button").count() == 2
    before = dialog.locator(".large").get_attribute("src")
    dialog.get_by_role("button", name="View 2, back").click()
    assert dialog.locator(".large").get_attribute("src") != before
    assert (
        re.sub(r"\s+", " ", dialog.locator("dl").inner_text()).lower() == "category cup price 7.5 id thing/05"
    )
    assert asked(page)["item"] == ["thing/05"]
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    page.go_back()
    dialog.wait_for()
    searched_again(page, dialog.get_by_role("button", name="More like this").click)
    page.get_by_role("heading", name="Like Thing 5").wait_for()
    assert "Thing 5" not in names(page)
    page.get_by_role("button", name="Stop looking for its like").click()
    page.get_by_role("heading", name="The catalogue").wait_for()


def test_two_items_stand_side_by_side_with_their_closest_views(visit, origin):
    page = visit(origin)
    page.get_by_role("button", name="Open Thing 5").click()
    page.get_by_role("button", name="Compare with another…").click()
    page.get_by_role("button", name="Open Thing 6").click()
    dialog = page.get_by_role("dialog", name="Side by side")
    dialog.wait_for()
    assert dialog.locator("figcaption strong").all_inner_texts() == ["Thing 5", "Thing 6"]
    assert dialog.locator(".closeness .score").inner_text()
    rows = [row.split() for row in dialog.locator("tbody tr").all_inner_texts()]
    assert [[word.lower() for word in row] for row in rows] == [
        ["category", "cup", "hat"],
        ["price", "7.5", "9"],
    ]
    assert (asked(page)["item"], asked(page)["beside"]) == (["thing/05"], ["thing/06"])


def test_a_name_that_holds_a_script_stays_text(visit, origin):
    page = visit(f"{origin}/?item=thing/23")
    page.get_by_role("dialog").wait_for()
    assert page.locator("#item-title").inner_text() == "<script>window.broken = 1</script>"
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Open <script>window.broken = 1</script>").wait_for()
    assert page.evaluate("window.broken") is None
    assert page.locator("main script, dialog script").count() == 0


def test_while_it_waits_the_page_shows_progress_and_what_fails_is_told_with_the_next_step(
    visit, origin, photo, tmp_path
):
    page = visit(origin)
    page.locator(CARD).first.wait_for()
    held = []
    page.route("**/v1/search", lambda route: held.append(route))
    page.set_input_files("#file", photo(5))
    page.get_by_role("heading", name="Looking…").wait_for()
    assert page.locator("#meter").is_visible()
    assert page.locator(".card.waiting").count() == 8
    assert not page.locator("#more").is_visible()
    held[0].continue_()
    page.locator(f"{CARD} .score").first.wait_for()
    page.unroute("**/v1/search")
    page.get_by_role("button", name="Remove photo 1").click()
    bad = tmp_path / "notes.jpg"
    bad.write_text("no photo")
    page.set_input_files("#file", str(bad))
    told = page.get_by_role("alert")
    told.wait_for()
    assert told.inner_text().startswith("This is not a photo. Use JPEG")
    assert page.locator(CARD).count() == 0
    assert page.locator(".stage").inner_text() == "notes.jpg"


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_nothing_sticks_out_at_any_width_and_the_results_are_in_sight(visit, origin, photo, width):
    page = visit(origin, width=width, height=740, has_touch=width < 500, color_scheme="dark")
    search(page, photo(5))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator(CARD).first.bounding_box()["y"] < 640
    page.get_by_role("button", name="Open Thing 5").click()
    dialog = page.get_by_role("dialog", name="Thing 5")
    dialog.wait_for()
    close = dialog.get_by_role("button", name="Close").bounding_box()
    assert 0 < close["x"] < width - close["width"]
    dialog.get_by_role("button", name="Close").click()
    if width < 860:  # filters are folded away there
        assert not page.get_by_role("slider", name="Match by").is_visible()
        page.locator("#refine > summary").click()
    assert page.get_by_role("slider", name="Match by").is_visible()


def test_every_control_has_a_name_and_every_picture_says_what_it_is_or_that_it_is_not_needed(
    visit, origin, photo
):
    page = visit(origin)
    search(page, photo(5))
    page.get_by_role("button", name="Open Thing 5").click()
    page.get_by_role("dialog").wait_for()
    nameless = page.evaluate(
        """() => [...document.querySelectorAll("button, input:not([hidden]), a, img")].filter((one) =>
            one.tagName === "IMG" ? !one.hasAttribute("alt")
            : !(one.innerText || one.textContent || one.getAttribute("aria-label") || one.labels?.length))
            .map((one) => one.outerHTML)"""
    )
    assert nameless == []
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert len(ids) == len(set(ids))


def test_a_guarded_catalogue_asks_for_its_token_once_and_its_map_is_guarded_too(visit, browser, tmp_path):
    store = tmp_path / "store"
    with running(store, ServeSettings(decoders=1, token="long-and-random")) as url:
        (store / "atlas.html").write_text("<!doctype html><title>The map</title>")
        page = visit(url)
        assert page.get_by_role("button", name="Enter").bounding_box()["height"] < 48, "the word in one line"
        page.get_by_label("Token").fill("wrong")
        page.get_by_role("button", name="Enter").click()
        page.get_by_text("That is not the token.").wait_for()
        assert page.request.get(f"{url}/atlas").status == 401
        page.get_by_label("Token").fill("long-and-random")
        page.get_by_role("button", name="Enter").click()
        page.locator(CARD).first.wait_for()
        page.get_by_role("link", name="Map").click()
        page.wait_for_url(f"{url}/atlas")
        assert page.title() == "The map"
