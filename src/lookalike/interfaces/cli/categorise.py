"""`lookalike categorise`: what kind of thing a photo shows."""

from __future__ import annotations

from pathlib import Path

import click

from lookalike.interfaces.cli import options
from lookalike.interfaces.cli.output import show, tell


@click.command()
@click.argument("photos", nargs=-1, required=True, type=click.Path(path_type=Path))
@options.store
@click.option("--column", default=None, help="A column of the catalogue; category where not given.")
@click.option("-k", "most", default=8, show_default=True, help="How many values are shown.")
@click.option("--out", type=click.Path(path_type=Path), default=None, help="Draw the bars: .png.")
@options.as_json
def categorise(
    photos: tuple[Path, ...], store: Path, column: str | None, most: int, out: Path | None, as_json: bool
) -> None:
    """Say what PHOTOS of one thing show, by a column of the store: each value with its probability."""
    from lookalike.retrieval.opening import open as open_store

    prediction = open_store(store).categorise(list(photos), column)
    if out is not None:
        from lookalike.retrieval.categories.drawing import draw_bars

        draw_bars(prediction, out, photo=photos[0], most=most)
        tell(f"drawn: {out}")
    show(prediction.to_dict(), prediction.to_text(most=most), as_json=as_json)
