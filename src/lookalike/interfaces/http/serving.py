"""From a store's folder to a running server, and its orderly end."""

from __future__ import annotations

import signal
import socket
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from lookalike.errors import MissingExtra, SettingsError
from lookalike.interfaces.cli.output import tell
from lookalike.interfaces.settings import ServeSettings

if TYPE_CHECKING:
    import uvicorn

DRAIN_S = 20
MOST_CONNECTIONS = 1024


def serve(store: str | Path, settings: ServeSettings | None = None) -> None:
    """Serve the API and the page over a store until Ctrl-C or SIGTERM; requests under way are answered.

    Args:
        store: the folder.
        settings: address, tokens and limits; loopback and port 8000 if None.

    Raises:
        MissingExtra: the extra ``serve`` is not installed.
        SettingsError: the address cannot be listened on.
        StoreError: there is no store, or it is damaged.
    """
    try:
        import fastapi  # noqa: F401
        import httptools  # noqa: F401
        import python_multipart  # noqa: F401
        import uvicorn
    except ImportError as error:
        raise MissingExtra("Serving HTTP", extra="serve") from error
    from lookalike.interfaces.http.app import create_app
    from lookalike.retrieval.opening import open as open_store

    settings = settings or ServeSettings()
    app = create_app(open_store(store, read_only=settings.read_only), settings)
    listener = listening(settings)
    tell(f"\nserving {store} on {address(listener)}  (Ctrl-C ends)")
    _run(uvicorn.Server(server_config(app)), listener)


def server_config(app: Any) -> uvicorn.Config:
    """How the server under the app is run: quiet, with an end to idle connections and to draining."""
    import uvicorn

    from lookalike.interfaces.http.connections import protocol_for

    return uvicorn.Config(
        app,
        http=protocol_for(app.state.service),
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=DRAIN_S,
        limit_concurrency=MOST_CONNECTIONS,
    )


def address(listener: socket.socket) -> str:
    """The URL that a browser on this machine opens."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def listening(settings: ServeSettings) -> socket.socket:
    """A socket that listens where the settings say.

    Raises:
        SettingsError: nothing can listen there.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((settings.host, settings.port))
        listener.listen(MOST_CONNECTIONS)
    except OSError as error:
        listener.close()
        raise SettingsError(
            f"Nothing can listen on {settings.host}:{settings.port} ({error.strerror or error}).",
            hint="Choose another port (--port 0 takes a free one).",
        ) from error
    return listener


def _run(server: uvicorn.Server, listener: socket.socket) -> None:
    """Run to the end; the signals that ended it are taken as answered."""
    before = {number: signal.signal(number, _heard) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        server.run(sockets=[listener])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        listener.close()


def _heard(_: int, __: FrameType | None) -> None:
    """The server raises its signals again when it has drained; there is nothing left to end then."""
