"""`lookalike tune`: a model fitted to a catalogue without a recipe, and whether that helped."""

from __future__ import annotations

from pathlib import Path

import click

from lookalike.interfaces.cli import options
from lookalike.interfaces.cli.output import command, show, tell, terminal_width
from lookalike.interfaces.cli.progress import progress_bar


@click.command()
@options.source
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Folder of the features, the report and the model.",
)
@click.option(
    "--model", default="default", show_default=True, metavar="FOLDER_OR_ONNX", help="What to start from."
)
@click.option("--group", default="", metavar="COLUMN", help="Values of it (a style) stay on one side.")
@click.option("--held-out", default=0.3, show_default=True, help="Share of the items to measure on.")
@click.option("--variants", default=4, show_default=True, help="Vectors of each photo: itself, and pictures.")
@click.option("--no-colour", is_flag=True, help="Add no colour block to a model that has none.")
@click.option("--anyway", is_flag=True, help="Write the model even when it was not shown to help.")
@click.option("--seed", default=0, show_default=True, help="Of splits, folds and steps.")
@options.catalogue
@options.as_json
def tune(
    source: Path,
    out: Path,
    model: str,
    group: str,
    held_out: float,
    variants: int,
    no_colour: bool,
    anyway: bool,
    seed: int,
    reading: options.Reading,
    as_json: bool,
) -> None:
    """Fit a model to the catalogue SOURCE; says plainly whether it helped, and writes OUT/model if so."""
    from lookalike.training.extra import require_torch
    from lookalike.training.tuning.tune import Settings
    from lookalike.training.tuning.tune import tune as run

    require_torch("Tuning")
    catalogue = reading.read(source)
    settings = Settings(
        group=group, held_out=held_out, variants=variants, colour=not no_colour, anyway=anyway, seed=seed
    )
    with progress_bar("features") as advance:
        tuned = run(catalogue, out, model=model, settings=settings, tell=tell, progress=advance)
    from lookalike.training.tuning.delivery import facts_of

    text = f"{tuned.comparison.to_text(terminal_width())}\n\n{tuned.verdict}"
    if tuned.model is not None:
        text += f"\nNext: {command('index', source, '--model', tuned.model, '--store', 'STORE')}"
    show(facts_of(tuned, settings), text, as_json=as_json)
