"""`lookalike quantise`: a model in int8, kept only where it loses less than half a point."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from pathlib import Path

import click

from lookalike.errors import SettingsError
from lookalike.interfaces.cli import options
from lookalike.interfaces.cli.output import show
from lookalike.interfaces.cli.progress import progress_bar


@click.command()
@options.source
@options.model
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Model folder.")
@click.option("--anyway", is_flag=True, help="Keep the model though it loses more, or is no faster.")
@options.catalogue
@options.as_json
def quantise(
    source: Path,
    model: str | None,
    out: Path,
    anyway: bool,
    reading: options.Reading,
    as_json: bool,
) -> None:
    """Quantise a model to int8 by the photos of SOURCE, and measure there what that costs and brings.

    OUT, a new or empty folder, is kept where item recall falls by less than half a point and the model is
    faster; else it is removed again, with exit status 1.
    """
    if out.is_dir() and any(out.iterdir()):
        raise SettingsError(f"{out} is not empty.", hint="Name a new folder: it is removed where int8 loses.")
    from lookalike.embedding.quantising import quantise as make
    from lookalike.embedding.runtime import open_model
    from lookalike.embedding.zoo import model_path
    from lookalike.evaluation.precision import costs, table

    path = model_path(model or "default")
    catalogue = reading.read(source)
    make(path, (view for _, view in catalogue.views()), out)
    with progress_bar("embedding") as advance:
        found = costs(catalogue, open_model(path, precision="f32"), [open_model(out)], progress=advance)
    kept = anyway or found[1].worth_it
    if not kept:
        shutil.rmtree(out)
    verdict = f"kept: {out}" if kept else f"not kept, {path} in f32 or bf16 is the better choice"
    show(
        {"kept": kept, "costs": [asdict(one) for one in found]},
        f"{table(found)}\n\n{verdict}",
        as_json=as_json,
    )
    if not kept:
        raise click.exceptions.Exit(1)
