"""`lookalike audit`: what is wrong with the photos and the data of a store."""

from __future__ import annotations

from pathlib import Path

import click

from lookalike.interfaces.cli import options
from lookalike.interfaces.cli.output import show, tell
from lookalike.interfaces.cli.progress import progress_bar


@click.command()
@options.store
@click.option(
    "--source",
    type=click.Path(path_type=Path),
    default=None,
    help="The catalogue it was made from, to try its photos that are not in the store.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Folder for health.csv, health.json and health.html.",
)
@options.catalogue
@options.as_json
def audit(
    store: Path,
    source: Path | None,
    out: Path | None,
    reading: options.Reading,
    as_json: bool,
) -> None:
    """Check every item of a store: wrong, doubled, missing and bad photos, and doubtful attributes."""
    from lookalike.evaluation.stored import evaluated_store
    from lookalike.exploration.health.auditing import audit as check
    from lookalike.exploration.health.page import write_health_page
    from lookalike.retrieval.store import Store

    with Store.open(store) as opened:
        seen, blocks, failures = evaluated_store(opened), opened.card.blocks, opened.failures()
    catalogue = None
    if source is not None:
        catalogue = reading.read(source)
    with progress_bar("looking") as advance:
        report = check(seen, blocks=blocks, catalogue=catalogue, failures=failures, progress=advance)
    if out is not None:
        page = write_health_page(report, seen, out / "health.html", title=f"Health of {store.resolve().name}")
        for path in (report.to_csv(out / "health.csv"), report.to_json(out / "health.json"), page):
            tell(f"written: {path}")
    show(report.to_dict(), report.to_text(), as_json=as_json)
