"""axe-core finds nothing in any state of the page: desktop and phone, light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from tests.conftest import drawn_photo, encoded
from tests.interfaces.http.conftest import filled_store, picture
from tests.page.states import STATES, Visit
from tests.retrieval.conftest import TinyEmbedder

from lookalike.evaluation.stored import evaluated_store
from lookalike.exploration.atlas.laying import lay_out
from lookalike.exploration.atlas.page import write_atlas
from lookalike.exploration.projection import MapSettings
from lookalike.interfaces.http.background import serving
from lookalike.interfaces.settings import ServeSettings
from lookalike.retrieval.engine import SearchEngine
from lookalike.retrieval.together.baskets import Baskets
from lookalike.retrieval.together.kept import keep_baskets

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 740, "has_touch": True, "is_mobile": True}
DEVICES = {"desktop": {"width": 1280, "height": 900}, "phone": PHONE}
MOST_CARDS_ALIKE = {"exclude": [["#results > :nth-child(n + 9)"]]}
ALL_RULES = {"resultTypes": ["violations"]}
CONTRAST = {"resultTypes": ["violations"], "runOnly": ["color-contrast"]}  # all that a scheme changes


@pytest.fixture(scope="module")
def at_hand(tmp_path_factory) -> Iterator[Visit]:
    """A server whose store has a map and baskets, and what a visitor brings."""
    folder = tmp_path_factory.mktemp("accessible")
    embedder = TinyEmbedder()
    store = filled_store(folder / "store", embedder)
    keep_baskets(folder / "store", Baskets((("thing/05", "thing/06"),) * 5))
    write_atlas(lay_out(evaluated_store(store), MapSettings("pca")), folder / "store" / "atlas.html")
    scene = Image.new("RGB", (360, 260), "white")
    scene.paste(drawn_photo(5, size=(96, 80)), (230, 150))
    stranger = drawn_photo(4711, size=(96, 40)).rotate(90).convert("L").convert("RGB")
    files = {
        "front.png": picture(5),
        "back.png": picture(5, view=1),
        "scene.png": encoded(scene),
        "stranger.png": encoded(stranger),
        "notes.jpg": b"no photo",
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
    front, back, scene_file, stranger_file, notes = (str(folder / name) for name in files)
    with serving(SearchEngine(embedder, store), replace(ServeSettings(decoders=1), port=0)) as url:
        yield Visit(
            url, (front, back), scene_file, stranger_file, notes, ("thing/05", "thing/06"), "thing 7 cup"
        )


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing(visit, at_hand, state, device):
    axe = Axe()
    page = visit("about:blank", **DEVICES[device], origin=at_hand.origin)
    STATES[state](page, at_hand)
    for scheme, asked in (("light", ALL_RULES), ("dark", CONTRAST)):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found = axe.run(page, MOST_CARDS_ALIKE, asked)
        assert found.violations_count == 0, f"{scheme}: {found.generate_report()}"
