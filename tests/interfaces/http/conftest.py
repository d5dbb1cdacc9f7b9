"""A small store behind the HTTP door, and a client; no model, no network."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType

import pytest
from fastapi.testclient import TestClient
from tests.conftest import drawn_photo, encoded
from tests.retrieval.conftest import TinyEmbedder

from lookalike.catalogue.items import Catalogue, Item, View
from lookalike.interfaces.http.app import create_app
from lookalike.interfaces.settings import ServeSettings
from lookalike.retrieval.engine import SearchEngine
from lookalike.retrieval.indexing import index_catalogue
from lookalike.retrieval.store import Store

ORIGIN = "http://127.0.0.1:8000"
ITEMS = 24
VIEWS = 2


def picture(item: int, view: int = 0) -> bytes:
    """The photo of a view: an item's views differ in their frame."""
    return encoded(drawn_photo(item, size=(96 + 6 * view, 80)))


def filled_store(folder: Path, embedder: TinyEmbedder) -> Store:
    """24 items with two views; the last one's title is a script."""
    items = []
    for item in range(ITEMS):
        views = tuple(View(picture(item, view), role=("front", "back")[view]) for view in range(VIEWS))
        facts: dict[str, str | int | float] = {
            "category": "cup" if item % 2 else "hat",
            "price": 1.5 * item,
            "title": "<script>window.broken = 1</script>" if item == ITEMS - 1 else f"Thing {item}",
        }
        items.append(Item(f"thing/{item:02d}", views, MappingProxyType(facts)))
    store = Store.create(folder, card=embedder.card)
    index_catalogue(Catalogue(tuple(items), source="drawn"), store, embedder)
    return store


def opened(folder: Path, settings: ServeSettings) -> TestClient:
    """A client of a server over a filled store."""
    embedder = TinyEmbedder()
    engine = SearchEngine(embedder, filled_store(folder, embedder))
    return TestClient(create_app(engine, settings), base_url=ORIGIN, raise_server_exceptions=False)


@pytest.fixture(scope="session")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """For tests that change nothing."""
    settings = ServeSettings(decoders=1, max_body_bytes=2_000_000, deadline_s=60.0)
    with opened(tmp_path_factory.mktemp("reader") / "store", settings) as client:
        yield client


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[TestClient]:
    """For tests that change the catalogue."""
    with opened(tmp_path / "store", ServeSettings(decoders=1, deadline_s=60.0)) as client:
        yield client


class SlowEmbedder(TinyEmbedder):
    """Waits for leave before each forward pass, and keeps the sizes of its batches."""

    def __init__(self) -> None:
        super().__init__()
        self.leave = threading.Event()
        self.begun = threading.Event()
        self.batches: list[int] = []

    def _embed(self, photos):
        self.begun.set()
        assert self.leave.wait(30)
        self.batches.append(len(photos))
        return super()._embed(photos)
