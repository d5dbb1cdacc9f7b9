"""`lookalike evaluate`: how well the right items are found, with intervals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lookalike.interfaces.cli import options, protocols
from lookalike.interfaces.cli.output import show
from lookalike.interfaces.cli.progress import progress_bar

if TYPE_CHECKING:
    from lookalike.evaluation.evaluated import Evaluated


@click.command()
@click.argument("source", required=False, type=click.Path(path_type=Path))
@click.option(
    "--store", type=click.Path(path_type=Path, file_okay=False), default=None, help="Folder of the store."
)
@options.model
@options.cache
@options.catalogue
@protocols.protocol
@options.colour
@options.as_json
def evaluate(
    source: Path | None,
    store: Path | None,
    model: str | None,
    cache: Path | None,
    reading: options.Reading,
    name: str | None,
    query: str | None,
    gallery: str | None,
    label: str | None,
    group: str,
    linear: bool,
    by: tuple[str, ...],
    seed: int,
    colour: float | None,
    as_json: bool,
) -> None:
    """Measure a store, or a model on the catalogue SOURCE.

    Each view of an item that has several is asked once, all other views of all items answer; other
    protocols by --protocol. Every figure comes with its 95% interval over items.
    """
    from lookalike.evaluation.evaluating import evaluate as measure

    if (source is None) == (store is None):
        raise click.UsageError("Give either a catalogue or --store DIR.")
    wanted = protocols.chosen(
        name, query=query, gallery=gallery, label=label, group=group, linear=linear, seed=seed
    )
    if store is not None:
        seen = _stored(store, colour)
    else:
        assert source is not None
        catalogue = reading.read(source)
        from lookalike.embedding.zoo import default_embedder_name, open_embedder
        from lookalike.evaluation.answerable import check_answerable
        from lookalike.evaluation.features import embed_catalogue
        from lookalike.evaluation.weighed import weighed

        embedder = open_embedder(model or default_embedder_name())
        check_answerable(catalogue, wanted, by=by)
        with options.keeping_in(cache), progress_bar("embedding") as advance:
            seen = embed_catalogue(catalogue, embedder, cache=cache, progress=advance)
        seen = weighed(seen, embedder.card, colour=colour)
    report = measure(seen, wanted, by=by, seed=seed, command=protocols.command())
    show(json.loads(report.to_json()), report.to_text(), as_json=as_json)


def _stored(folder: Path, colour: float | None) -> Evaluated:
    from lookalike.evaluation.stored import evaluated_store
    from lookalike.evaluation.weighed import weighed
    from lookalike.retrieval.store import Store

    with Store.open(folder) as opened:
        return weighed(evaluated_store(opened), opened.card, colour=colour)
