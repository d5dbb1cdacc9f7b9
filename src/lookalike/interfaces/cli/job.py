"""`lookalike job`: embed a catalogue of any size by a job file, here or on a cluster."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from lookalike.interfaces.cli import options
from lookalike.interfaces.cli.output import show, tell
from lookalike.interfaces.cli.progress import progress_bar


@click.command()
@click.argument("file", metavar="JOB.toml", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--engine", type=click.Choice(["local", "daft", "ray"]), default=None, help="Instead of the job file's."
)
@click.option("--address", default=None, help="Of the Ray cluster, instead of the job file's.")
@options.as_json
def job(file: Path, engine: str | None, address: str | None, as_json: bool) -> None:
    """Embed what the file JOB.toml names into Parquet shards.

    A run that was stopped is taken up by the next one: shards that are there are not made again. Fill a
    store from them with `lookalike load`. Exit status 1 where some photos could not be used.
    """
    from lookalike.embedding.jobs.job import read_job
    from lookalike.embedding.jobs.running import BAD, run_job

    asked = read_job(file)
    settings = replace(
        asked.engine, name=engine or asked.engine.name, address=address or asked.engine.address
    )
    asked = replace(asked, engine=settings)
    with progress_bar("embedding", unit="shards") as advance:
        report = run_job(asked, progress=advance)
    done = report.manifest
    if done.bad:
        tell(f"skipped: {done.bad} photos, listed in {asked.out.folder.rstrip('/')}/{BAD}")
    text = (
        f"{done.rows} vectors of {done.views} photos in {len(done.shards)} shards "
        f"({report.made} made now, in {report.seconds:.1f} s), {done.bad} skipped.\n"
        f"{asked.out.folder}: model {done.fingerprint}."
    )
    show(report.to_dict(), text, as_json=as_json)
    if done.bad:
        raise click.exceptions.Exit(1)
