"""`lookalike study`: the whole seed study on a catalogue, as one report."""

from __future__ import annotations

from pathlib import Path

import click

from lookalike.interfaces.cli import options
from lookalike.interfaces.cli.output import show, tell
from lookalike.interfaces.cli.progress import progress_bar
from lookalike.interfaces.cli.protocols import command


@click.command()
@options.source
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Folder for study.html, figures/, tables/.",
)
@options.model
@click.option(
    "--with", "models", multiple=True, metavar="NAME_OR_FOLDER", help="Compare it too; may be repeated."
)
@click.option(
    "--study-models/--no-study-models",
    default=True,
    show_default=True,
    help="Try VGG16, VGG19 and DenseNet201 of the hub.",
)
@click.option(
    "-k", default=None, type=int, help="Clusters; the number of known classes, at most nine, where not given."
)
@click.option("--seed", default=0, show_default=True, help="Of everything random.")
@options.catalogue
@options.as_json
def study(
    source: Path,
    out: Path,
    model: str | None,
    models: tuple[str, ...],
    study_models: bool,
    k: int | None,
    seed: int,
    reading: options.Reading,
    as_json: bool,
) -> None:
    """Do the seed study on the catalogue SOURCE: data, maps, clusters, models, views, in one page.

    What the data or this machine do not allow is said in its place. Every figure is a PNG, every table a CSV.
    """
    from lookalike.exploration.study.reporting import StudySettings, run_study

    catalogue = reading.read(source)
    settings = StudySettings(model or "default", models, study_models, k, seed)
    with progress_bar("embedding") as advance:
        page = run_study(catalogue, out, settings, command=command(), tell=tell, progress=advance)
    show({"page": str(page)}, f"the study: {page}", as_json=as_json)
