"""`lookalike serve`: the HTTP API and the page over a store."""

from __future__ import annotations

from pathlib import Path

import click

from lookalike.interfaces.cli import options
from lookalike.interfaces.cli.output import tell

SHORT = 16
"""A token of fewer letters is told of where others can reach the server."""


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
@click.option(
    "--read-token",
    envvar="LOOKALIKE_READ_TOKEN",
    default=None,
    help="A second token that may only search and look; or LOOKALIKE_READ_TOKEN in the environment.",
)
@click.option("--read-only", is_flag=True, help="Refuse to add or delete items.")
@click.option(
    "--allow-host",
    "hosts",
    multiple=True,
    metavar="NAME",
    help="A name by which clients call this server, besides its address; may be given again.",
)
@click.option(
    "--per-second",
    type=float,
    default=None,
    help="Searches and changes a second for each client address; no limit unless given.",
)
@click.option("--deadline", default=10.0, show_default=True, help="Seconds after which a search is given up.")
def serve(
    store: Path,
    host: str,
    port: int,
    token: str | None,
    read_token: str | None,
    read_only: bool,
    hosts: tuple[str, ...],
    per_second: float | None,
    deadline: float,
) -> None:
    """Serve the API and the page until Ctrl-C or SIGTERM; requests under way are answered first."""
    from lookalike.interfaces.http.serving import serve as run
    from lookalike.interfaces.settings import ServeSettings

    settings = ServeSettings(
        host=host,
        port=port,
        token=token,
        read_token=read_token,
        read_only=read_only,
        hosts=hosts,
        per_second=per_second,
        deadline_s=deadline,
    )
    for one in (token, read_token):
        if one and len(one) < SHORT and not settings.on_loopback:
            tell(f"note: a token of {len(one)} letters is soon guessed; make one: openssl rand -hex 24")
    run(store, settings)
