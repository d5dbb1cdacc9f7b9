"""`lookalike explain`: which places of a photo and of an item agree, and in what."""

from __future__ import annotations

from pathlib import Path

import click

from lookalike.errors import SettingsError
from lookalike.interfaces.cli import options
from lookalike.interfaces.cli.output import show, tell


@click.command()
@click.argument("photo", type=click.Path(path_type=Path))
@click.argument("item", required=False)
@options.store
@click.option("--crop", nargs=4, type=float, default=None, help="Left top right bottom, as shares 0..1.")
@click.option(
    "--colour", type=float, default=None, help="Colour against shape: 0 shape alone, 1 colour alone."
)
@click.option("--out", type=click.Path(path_type=Path), default=None, help="Draw it: .html or .png.")
@options.as_json
def explain(
    photo: Path,
    item: str | None,
    store: Path,
    crop: tuple[float, float, float, float] | None,
    colour: float | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Say why ITEM is like PHOTO: heat maps on both, and the shares of colour, texture and shape.

    Without ITEM the best match is explained.
    """
    from lookalike.retrieval.explaining.explanation import explain as explain_match
    from lookalike.retrieval.opening import open as open_store
    from lookalike.retrieval.query import QueryPhoto

    if out is not None and out.suffix.lower() not in {".html", ".png"}:
        raise SettingsError(f"{out} is neither a .html nor a .png.", hint="Choose one of the two endings.")
    found = explain_match(open_store(store), QueryPhoto(photo, crop=crop), item, colour=colour)
    if out is not None:
        tell(f"drawn: {found.save(out)}")
    agreement = found.agreement
    shares = "  ".join(f"{kind} {share:.0%}" for kind, share in agreement.shares.items())
    lines = [f"{agreement.score:.3f}  {found.item}  {found.view.role or '-'}  {found.view.path}"]
    lines += [shares or "This model does not tell colour from shape."]
    show(found.to_dict(), "\n".join(lines), as_json=as_json)
