"""From a source to the plan: which views each shard is to hold, decided once and kept with the shards."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from lookalike.embedding.card import Card
from lookalike.embedding.jobs.job import Job, Photos
from lookalike.embedding.jobs.places import Place
from lookalike.embedding.jobs.shards import plan_name, write_lines
from lookalike.embedding.jobs.sources import Line, lines_of
from lookalike.errors import FingerprintMismatch, JobError, ModelFileError

PLAN = "plan.json"
FORMAT = 1


@dataclass(frozen=True)
class Plan:
    """What a job is to make.

    Args:
        digest: of all its lines and the fingerprint; each shard carries it.
        shards, views: how many.
        photos: as the job file had them.
        views_per_shard: as the job file had it.
        model, precision: by which the embedder is opened anywhere.
        card: of that embedder.
    """

    digest: str
    shards: int
    views: int
    photos: Photos
    views_per_shard: int
    model: str
    precision: str
    card: Card

    def to_json(self) -> str:
        """The plan as a JSON object; the lines lie beside it."""
        facts: dict[str, Any] = {name: getattr(self, name) for name in self.__dataclass_fields__}
        facts |= {"format": FORMAT, "photos": asdict(self.photos), "card": json.loads(self.card.to_json())}
        return json.dumps(facts, indent=2)

    @classmethod
    def from_json(cls, text: bytes) -> Plan:
        """The plan that ``to_json`` wrote.

        Raises:
            JobError: it is damaged, or of another version.
        """
        try:
            facts = json.loads(text)
            if facts.pop("format") != FORMAT:
                raise ValueError("unknown format")
            photos, card = Photos(**facts.pop("photos")), Card.from_json(json.dumps(facts.pop("card")))
            return cls(photos=photos, card=card, **facts)
        except (ValueError, KeyError, TypeError, ModelFileError) as error:
            raise JobError(
                f"{PLAN} is damaged ({error}).", hint="Take an empty folder for the vectors."
            ) from error


def plan_job(job: Job, out: Place, card: Card, *, model: str) -> Plan:
    """The plan kept in ``out``; where there is none, it is made from the source and kept.

    The source is read once: a job that is gone on with embeds what was planned, whatever was added since.

    Args:
        job: what is asked for.
        out: where plan and shards lie.
        card: of the embedder that the job names.
        model: the embedder's name in a form that every machine understands.

    Raises:
        FingerprintMismatch: the shards there are of another model.
        JobError: they are of other photos.
        CatalogueError: the source cannot be read.
    """
    try:
        kept = Plan.from_json(out.read(PLAN))
    except FileNotFoundError:
        return _make(job, out, card, model)
    if kept.card.fingerprint != card.fingerprint:
        raise FingerprintMismatch(
            f"The model {card.name}", expected=kept.card.fingerprint, found=card.fingerprint
        )
    if kept.photos != job.photos or kept.views_per_shard != job.out.views_per_shard:
        raise JobError(
            f"{job.out.folder} holds the vectors of another job (of {kept.photos.source}).",
            hint="Give this job a folder of its own.",
        )
    return kept


def _make(job: Job, out: Place, card: Card, model: str) -> Plan:
    digest = hashlib.blake2b(card.fingerprint.encode(), digest_size=16)
    shards = views = 0
    for lines in _shards(lines_of(job), job.out.views_per_shard):
        content = write_lines(lines)
        digest.update(json.dumps([asdict(line) for line in lines], sort_keys=True).encode())
        out.write(plan_name(shards), content)
        shards, views = shards + 1, views + len(lines)
    plan = Plan(
        digest=digest.hexdigest(),
        shards=shards,
        views=views,
        photos=job.photos,
        views_per_shard=job.out.views_per_shard,
        model=model,
        precision=card.precision,
        card=card,
    )
    out.write(PLAN, plan.to_json().encode())  # last: without it nothing was planned
    return plan


def _shards(items: Iterator[list[Line]], most: int) -> Iterator[list[Line]]:
    """Whole items together: as many as fill a shard, and at least one."""
    lines: list[Line] = []
    for item in items:
        if lines and len(lines) + len(item) > most:
            yield lines
            lines = []
        lines += item
    if lines:
        yield lines
