"""Pictures of the page on the drawn catalogue: those of the docs, and every state of it to look at.

    lookalike demo --out demo --no-serve
    python -m benchmarks.page_pictures --demo demo                    # docs/images
    python -m benchmarks.page_pictures --demo demo --states FOLDER    # each state: three widths, light, dark

The photos that are asked are drawn for this: other shots of the catalogue's items, so that none finds itself.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from benchmarks.served import LOOKALIKE, server
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from tests.page import states
from tests.page.states import STATES, Visit

from lookalike.demo.designs import design
from lookalike.demo.rooms import draw_rooms
from lookalike.demo.shots import Shot, photograph

IMAGES = Path(__file__).parent.parent / "docs" / "images"
TEAPOT, OTHER_TEAPOT, BAG = 42, 43, 60
WIDTHS = {360: 740, 768: 1024, 1440: 900}
QUALITY = 88


def shot(folder: Path, number: int, name: str, taken: Shot, *, seed: int = 0) -> str:
    """A photo of an item that the catalogue does not have, as a file."""
    path = folder / name
    Image.fromarray(photograph(design(number, seed=seed), taken, size_px=640)).save(path, quality=92)
    return str(path)


def prepared(demo: Path, origin: str) -> Visit:
    """What a visitor of the demo catalogue brings."""
    asked = demo / "asked"
    asked.mkdir(exist_ok=True)
    (asked / "notes.jpg").write_text("no photo")
    return Visit(
        origin=origin,
        photos=(
            shot(asked, TEAPOT, "front.jpg", Shot("angle", 28, 20, take=21)),
            shot(asked, TEAPOT, "back.jpg", Shot("angle", 200, 18, take=22)),
        ),
        scene=shot(asked, TEAPOT, "scene.jpg", Shot("room", 24, 14, fill=0.5, take=23)),
        stranger=shot(asked, 9, "stranger.jpg", Shot("angle", 40, 16, take=24), seed=77),
        not_a_photo=str(asked / "notes.jpg"),
        items=(f"teapot-{TEAPOT:04d}", f"teapot-{OTHER_TEAPOT:04d}"),
        words="blue teapot with flowers",
    )


def furnish(demo: Path) -> None:
    """Give the store what not every store has: baskets and a map."""
    store = str(demo / "store")
    baskets = draw_rooms(demo / "catalogue" / "images.csv", baskets=600)
    for words in (["goes-with", "--store", store, "--baskets", str(baskets)], ["explore", "--store", store]):
        subprocess.run([sys.executable, *LOOKALIKE, *words], check=True, stdout=subprocess.DEVNULL)


@contextmanager
def opened(
    browser: Browser, width: int, height: int, *, scheme: str = "light", touch: bool | None = None
) -> Iterator[Page]:
    phone = width < 500 if touch is None else touch
    context = browser.new_context(
        viewport={"width": width, "height": height}, has_touch=phone, is_mobile=phone,
        color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce", device_scale_factor=1,
    )  # fmt: skip
    page = context.new_page()
    page.set_default_timeout(30_000)
    yield page
    context.close()


def settle(page: Page) -> None:
    """Wait until every photo in sight is there."""
    seen = "[...document.images].every((one) => one.complete || one.loading === 'lazy')"
    while not page.evaluate(seen):
        page.wait_for_timeout(50)
    page.wait_for_timeout(200)


def of_states(browser: Browser, visit: Visit, folder: Path, only: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for width, height in WIDTHS.items():
        for name in only or STATES:
            with opened(browser, width, height) as page:
                STATES[name](page, visit)
                for scheme in ("light", "dark"):
                    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                    settle(page)
                    page.screenshot(path=folder / f"{name}-{width}-{scheme}.png")
                    print(folder / f"{name}-{width}-{scheme}.png")


def of_docs(browser: Browser, visit: Visit, folder: Path) -> None:
    """The pictures that the docs show."""
    bag = shot(folder, BAG, "bag.jpg", Shot("angle", 196, 14, take=25))
    from_behind = replace(visit, photos=(bag, visit.photos[1]))
    for name, (width, height), lead, asked in (
        ("page", (1440, 1000), states.results, from_behind),
        ("ask", (1280, 1010), states.colours, visit),
        ("goes_with", (1100, 860), states.item, visit),
        ("page_why", (1280, 640), states.why, visit),
    ):
        with opened(browser, width, height, touch=False) as page:
            lead(page, asked)  # once for the server, which then has all in memory
            lead(page, asked)
            settle(page)
            page.screenshot(path=IMAGES / f"{name}.jpg", type="jpeg", quality=QUALITY)
            print(IMAGES / f"{name}.jpg")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--demo", type=Path, required=True, help="the folder of `lookalike demo`")
    parser.add_argument("--states", type=Path, help="every state into this folder")
    parser.add_argument("--only", nargs="*", choices=sorted(STATES), default=[])
    options = parser.parse_args()
    furnish(options.demo)
    with server(options.demo / "store") as (_, port), sync_playwright() as play:
        visit = prepared(options.demo, f"http://127.0.0.1:{port}")
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        if options.states:
            of_states(browser, visit, options.states, options.only)
        else:
            of_docs(browser, visit, options.demo / "asked")
        browser.close()


if __name__ == "__main__":
    main()
