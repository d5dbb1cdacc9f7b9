"""A whole job: planned, made by an engine until no shard is missing, checked, and closed by a manifest."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from lookalike.embedding.jobs.engines import Engine, open_engine
from lookalike.embedding.jobs.job import Job
from lookalike.embedding.jobs.manifest import MANIFEST, Manifest, ShardFile
from lookalike.embedding.jobs.places import Place, is_remote, open_place
from lookalike.embedding.jobs.planning import PLAN, Plan, plan_job
from lookalike.embedding.jobs.shards import Bad, Head, read_shard, require_arrow, shard_name
from lookalike.embedding.jobs.working import Order
from lookalike.errors import JobError

BAD = "bad.jsonl"

Progress = Callable[[int, int], None]
"""Told (shards done, shards in all)."""


@dataclass(frozen=True, slots=True)
class JobReport:
    """What a run did.

    Args:
        manifest: of the whole job.
        made: shards that this run made; the others were there.
        seconds: how long it took.
    """

    manifest: Manifest
    made: int
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON has it."""
        facts = asdict(self.manifest)
        facts["shards"] = len(self.manifest.shards)
        return {**facts, "made": self.made, "seconds": round(self.seconds, 3)}


def run_job(job: Job, *, progress: Progress | None = None) -> JobReport:
    """Make what is missing of a job.

    Args:
        job: what is asked for.
        progress: told after every shard.

    Raises:
        JobError: it cannot be planned, made or checked; what was done stays, and a further run goes on.
        FingerprintMismatch: the folder holds vectors of another model.
        CatalogueError: the photos cannot be read.
        EmbedderError: the model cannot be opened.
        MissingExtra: the engine, or pyarrow, is not installed.
    """
    require_arrow()
    begun = time.monotonic()
    engine = open_engine(job.engine)
    out = open_place(job.out.folder, job.storage)
    plan, order = _prepared(job, out)
    made = _fill(job, engine, order, out, plan, progress)
    return JobReport(_close(out, plan), made, time.monotonic() - begun)


def _prepared(job: Job, out: Place) -> tuple[Plan, Order]:
    from lookalike.embedding.zoo import lasting_name, open_embedder

    embedder = open_embedder(job.model.name, precision=job.model.precision or None)
    plan = plan_job(job, out, embedder.card, model=lasting_name(job.model.name))
    order = Order(
        out=job.out.folder if is_remote(job.out.folder) else str(getattr(out, "path", job.out.folder)),
        plan=plan.digest,
        model=plan.model,
        precision=plan.precision if job.model.precision else "",
        fingerprint=plan.card.fingerprint,
        threads=job.engine.threads,
        storage=job.storage,
    )
    return plan, order


def _fill(job: Job, engine: Engine, order: Order, out: Place, plan: Plan, progress: Progress | None) -> int:
    """Have shards made until none is missing; how many were."""
    missing = first = _missing(out, plan)
    attempts = job.engine.attempts
    for attempt in range(1, attempts + 1):
        if not missing:
            break
        trouble = _attempt(engine, order, missing, plan, progress)
        left = _missing(out, plan)
        # Where an attempt brought nothing, another one would not either.
        if trouble is not None and left and (len(left) == len(missing) or attempt == attempts):
            raise trouble
        missing = left
    if missing:
        raise JobError(
            f"{len(missing)} of {plan.shards} shards are missing after {attempts} attempts.",
            hint="Run the same job again: it goes on with them.",
        )
    return len(first)


def _attempt(
    engine: Engine, order: Order, missing: list[int], plan: Plan, progress: Progress | None
) -> JobError | None:
    """Let the engine work once; what stopped it, where something did."""
    done = plan.shards - len(missing)
    try:
        for count, _ in enumerate(engine.make(order, missing), start=1):
            if progress is not None:
                progress(done + count, plan.shards)
    except JobError as error:
        return error
    return None


def _missing(out: Place, plan: Plan) -> list[int]:
    there = set(out.names())
    return [number for number in range(plan.shards) if shard_name(number) not in there]


def _close(out: Place, plan: Plan) -> Manifest:
    """Check every shard against the plan, and write the bad photos and the manifest."""
    files: list[ShardFile] = []
    refused: list[Bad] = []
    for number in range(plan.shards):
        file, bad = _checked(out, plan, number)
        files.append(file)
        refused += bad
    rows = sum(file.rows for file in files)
    if rows + len(refused) != plan.views:
        raise JobError(
            f"{plan.views} views were planned, {rows} have vectors and {len(refused)} are bad.",
            hint="Delete the folder 'shards' and run the job again.",
        )
    lines = "".join(json.dumps(asdict(bad), ensure_ascii=False) + "\n" for bad in refused)
    out.write(BAD, lines.encode())
    manifest = Manifest(
        fingerprint=plan.card.fingerprint,
        plan=plan.digest,
        source=plan.photos.source,
        model=plan.model,
        views=plan.views,
        rows=rows,
        bad=len(refused),
        shards=tuple(files),
    )
    out.write(MANIFEST, manifest.to_json().encode())
    out.tidy()
    return manifest


def _checked(out: Place, plan: Plan, number: int) -> tuple[ShardFile, tuple[Bad, ...]]:
    name = shard_name(number)
    content = out.read(name)
    table, head = read_shard(content, where=name)
    _belongs(head, plan, number)
    digest = hashlib.blake2b(content, digest_size=16).hexdigest()
    return ShardFile(name, len(table), len(head.bad), len(content), digest), head.bad


def _belongs(head: Head, plan: Plan, number: int) -> None:
    if (head.plan, head.shard) != (plan.digest, number):
        raise JobError(
            f"{shard_name(number)} belongs to another plan than {PLAN}.",
            hint="Delete it and run the job again; it alone is made again.",
        )
