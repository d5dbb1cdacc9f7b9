"""The job file: which photos, which model, where the vectors go, and what does the work."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from lookalike.errors import JobError

VIEWS_PER_SHARD = 4096

Section = TypeVar("Section")


@dataclass(frozen=True, kw_only=True)
class Photos:
    """What is embedded.

    Args:
        source: a folder, a table (CSV, JSON lines, Parquet), a shop feed, or a folder of an object
            store (``s3://bucket/photos``).
        layout: how a local source is read; found out where empty.
        photos: where paths of a table start from: a folder, also of an object store; the table's own
            folder where empty.
        item_column, path_column: of a table, where the usual names do not tell.
    """

    source: str
    layout: str = ""
    photos: str = ""
    item_column: str = ""
    path_column: str = ""


@dataclass(frozen=True, kw_only=True)
class Model:
    """What embeds.

    Args:
        name: of an embedder, or a model folder that every machine sees.
        precision: as for ``open_embedder``; empty for the model's own.
    """

    name: str = "default"
    precision: str = ""


@dataclass(frozen=True, kw_only=True)
class Out:
    """Where the vectors go.

    Args:
        folder: a folder that every machine sees, or one of an object store; of this job alone.
        views_per_shard: about how many rows a file gets. It is what is lost when a worker dies.
    """

    folder: str
    views_per_shard: int = VIEWS_PER_SHARD


@dataclass(frozen=True, kw_only=True)
class Engine:
    """What does the work.

    Args:
        name: ``local`` (this process), ``daft`` (Daft on this machine), or ``ray`` (Daft on a Ray cluster).
        address: of the cluster (``ray://head:10001``, ``head:6379``); the one at hand, or one started here,
            where empty.
        threads: photos in work at once on each machine; one a core where 0.
        attempts: how often the engine is started again when shards are still missing.
    """

    name: str = "local"
    address: str = ""
    threads: int = 0
    attempts: int = 3


@dataclass(frozen=True, kw_only=True)
class Storage:
    """How an S3-compatible object store is reached; keys come from the environment (``AWS_*``) alone.

    Args:
        endpoint: its address (``http://127.0.0.1:9000``); Amazon's where empty.
        region: of the bucket.
    """

    endpoint: str = ""
    region: str = ""


@dataclass(frozen=True, kw_only=True)
class Job:
    """A job file as one frozen record: an unknown section or key is an error."""

    photos: Photos
    out: Out
    model: Model = field(default_factory=Model)
    engine: Engine = field(default_factory=Engine)
    storage: Storage = field(default_factory=Storage)


SECTIONS: dict[str, type] = {
    "photos": Photos,
    "model": Model,
    "out": Out,
    "engine": Engine,
    "storage": Storage,
}


def read_job(path: Path) -> Job:
    """The job that a TOML file describes.

    Raises:
        JobError: the file cannot be read, or says something that no job has.
    """
    try:
        text = path.read_text(encoding="utf-8")
        return job_of(tomllib.loads(text))
    except OSError as error:
        raise JobError(
            f"{path} cannot be read ({error.strerror or error}).", hint="Give the job's TOML file."
        ) from error
    except ValueError as error:
        raise JobError(f"{path} is no TOML file ({error}).", hint="Mend the line named.") from error


def job_of(values: dict[str, Any]) -> Job:
    """The job of a dictionary of sections.

    >>> job_of({"photos": {"source": "photos"}, "out": {"folder": "vectors"}}).engine.name
    'local'

    Raises:
        JobError: an unknown section or key, a value of the wrong type, or one that is missing.
    """
    for name in values:
        _known(name, SECTIONS, "section")
    for name, key in (("photos", "source"), ("out", "folder")):
        if not values.get(name, {}).get(key):
            raise JobError(f"The job does not say [{name}] {key}.", hint=f"Add it: [{name}], {key} = ...")
    job = Job(**{name: _section(SECTIONS[name], name, given) for name, given in values.items()})
    if job.out.views_per_shard < 1 or job.engine.attempts < 1 or job.engine.threads < 0:
        raise JobError(
            "views_per_shard and attempts must be at least 1, threads at least 0.", hint="Mend the job file."
        )
    return job


def _section(kind: type[Section], name: str, given: dict[str, Any]) -> Section:
    if not isinstance(given, dict):
        raise JobError(f"{name} is no section.", hint=f"Write [{name}] and its keys below.")
    types = {each.name: str(each.type) for each in fields(kind)}  # type: ignore[arg-type]
    for key, value in given.items():
        _known(key, types, f"key of [{name}]")
        if type(value).__name__ != types[key]:
            raise JobError(f"[{name}] {key} is {value!r}.", hint=f"Give a value of type {types[key]}.")
    return kind(**given)


def _known(name: str, known: dict[str, Any], what: str) -> None:
    if name not in known:
        raise JobError(f"There is no {what} {name!r} in a job.", hint=f"Choose from: {', '.join(known)}.")
