"""`lookalike serve`: the HTTP API and the page over a store."""

from __future__ import annotations

from pathlib import Path

import click

from lookalike.interfaces.cli import options


@click.command()
@options.store
@click.option("--host", default="127.0.0.1", show_default=True, help="Any other than loopback needs a token.")
@click.option("--port", default=8000, show_default=True, help="0 takes a free one.")
@click.option(
    "--token",
    envvar="LOOKALIKE_TOKEN",
    default=None,
    help="What clients must send; better given as LOOKALIKE_TOKEN in the environment.",
)
@click.option("--read-only", is_flag=True, help="Refuse to add or delete items.")
def serve(store: Path, host: str, port: int, token: str | None, read_only: bool) -> None:
    """Serve the API and the page until Ctrl-C or SIGTERM; requests under way are answered first."""
    from lookalike.interfaces.http.serving import serve as run
    from lookalike.interfaces.settings import ServeSettings

    run(store, ServeSettings(host=host, port=port, token=token, read_only=read_only))
