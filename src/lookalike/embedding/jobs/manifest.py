"""The manifest of a finished job: the files there are, and the promise that nothing is missing or doubled."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from lookalike.embedding.jobs.places import Place
from lookalike.errors import JobError

MANIFEST = "manifest.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class ShardFile:
    """A finished shard: its file, size and digest (BLAKE2b), and how many views it has and refused."""

    name: str
    rows: int
    bad: int
    size_bytes: int
    digest: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a finished job left: every planned view is a row of one shard, or a line of the bad photos.

    Args:
        fingerprint: of the embedder.
        plan: digest of the plan.
        source: where the photos came from.
        model: by which the embedder can be opened again.
        views: planned.
        rows: vectors made.
        bad: photos without one.
        shards: the files.
    """

    fingerprint: str
    plan: str
    source: str
    model: str
    views: int
    rows: int
    bad: int
    shards: tuple[ShardFile, ...]

    def to_json(self) -> str:
        """The manifest as a JSON object."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1)


def read_manifest(place: Place, *, where: str) -> Manifest:
    """The manifest of a job's folder.

    Raises:
        JobError: there is none, since the job is not finished, or it is damaged.
    """
    try:
        facts = json.loads(place.read(MANIFEST))
        if facts.pop("format") != FORMAT:
            raise ValueError("unknown format")
        shards = tuple(ShardFile(**one) for one in facts.pop("shards"))
        return Manifest(shards=shards, **facts)
    except FileNotFoundError as error:
        raise JobError(
            f"{where} has no {MANIFEST}: no job was finished there.", hint="Run lookalike job JOB.toml first."
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise JobError(
            f"{where}/{MANIFEST} is damaged ({error}).", hint="Run the job again; it is written anew."
        ) from error
