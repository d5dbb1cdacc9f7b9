"""`lookalike index`: bring a store up to date with a catalogue."""

from __future__ import annotations

from pathlib import Path

import click

from lookalike.interfaces.cli import options
from lookalike.interfaces.cli.output import command, counted, show, tell
from lookalike.interfaces.cli.progress import progress_bar


@click.command()
@options.source
@options.store
@options.model
@options.catalogue
@options.as_json
def index(
    source: Path,
    store: Path,
    model: str | None,
    reading: options.Reading,
    as_json: bool,
) -> None:
    """Read the catalogue SOURCE (a folder per item, a table, a shop feed) and embed what is new.

    Only new and changed photos are embedded; items that SOURCE no longer has are removed. A run that was
    interrupted is taken up where it stopped. Exit status 1 where some photos could not be used.
    """
    from lookalike.retrieval.indexing import IndexStep, index_catalogue
    from lookalike.retrieval.opening import open_for_indexing

    catalogue = reading.read(source)
    opened, embedder = open_for_indexing(store, model=model)
    with progress_bar("indexing") as advance:

        def tell_step(step: IndexStep) -> None:
            advance(step.views_done, step.views_total)

        report = index_catalogue(catalogue, opened, embedder, progress=tell_step)
    for failure in report.failed:
        tell(f"skipped: {failure.photo}: {failure.reason}: {failure.message}")
    counts = opened.counts()
    text = (
        f"{counted(report.added, 'item')} added, {report.changed} changed, {report.unchanged} unchanged, "
        f"{report.removed} removed; {counted(report.embedded, 'photo')} embedded, "
        f"{len(report.failed)} skipped, in {report.seconds:.1f} s.\n"
        f"{store}: {counted(counts.items, 'item')}, {counted(counts.views, 'view')}, "
        f"model {embedder.card.fingerprint}.\n"
        f"Next: {command('search', 'PHOTO', '--store', store)}"
    )
    show({**report.to_dict(), "items": counts.items, "views": counts.views}, text, as_json=as_json)
    if report.failed:
        raise click.exceptions.Exit(1)
