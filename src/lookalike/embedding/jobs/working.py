"""One shard's work, wherever it is done: read the photos, embed them, put the file there whole."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from lookalike.catalogue.items import View
from lookalike.embedding.embedder import Embedder
from lookalike.embedding.jobs.job import Storage
from lookalike.embedding.jobs.places import Photographs, is_remote, open_place
from lookalike.embedding.jobs.shards import Bad, Head, Made, plan_name, read_lines, shard_name, write_shard
from lookalike.embedding.jobs.sources import Line
from lookalike.embedding.pipeline import Embedded, Pace, embed_views
from lookalike.errors import EmbedderError, FingerprintMismatch, JobError, PhotoError

FETCHES = 16
"""Photos asked of an object store at once: each answer takes some milliseconds of waiting."""

_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True, slots=True)
class Order:
    """All that a worker must know; it goes to other machines as it is.

    Args:
        out: where plan and shards lie.
        plan: the plan's digest.
        model, precision: by which the embedder is opened.
        fingerprint: what its vectors must bear.
        threads: photos in work at once; 0 for one a core.
        storage: how object stores are reached.
    """

    out: str
    plan: str
    model: str
    precision: str
    fingerprint: str
    threads: int
    storage: Storage


def make_shard(order: Order, number: int) -> int:
    """Make one shard, unless it is there; how many rows it was given (0 where it was there).

    Doing it twice, or at two places at once, puts the same file there.

    Raises:
        JobError: plan or photos cannot be reached, or the shard cannot be written.
        FingerprintMismatch: the model on this machine is another one.
        EmbedderError: it cannot be opened or run.
    """
    with _ONE_AT_A_TIME:  # a shard keeps all cores of a machine busy by itself
        out = open_place(order.out, order.storage)
        if out.has(shard_name(number)):
            return 0
        embedder = _embedder(order.model, order.precision, order.threads)
        if embedder.card.fingerprint != order.fingerprint:
            raise FingerprintMismatch(
                f"The model {embedder.card.name} of this machine",
                expected=order.fingerprint,
                found=embedder.card.fingerprint,
            )
        where = plan_name(number)
        try:
            lines = read_lines(out.read(where), where=where)
        except FileNotFoundError as error:
            raise JobError(f"{where} is gone.", hint="Take an empty folder for the vectors.") from error
        rows, bad = _embed(lines, embedder, order)
        out.write(shard_name(number), write_shard(rows, Head(number, order.plan, embedder.card, tuple(bad))))
        return len(rows)


@lru_cache(maxsize=1)
def _embedder(model: str, precision: str, threads: int) -> Embedder:
    """The embedder, opened once in each process."""
    from lookalike.embedding.zoo import open_embedder

    try:
        return open_embedder(model, precision=precision or None, threads=threads or None)
    except EmbedderError:
        if not threads:
            raise
        # An embedder that runs no model file has no threads of its own to be told.
        return open_embedder(model, precision=precision or None)


def _embed(lines: list[Line], embedder: Embedder, order: Order) -> tuple[list[Made], list[Bad]]:
    rows: list[Made] = []
    bad: list[Bad] = []

    def refuse(line: Line, error: PhotoError) -> None:
        bad.append(Bad(line.item_id, line.position, line.path, error.reason, error.message))

    at_work: deque[Line] = deque()  # the lines of the views given out, in their order
    views = _views(lines, order.storage, at_work.append, refuse)
    for outcome in embed_views(views, embedder, pace=Pace(workers=order.threads)):
        line = at_work.popleft()
        if isinstance(outcome, Embedded) and outcome.vector is not None:
            rows.append(Made(line, outcome.id, outcome.size_bytes, outcome.modified_ns, outcome.vector))
        elif not isinstance(outcome, Embedded):
            refuse(line, outcome.error)
    return rows, bad


def _views(
    lines: list[Line],
    storage: Storage,
    given: Callable[[Line], None],
    refuse: Callable[[Line, PhotoError], None],
) -> Iterator[View]:
    """The views whose photos are at hand; those of an object store are fetched some way ahead."""
    photographs = Photographs(storage)
    waiting: deque[tuple[Line, Future[bytes] | None]] = deque()

    def next_view() -> Iterator[View]:
        line, coming = waiting.popleft()
        try:
            source: Path | bytes = Path(line.path) if coming is None else coming.result()
        except PhotoError as error:
            refuse(line, error)
            return
        given(line)
        yield View(source, crop=_crop(line.crop))

    with ThreadPoolExecutor(FETCHES, "fetch") as pool:
        for line in lines:
            fetched = pool.submit(photographs.read, line.path) if is_remote(line.path) else None
            waiting.append((line, fetched))
            if len(waiting) > 2 * FETCHES:
                yield from next_view()
        while waiting:
            yield from next_view()


def _crop(text: str) -> tuple[float, float, float, float] | None:
    if not text:
        return None
    left, top, right, bottom = (float(share) for share in text.split(","))
    return left, top, right, bottom
