"""From many views to their vectors: threads decode while the model runs, in small steady batches."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from types import MappingProxyType
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from lookalike.catalogue.items import View, photo_id
from lookalike.catalogue.photos import DEFAULT_LIMITS, Photo, PhotoLimits, check_length, read_file, read_photo
from lookalike.embedding.embedder import Embedder
from lookalike.errors import PhotoError

Crop = tuple[float, float, float, float]
Key = tuple[str, Crop | None]
"""What a vector depends on besides the embedder: the photo's content hash and the crop."""

NOTHING_DECODED: Mapping[Key, Photo] = MappingProxyType({})

Taken = TypeVar("Taken")
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True, eq=False)
class Embedded:
    """A view and its vector.

    Args:
        view: the view that was asked for.
        id: content hash of its photo.
        size_bytes, modified_ns: of its file, as they were when it was read; 0 for bytes.
        vector: float32, shape (width,), length one; None where the vector of this photo and crop
            was known already, so that nothing was decoded.
    """

    view: View
    id: str
    size_bytes: int
    modified_ns: int
    vector: NDArray[np.float32] | None


@dataclass(frozen=True, slots=True)
class Failed:
    """A view whose photo cannot be used, and why; the run has gone on."""

    view: View
    error: PhotoError

    @property
    def reason(self) -> str:
        """The error's stable code."""
        return self.error.reason

    def __str__(self) -> str:
        return f"{self.view.name}: {self.error.message}"


Outcome = Embedded | Failed


@dataclass(frozen=True, slots=True)
class Pace:
    """How the work is spread.

    Args:
        workers: threads that read and decode; by default one a core.
        batch: photos given to the model at once. Small ones keep the pixels in the CPU's cache and
            cost no speed there; a GPU wants more.
        batches_ahead: how many batches may be decoded before the model takes them. It bounds memory.
    """

    workers: int = 0
    batch: int = 16
    batches_ahead: int = 2


DEFAULT_PACE = Pace()


@dataclass(frozen=True, slots=True, eq=False)
class _Prepared:
    """A view read and decoded: its outcome so far, and the pixels that still want a vector."""

    outcome: Outcome
    photo: Photo | None = None


def embed_views(
    views: Iterable[View],
    embedder: Embedder,
    *,
    known: Container[Key] = (),
    decoded: Mapping[Key, Photo] = NOTHING_DECODED,
    pace: Pace = DEFAULT_PACE,
    limits: PhotoLimits = DEFAULT_LIMITS,
) -> Iterator[Outcome]:
    """One outcome for each view, in the order of the views.

    Each file is read once, for its hash and its pixels. Decoding goes on while the model runs and
    while the caller works on what it was given. Memory does not grow with the number of views.
    Closing the iterator (or an exception such as Ctrl-C in the caller) stops and joins the threads.

    Args:
        views: what to embed; taken one by one as the work goes on.
        embedder: the model.
        known: keys whose vector the caller has; asked by several threads at once.
        decoded: photos that the caller has decoded already, to ``card.size_px``.
        pace: threads and batches.
        limits: what is refused from the header.

    Raises:
        EmbedderError: the model failed; what was yielded before stays good.
    """

    def prepare(view: View) -> _Prepared:
        return _prepare(view, embedder.card.size_px, known, decoded, limits)

    def finish(group: list[_Prepared]) -> list[Outcome]:
        return _with_vectors(group, embedder)

    decoders = ThreadPoolExecutor(pace.workers or os.cpu_count() or 1, "pipeline-decode")
    model = ThreadPoolExecutor(1, "pipeline-embed")
    try:
        prepared = _mapped(prepare, views, decoders, ahead=pace.batch * (pace.batches_ahead + 1))
        for outcomes in _mapped(finish, _grouped(prepared, pace.batch), model, ahead=1):
            yield from outcomes
    finally:
        for pool in (decoders, model):
            pool.shutdown(wait=True, cancel_futures=True)


def _mapped(
    work: Callable[[Taken], Made], inputs: Iterable[Taken], pool: ThreadPoolExecutor, *, ahead: int
) -> Iterator[Made]:
    """The results in order, with at most ``ahead`` inputs in the pool beside the one waited for."""
    waiting: deque[Future[Made]] = deque()
    for each in inputs:
        waiting.append(pool.submit(work, each))
        if len(waiting) > ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _grouped(prepared: Iterator[_Prepared], size: int) -> Iterator[list[_Prepared]]:
    while group := list(islice(prepared, size)):
        yield group


def _prepare(
    view: View, size_px: int, known: Container[Key], decoded: Mapping[Key, Photo], limits: PhotoLimits
) -> _Prepared:
    """Read, hash and decode one view; trouble with the photo is an outcome, not an exception."""
    try:
        content, modified_ns = _content(view, limits)
        outcome = Embedded(view, photo_id(content), len(content), modified_ns, None)
        if (outcome.id, view.crop) in known:
            return _Prepared(outcome)
        photo = decoded.get((outcome.id, view.crop))
        if photo is None or len(photo.pixels) != size_px:  # the model may have been switched since
            photo = read_photo(content, size_px=size_px, crop=view.crop, limits=limits)
        return _Prepared(outcome, photo)
    except PhotoError as error:
        return _Prepared(Failed(view, error))


def _content(view: View, limits: PhotoLimits) -> tuple[bytes, int]:
    if isinstance(view.source, bytes):
        check_length(len(view.source), limits)
        return view.source, 0
    file = read_file(view.source, limits)
    return file.content, file.modified_ns


def _with_vectors(group: list[_Prepared], embedder: Embedder) -> list[Outcome]:
    """The outcomes of a group, with a vector for each photo that was decoded."""
    vectors = iter(embedder.encode([each.photo for each in group if each.photo is not None]))
    return [
        replace(each.outcome, vector=next(vectors))
        if each.photo is not None and isinstance(each.outcome, Embedded)
        else each.outcome
        for each in group
    ]
