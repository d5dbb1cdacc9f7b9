"""`lookalike find`: where an item is in a big photo."""

from __future__ import annotations

from pathlib import Path

import click

from lookalike.errors import SettingsError
from lookalike.interfaces.cli import options
from lookalike.interfaces.cli.output import show, tell


@click.command()
@click.argument("scene", type=click.Path(path_type=Path))
@options.store
@click.option("--item", "items", multiple=True, metavar="ID", help="An item to look for; may be repeated.")
@click.option(
    "--photo",
    "photos",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A photo of the thing to look for; several are of one thing.",
)
@click.option("--most", default=5, show_default=True, help="How many marks.")
@click.option("--min-score", type=float, default=None, help="Leave out marks that score less.")
@click.option(
    "--colour", type=float, default=None, help="Colour against shape: 0 shape alone, 1 colour alone."
)
@click.option("--out", type=click.Path(path_type=Path), default=None, help="Draw the marks: .png or .jpg.")
@options.as_json
def find(
    scene: Path,
    store: Path,
    items: tuple[str, ...],
    photos: tuple[Path, ...],
    most: int,
    min_score: float | None,
    colour: float | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Mark where in SCENE the items are; without --item and --photo, any item of the store."""
    from lookalike.retrieval.opening import open as open_store
    from lookalike.retrieval.parts.finding import find as find_items
    from lookalike.retrieval.parts.scene import Looking

    if out is not None and out.suffix.lower() not in {".png", ".jpg", ".jpeg"}:
        raise SettingsError(f"{out} is neither a .png nor a .jpg.", hint="Choose one of the two endings.")
    looking = Looking(most=most)
    found = find_items(open_store(store), scene, items, photos=photos, colour=colour, looking=looking)
    found = found if min_score is None else found.above(min_score)
    if out is not None:
        tell(f"drawn: {found.save(out)}")
    width = max((len(mark.item) for mark in found.marks), default=0)
    lines = [
        f"{place:>3}  {mark.score:6.3f}  {mark.item:<{width}}  "
        + " ".join(f"{share:.3f}" for share in mark.box)
        for place, mark in enumerate(found.marks, 1)
    ]
    show(found.to_dict(), "\n".join(lines) or "Nothing is marked.", as_json=as_json)
