"""A shop of plain things: each of three forms in each of four colours, two views each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lookalike.catalogue.items import Catalogue, Item, View
from lookalike.embedding.descriptor import Descriptor
from lookalike.retrieval import merging
from lookalike.retrieval.engine import SearchEngine
from lookalike.retrieval.indexing import index_catalogue
from lookalike.retrieval.query import QueryPhoto
from lookalike.retrieval.store import Store

COLOURS = {"red": (200, 30, 45), "navy": (30, 45, 80), "green": (60, 140, 60), "yellow": (240, 210, 50)}
FORMS = ("disc", "bar", "ring")


def thing(form: str, colour: str, view: int = 0) -> Image.Image:
    """A form in a colour on white; the second view is a little smaller and off the middle."""
    y, x = np.mgrid[0:96, 0:96] - 48.0
    x, y = x - 5 * view, y + 4 * view
    size = 36 - 3 * view
    inside = {
        "disc": x**2 + y**2 < size**2,
        "bar": (abs(x) < size) & (abs(y) < size / 4),
        "ring": (x**2 + y**2 < size**2) & (x**2 + y**2 > (size / 1.6) ** 2),
    }[form]
    light = 1 + 0.25 * (x / 48)[..., None]
    pixels = np.where(inside[..., None], np.array(COLOURS[colour]) * light, 255)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def filled(folder: Path) -> SearchEngine:
    """Twelve items, ``red-disc`` and so on, with two views each."""
    items = []
    for form in FORMS:
        for colour in COLOURS:
            views = []
            for view in range(2):
                path = folder / f"{colour}-{form}-{view}.png"
                thing(form, colour, view).save(path)
                views.append(View(path))
            facts = {"title": f"{colour} {form}", "colour": colour, "category": form, "price": 3.5}
            items.append(Item(f"{colour}-{form}", tuple(views), facts))
    embedder = Descriptor()
    store = Store.create(folder / "store", card=embedder.card)
    index_catalogue(Catalogue(tuple(items), source="shop"), store, embedder)
    return SearchEngine(embedder, store)


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> SearchEngine:
    """For tests that change nothing."""
    return filled(tmp_path_factory.mktemp("shop"))


@pytest.fixture
def changing_shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SearchEngine:
    """For tests that change the catalogue; changes are layered over it, as over a large one."""
    monkeypatch.setattr(merging, "LAYERED_FROM", 0)
    return filled(tmp_path)


@pytest.fixture(scope="session")
def photo_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], QueryPhoto]:
    """A new photo of an item of the shop, by its id."""
    folder = tmp_path_factory.mktemp("photos")

    def of(item: str) -> QueryPhoto:
        colour, form = item.split("-")
        path = Path(folder / f"{item}.png")
        thing(form, colour, view=2).save(path)
        return QueryPhoto(path)

    return of
