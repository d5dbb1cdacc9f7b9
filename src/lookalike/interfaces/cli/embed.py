"""`lookalike embed`: the vectors of a folder or table, for use elsewhere."""

from __future__ import annotations

from pathlib import Path

import click

from lookalike.interfaces.cli import options
from lookalike.interfaces.cli.output import show, tell
from lookalike.interfaces.cli.progress import progress_bar


@click.command()
@options.source
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The .npz file to write."
)
@options.model
@options.catalogue
@options.as_json
def embed(
    source: Path,
    out: Path,
    model: str | None,
    reading: options.Reading,
    as_json: bool,
) -> None:
    """Embed the photos of SOURCE into OUT, an .npz with the arrays `paths`, `items` and `vectors`.

    The model's card goes beside it as OUT with the ending .card.json. Exit status 1 where some photos could
    not be used.
    """
    from lookalike.embedding.archive import write_archive
    from lookalike.embedding.zoo import default_embedder_name, open_embedder

    catalogue = reading.read(source)
    embedder = open_embedder(model or default_embedder_name())
    with progress_bar("embedding") as advance:
        report = write_archive(catalogue, embedder, out, progress=advance)
    for failure in report.failed:
        tell(f"skipped: {failure}")
    text = (
        f"{report.embedded} vectors of width {embedder.card.width} in {report.path}, "
        f"{len(report.failed)} skipped."
    )
    show(
        {
            "path": str(report.path),
            "card": str(report.card_path),
            "vectors": report.embedded,
            "width": embedder.card.width,
            "fingerprint": embedder.card.fingerprint,
            "failed": [str(failure) for failure in report.failed],
        },
        text,
        as_json=as_json,
    )
    if report.failed:
        raise click.exceptions.Exit(1)
