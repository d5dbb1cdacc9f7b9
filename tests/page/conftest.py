"""A server on a free port, and a real Chromium that may talk to nobody else."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.interfaces.http.conftest import filled_store, picture
from tests.retrieval.conftest import TinyEmbedder

from lookalike.interfaces.http.background import serving
from lookalike.interfaces.settings import ServeSettings
from lookalike.retrieval.engine import SearchEngine

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE_MS = 15_000
"""How long the page may take for one step, on a machine that is busy with other tests."""


def chromium() -> str:
    """The browser; skips, loudly, where there is none."""
    named = os.environ.get("LOOKALIKE_CHROMIUM")
    found = named or next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("SKIPPED FOR WANT OF A BROWSER: install chromium, or name one in LOOKALIKE_CHROMIUM")
    return found


@contextmanager
def running(folder: Path, settings: ServeSettings) -> Iterator[str]:
    """The origin of a server over a filled store."""
    embedder = TinyEmbedder()
    with serving(SearchEngine(embedder, filled_store(folder, embedder)), replace(settings, port=0)) as url:
        yield url


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server without a token."""
    with running(tmp_path_factory.mktemp("page") / "store", ServeSettings(decoders=1)) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One browser for the tests of a file; closed after it, as its event loop is in the way of others."""
    path = chromium()
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=path, args=list(FLAGS))
        yield opened
        opened.close()


@pytest.fixture
def visit(browser: Any) -> Iterator[Callable[..., Any]]:
    """Opens pages; in the end no request has left its origin, no script failed, no policy was broken."""
    contexts, foreign, faults = [], [], []

    def open_page(
        url: str, *, width: int = 1280, height: int = 900, origin: str | None = None, **options: Any
    ) -> Any:
        context = browser.new_context(
            viewport={"width": width, "height": height}, reduced_motion="reduce", **options
        )
        contexts.append(context)
        origin = origin or "/".join(url.split("/")[:3])
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        ours = (origin + "/", f"blob:{origin}/", "data:")
        page.on("request", lambda sent: None if sent.url.startswith(ours) else foreign.append(sent.url))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda told: faults.append(told.text) if "Security Policy" in told.text else None)
        page.goto(url)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert foreign == []
    assert faults == []


@pytest.fixture(scope="session")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], str]:
    """The file of an item's front photo, as a visitor has it."""
    folder = tmp_path_factory.mktemp("visitor")

    def of(item: int) -> str:
        path = folder / f"{item}.png"
        path.write_bytes(picture(item))
        return str(path)

    return of
