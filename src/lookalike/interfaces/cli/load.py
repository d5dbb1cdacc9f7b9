"""`lookalike load`: a store from the shards of a finished job."""

from __future__ import annotations

from pathlib import Path

import click

from lookalike.interfaces.cli import options
from lookalike.interfaces.cli.output import show
from lookalike.interfaces.cli.progress import progress_bar


@click.command()
@click.argument("shards", metavar="SHARDS")
@options.store
@click.option("--endpoint", default="", help="Of an S3-compatible object store that is not Amazon's.")
@click.option("--region", default="", help="Of the object store's bucket.")
@options.as_json
def load(shards: str, store: Path, endpoint: str, region: str, as_json: bool) -> None:
    """Fill a store from SHARDS, the folder of a finished `lookalike job`; nothing is embedded.

    Loading again changes nothing; a load that was stopped is taken up by the next one.
    """
    from lookalike.embedding.jobs.job import Storage
    from lookalike.retrieval.shard_loading import load_shards

    with progress_bar("loading", unit="shards") as advance:
        report = load_shards(
            shards, store, storage=Storage(endpoint=endpoint, region=region), progress=advance
        )
    text = (
        f"{report.items} items with {report.views} views in {store}, {report.written} of them "
        f"new or changed, in {report.seconds:.1f} s."
    )
    show(report.to_dict(), text, as_json=as_json)
