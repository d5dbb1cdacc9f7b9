"""A server beside the running program: for notebooks, scripts and tests."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import uvicorn

from lookalike.errors import SettingsError
from lookalike.interfaces.http.app import create_app
from lookalike.interfaces.http.serving import address, listening, server_config
from lookalike.interfaces.settings import ServeSettings
from lookalike.retrieval.engine import SearchEngine
from lookalike.retrieval.opening import open as open_store

START_S = 60.0


@contextmanager
def serving(store: str | Path | SearchEngine, settings: ServeSettings | None = None) -> Iterator[str]:
    """Serve a store in a thread of this program while the ``with`` lasts; gives the server's address.

    Args:
        store: its folder, or an engine that has it open.
        settings: as for ``lookalike.serve``; loopback and a free port if None.

    Raises:
        SettingsError: the address cannot be listened on.
        StoreError: there is no store, or it is damaged.
    """
    settings = settings or replace(ServeSettings(), port=0)
    engine = store if isinstance(store, SearchEngine) else open_store(store, read_only=settings.read_only)
    listener = listening(settings)
    server = uvicorn.Server(server_config(create_app(engine, settings)))
    thread = threading.Thread(target=server.run, args=([listener],), name="lookalike-serve", daemon=True)
    thread.start()
    try:
        _wait_for(server, thread)
        yield address(listener)
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def _wait_for(server: uvicorn.Server, thread: threading.Thread) -> None:
    latest = time.monotonic() + START_S
    while not server.started:
        if not thread.is_alive() or time.monotonic() > latest:
            raise SettingsError("The server did not start.", hint="See its log.")
        time.sleep(0.005)
