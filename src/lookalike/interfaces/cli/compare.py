"""`lookalike compare`: several embedders on one catalogue, the simple baselines beside them."""

from __future__ import annotations

import json
from pathlib import Path

import click

from lookalike.interfaces.cli import options, protocols
from lookalike.interfaces.cli.output import show, tell, terminal_width
from lookalike.interfaces.cli.progress import progress_bars


@click.command()
@options.source
@click.option("--model", "models", multiple=True, metavar="NAME_OR_FOLDER", help="May be repeated.")
@click.option(
    "--baseline", default="descriptor", show_default=True, help="The model differences are taken to."
)
@options.cache
@click.option(
    "--plots", type=click.Path(path_type=Path, file_okay=False), default=None, help="Draw into a folder."
)
@options.catalogue
@protocols.protocol
@options.as_json
def compare(
    source: Path,
    models: tuple[str, ...],
    baseline: str,
    cache: Path | None,
    plots: Path | None,
    reading: options.Reading,
    name: str | None,
    query: str | None,
    gallery: str | None,
    label: str | None,
    group: str,
    linear: bool,
    by: tuple[str, ...],
    seed: int,
    as_json: bool,
) -> None:
    """Measure models on SOURCE; pixels, descriptor and an untrained network are always among them."""
    from lookalike.embedding.zoo import default_embedder_name, open_embedder
    from lookalike.evaluation.compare import compare as measure

    wanted = protocols.chosen(
        name, query=query, gallery=gallery, label=label, group=group, linear=linear, seed=seed
    )
    if plots is not None:
        from lookalike.evaluation.canvas import require_plots

        require_plots()
    catalogue = reading.read(source)
    embedders = [open_embedder(model) for model in models or (default_embedder_name(),)]
    with options.keeping_in(cache), progress_bars("embedding") as advance:
        comparison = measure(
            catalogue,
            embedders,
            wanted,
            baseline=baseline,
            by=by,
            seed=seed,
            cache=cache,
            command=protocols.command(),
            progress=advance,
        )
    if plots is not None:
        from lookalike.evaluation.drawing import draw_comparison

        for path in draw_comparison(comparison, plots):
            tell(f"drawn: {path}")
    show(json.loads(comparison.to_json()), comparison.to_text(terminal_width()), as_json=as_json)
