"""Every state that the page can be in, and the way there; for checks and pictures of all of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

CARD = ".card:not(.waiting)"
SCORED = f"{CARD} .score"


@dataclass(frozen=True)
class Visit:
    """What a visitor has at hand: a server, photos as files, ids of items."""

    origin: str
    photos: tuple[str, str]
    """Two photos of one item."""
    scene: str
    """A photo with the first item somewhere in it."""
    stranger: str
    """A photo of what is not in the catalogue."""
    not_a_photo: str
    items: tuple[str, str]
    words: str


def _start(page: Any, visit: Visit, address: str = "") -> None:
    page.goto(f"{visit.origin}/{address}")
    page.locator(CARD).first.wait_for()


def _upload(page: Any, *files: str) -> None:
    page.set_input_files("#file", list(files))
    page.locator(SCORED).first.wait_for()
    page.locator("#kinds .kind").first.wait_for()


def _refine(page: Any) -> None:
    if not page.locator("#refine").evaluate("refine => refine.open"):
        page.locator("#refine > summary").click()


def _searched(page: Any, act: Callable[[], object]) -> None:
    with page.expect_response(re.compile("/v1/search")):
        act()
    page.locator(SCORED).first.wait_for()


def start(page: Any, visit: Visit) -> None:
    _start(page, visit)


def filters(page: Any, visit: Visit) -> None:
    _start(page, visit)
    _refine(page)
    page.locator("summary", has_text="category").click()
    with page.expect_response("**/v1/items?*"):
        page.locator(".filter[open] .chip").first.click()
    page.locator("summary", has_text="price").click()


def nothing_fits(page: Any, visit: Visit) -> None:
    page.goto(f"{visit.origin}/?low.price=0.011&high.price=0.012")
    page.get_by_role("heading", name="Nothing fits").wait_for()


def empty_catalogue(page: Any, visit: Visit) -> None:
    page.route("**/v1/items?*", lambda route: route.fulfill(json={"items": [], "total": 0}))
    page.goto(visit.origin)
    page.get_by_role("heading", name="Nothing here yet").wait_for()


def results(page: Any, visit: Visit) -> None:
    _start(page, visit)
    _upload(page, visit.photos[0])


def two_photos(page: Any, visit: Visit) -> None:
    _start(page, visit)
    _upload(page, *visit.photos)
    with page.expect_response(re.compile("/v1/search")):
        page.get_by_role("button", name="Not like this one").last.click()
    page.locator(".photo.unwanted").wait_for()


def box(page: Any, visit: Visit) -> None:
    results(page, visit)
    page.locator(".stage").focus()
    page.keyboard.press("ArrowRight")
    _searched(page, lambda: page.keyboard.press("Enter"))


def parts(page: Any, visit: Visit) -> None:
    _start(page, visit)
    _upload(page, visit.scene)
    _searched(page, page.get_by_role("button", name="Try parts of it").click)
    page.locator(".parts").wait_for()


def why(page: Any, visit: Visit) -> None:
    results(page, visit)
    card = page.locator(CARD).first
    card.hover()
    with page.expect_response(re.compile("/v1/explain")):
        card.locator(".why").click()
    card.locator(".why-note").wait_for()


def colours(page: Any, visit: Visit) -> None:
    results(page, visit)
    _refine(page)
    _searched(page, page.get_by_role("button", name="green", exact=True).click)


def words(page: Any, visit: Visit) -> None:
    _start(page, visit, f"?words={quote(visit.words)}")
    page.locator(SCORED).first.wait_for()


def unknown_words(page: Any, visit: Visit) -> None:
    page.goto(f"{visit.origin}/?words=xyzzy")
    page.get_by_role("alert").wait_for()


def mixed(page: Any, visit: Visit) -> None:
    plus, minus = (quote(item, safe="") for item in visit.items)
    _start(page, visit, f"?plus={plus}&minus={minus}&varied=yes&colour=0.80")
    page.locator("#mix li").nth(1).wait_for()
    page.locator(SCORED).first.wait_for()


def absent(page: Any, visit: Visit) -> None:
    _start(page, visit)
    page.set_input_files("#file", visit.stranger)
    page.locator(SCORED).first.wait_for()


def liked(page: Any, visit: Visit) -> None:
    _start(page, visit, f"?like={quote(visit.items[0], safe='')}")
    page.locator(".liked").wait_for()
    page.locator(SCORED).first.wait_for()


def item(page: Any, visit: Visit) -> None:
    _start(page, visit, f"?item={quote(visit.items[0], safe='')}")
    page.get_by_role("dialog").wait_for()
    page.locator(".goes-with li").first.wait_for()


def item_in_scene(page: Any, visit: Visit) -> None:
    item(page, visit)
    page.locator("#item input[type=file]").set_input_files(visit.scene)
    page.locator(".scene .part.won").wait_for()


def pair(page: Any, visit: Visit) -> None:
    one, other = (quote(item, safe="") for item in visit.items)
    _start(page, visit, f"?item={one}&beside={other}")
    page.get_by_role("dialog", name="Side by side").wait_for()


def held(page: Any, visit: Visit) -> None:
    item(page, visit)
    page.get_by_role("button", name="Compare with another…").click()
    page.get_by_role("button", name="Never mind").wait_for()


def waiting(page: Any, visit: Visit) -> None:
    _start(page, visit)
    page.route("**/v1/search", lambda route: None)
    page.set_input_files("#file", visit.photos[0])
    page.locator(".card.waiting").first.wait_for()


def refused(page: Any, visit: Visit) -> None:
    _start(page, visit)
    page.set_input_files("#file", visit.not_a_photo)
    page.get_by_role("alert").wait_for()


def unreachable(page: Any, visit: Visit) -> None:
    _start(page, visit)
    page.route("**/v1/search", lambda route: route.abort())
    page.set_input_files("#file", visit.photos[0])
    page.get_by_role("button", name="Try again").wait_for()


def guarded(page: Any, visit: Visit) -> None:
    told = {"title": "A token is needed", "status": 401, "detail": "", "hint": ""}
    page.route("**/v1/stats", lambda route: route.fulfill(status=401, json=told))
    page.goto(visit.origin)
    page.get_by_label("Token").wait_for()


def map_of_all(page: Any, visit: Visit) -> None:
    page.goto(f"{visit.origin}/atlas")
    page.locator("canvas").first.wait_for()


def map_on_dark(page: Any, visit: Visit) -> None:
    map_of_all(page, visit)
    page.get_by_role("button", name="Dark").click()


STATES: dict[str, Callable[[Any, Visit], None]] = {
    way.__name__: way
    for way in (
        start, filters, nothing_fits, empty_catalogue, results, two_photos, box, parts, why, colours, words,
        unknown_words, mixed, absent, liked, item, item_in_scene, pair, held, waiting, refused, unreachable,
        guarded, map_of_all, map_on_dark,
    )
}  # fmt: skip
