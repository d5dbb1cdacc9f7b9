"""`lookalike train`: a recipe on a catalogue, to a model folder with papers."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lookalike.interfaces.cli import options
from lookalike.interfaces.cli.interrupting import keeping
from lookalike.interfaces.cli.output import command, invoked, show, tell, terminal_width
from lookalike.interfaces.cli.progress import training_bars

if TYPE_CHECKING:
    from lookalike.training.learning_curve import Point


@click.command()
@click.argument("source", required=False, type=click.Path(path_type=Path))
@click.option(
    "--recipe", default=None, metavar="NAME_OR_TOML", help="What to do; --list names the known ones."
)
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default=None, help="Folder of the run."
)
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Change one value of the recipe.")
@click.option("--resume", is_flag=True, help="Go on where an interrupted run of the same recipe stood.")
@click.option("--accelerator", default="auto", show_default=True, help="cpu, gpu or auto.")
@click.option("--devices", default=1, show_default=True, help="How many of them.")
@click.option("--tensorboard", is_flag=True, help="Write logs for TensorBoard, too.")
@click.option("--learning-curve", default=None, metavar="SHARES", help="Train on shares of it: 0.25,0.5,1.")
@click.option("--list", "list_recipes", is_flag=True, help="Name the recipes in the package.")
@click.option("--layers", default=None, metavar="BACKBONE", help="Print a network's layers.")
@click.option("--layers-size", default=224, show_default=True, help="Side of its photo, in pixels.")
@options.catalogue
@options.as_json
def train(
    source: Path | None,
    recipe: str | None,
    out: Path | None,
    settings: tuple[str, ...],
    resume: bool,
    accelerator: str,
    devices: int,
    tensorboard: bool,
    learning_curve: str | None,
    list_recipes: bool,
    layers: str | None,
    layers_size: int,
    reading: options.Reading,
    as_json: bool,
) -> None:
    """Train on the catalogue SOURCE by a recipe; the model folder lands in OUT/model."""
    from lookalike.training.recipe_files import load_recipe

    if list_recipes:
        return _show_recipes(as_json=as_json)
    if layers is not None:
        return _show_layers(layers, layers_size, as_json=as_json)
    if source is None or recipe is None or out is None:
        raise click.UsageError("Give a catalogue, --recipe and --out; or --list, or --layers BACKBONE.")
    wanted = load_recipe(recipe, settings=settings)
    catalogue = reading.read(source)
    from lookalike.training.extra import require_torch
    from lookalike.training.learning_curve import learning_curve as curve
    from lookalike.training.running import train as run

    require_torch("Training")
    from lookalike.training.devices import Devices

    where = Devices(accelerator, devices, tensorboard)
    with keeping(lambda: _kept(out)), training_bars() as advance:
        if learning_curve is not None:
            shares = _shares(learning_curve)
            points = curve(
                catalogue,
                wanted,
                out,
                shares=shares,
                resume=resume,
                devices=where,
                tell=tell,
                progress=advance,
            )
            return _show_curve(points, as_json=as_json)
        trained = run(catalogue, wanted, out, resume=resume, devices=where, tell=tell, progress=advance)
    use = command("index", source, "--model", trained.model, "--store", "STORE")
    text = f"{trained.measured.to_text(terminal_width())}\n\nthe model: {trained.model}\nuse it:    {use}"
    show(
        {"model": str(trained.model), "fingerprint": trained.card.fingerprint, **trained.measured.to_dict()},
        text,
        as_json=as_json,
    )
    return None


def _show_recipes(*, as_json: bool) -> None:
    from lookalike.training.recipe_files import known_recipes, load_recipe

    found = {name: load_recipe(name).summary for name in known_recipes()}
    width = max(map(len, found))
    show(found, "\n".join(f"{name:{width}}  {summary}" for name, summary in found.items()), as_json=as_json)


def _show_layers(name: str, size_px: int, *, as_json: bool) -> None:
    from dataclasses import asdict

    from lookalike.training.extra import require_torch

    require_torch("The layer table")
    from lookalike.training.backbones import layer_table

    found = layer_table(name, size_px=size_px)
    lines = [f"{'layer':40} {'kind':20} {'output':>16} {'parameters':>12}"]
    for layer in found:
        shape = " x ".join(map(str, layer.shape))
        lines.append(f"{layer.name:40} {layer.kind:20} {shape:>16} {layer.parameters:>12,}")
    lines.append(f"{sum(layer.parameters for layer in found):,} parameters in {len(found)} layers")
    show([asdict(layer) for layer in found], "\n".join(lines), as_json=as_json)


def _kept(out: Path) -> str:
    """What Ctrl-C leaves: an epoch's end is kept, and only ``--resume`` takes it up."""
    again = invoked()
    if not any(out.glob("**/last.safetensors")):
        return f"No epoch was over; start again: {shlex.join(again)}"
    resume = [] if "--resume" in again else ["--resume"]
    return f"The epochs that were over are kept; go on: {shlex.join([*again, *resume])}"


def _shares(text: str) -> list[float]:
    try:
        return [float(share) for share in text.split(",")]
    except ValueError as error:
        raise click.UsageError(f"--learning-curve {text!r}: give shares such as 0.25,0.5,1.") from error


def _show_curve(points: list[Point], *, as_json: bool) -> None:
    from dataclasses import asdict

    lines = [f"{point.share:6.0%}  {point.value:.3f} [{point.low:.3f}, {point.high:.3f}]" for point in points]
    show([asdict(point) for point in points], "\n".join([points[0].figure, *lines]), as_json=as_json)
