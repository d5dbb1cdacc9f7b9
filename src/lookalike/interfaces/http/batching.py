"""Photos of many requests share forward passes: whatever waits when the model is free goes in at once."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.catalogue.photos import Photo
from lookalike.embedding.embedder import Embedder

Vectors = NDArray[np.float32]


class TooLate(Exception):
    """The request's deadline passed before the model came to it."""


class Closing(Exception):
    """The server is ending; nothing new is begun."""


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    photos: Sequence[Photo]
    deadline: float
    answer: Future[Vectors]


class Batcher:
    """One thread that runs the model on whatever waits, at most ``batch`` photos at a time.

    No request waits for others to come: a batch is what had gathered while the model was busy.

    Args:
        embedder: the model.
        batch: photos in one forward pass; a single request with more is not split.
        told: hears of each pass: number of photos, and seconds.
    """

    def __init__(
        self, embedder: Embedder, *, batch: int, told: Callable[[int, float], None] = lambda *_: None
    ) -> None:
        self._embedder, self._batch, self._told = embedder, batch, told
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._held: _Job | None = None  # taken from the queue, but too many for the last batch
        self._door = threading.Lock()  # between the last job and the end
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="lookalike-model", daemon=True)
        self._thread.start()
        self.seconds_per_photo = 0.05

    def encode(self, photos: Sequence[Photo], *, deadline: float) -> Vectors:
        """Unit vectors of photos, shape (photos, width); waits for them.

        Args:
            photos: of one request.
            deadline: by ``time.monotonic``.

        Raises:
            TooLate: the deadline passed first.
            Closing: the batcher was closed before.
            EmbedderError: the model cannot embed one of these photos.
        """
        job = _Job(photos, deadline, Future())
        with self._door:
            if self._closed:
                raise Closing
            self._jobs.put(job)
        try:
            return job.answer.result(timeout=max(0.0, deadline - time.monotonic()))
        except TimeoutError as error:
            job.answer.cancel()
            raise TooLate from error

    @property
    def waiting(self) -> int:
        """About how many requests wait."""
        return self._jobs.qsize()

    def close(self) -> None:
        """Answer what waits, and end the thread."""
        with self._door:
            self._closed = True
            self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        while True:
            job = self._held or self._jobs.get()
            self._held = None
            if job is None:
                return
            self._encode(self._gathered(job))

    def _gathered(self, first: _Job) -> list[_Job]:
        jobs, photos = [first], len(first.photos)
        while photos < self._batch:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                break
            if job is None:
                self._jobs.put(None)
                break
            photos += len(job.photos)
            if photos > self._batch:
                self._held = job
                break
            jobs.append(job)
        now = time.monotonic()
        return [job for job in jobs if job.deadline > now and job.answer.set_running_or_notify_cancel()]

    def _encode(self, jobs: list[_Job]) -> None:
        if not jobs:
            return
        photos = [photo for job in jobs for photo in job.photos]
        begun = time.perf_counter()
        try:
            vectors = self._embedder.encode(photos)
        except Exception as error:  # one bad photo must not take its neighbours along
            self._fail(jobs, error)
            return
        seconds = time.perf_counter() - begun
        self.seconds_per_photo += 0.2 * (seconds / len(photos) - self.seconds_per_photo)
        self._told(len(photos), seconds)
        first = 0
        for job in jobs:
            job.answer.set_result(vectors[first : first + len(job.photos)])
            first += len(job.photos)

    def _fail(self, jobs: list[_Job], error: Exception) -> None:
        if len(jobs) == 1:
            jobs[0].answer.set_exception(error)
            return
        for job in jobs:
            self._encode([job])
