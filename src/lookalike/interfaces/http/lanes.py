"""Models that take photos one by one: each caller runs its own, as many at once as the model has lanes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from lookalike.catalogue.photos import Photo
from lookalike.embedding.embedder import Embedder
from lookalike.interfaces.http.batching import Closing, TooLate, Vectors


class Lanes:
    """In place of a ``Batcher`` where batches gain nothing: no thread in between, no neighbour to wait for.

    Args:
        embedder: the model; its ``lanes`` say how many calls run well beside one another.
        told: hears of each call: number of photos, and seconds.
    """

    def __init__(self, embedder: Embedder, *, told: Callable[[int, float], None] = lambda *_: None) -> None:
        self._embedder, self._told, self._count = embedder, told, embedder.lanes
        self._free = threading.Semaphore(self._count)
        self._turn = threading.Lock()
        self._waiting, self._closed = 0, False
        self.seconds_per_photo = 0.05

    def encode(self, photos: Sequence[Photo], *, deadline: float) -> Vectors:
        """Unit vectors of photos, shape (photos, width); waits for a lane.

        Args:
            photos: of one request.
            deadline: by ``time.monotonic``.

        Raises:
            TooLate: the deadline passed first.
            Closing: the lanes were closed before.
            EmbedderError: the model cannot embed one of these photos.
        """
        self._wait_for_lane(deadline)
        try:
            if self._closed:
                raise Closing
            begun = time.perf_counter()
            vectors = self._embedder.encode(photos)
            seconds = time.perf_counter() - begun
        finally:
            self._free.release()
        each = seconds / len(photos) / self._count
        self.seconds_per_photo += 0.05 * (each - self.seconds_per_photo)
        self._told(len(photos), seconds)
        return vectors

    @property
    def waiting(self) -> int:
        """How many requests wait."""
        return self._waiting

    def close(self) -> None:
        """Let those finish that have a lane, and nobody after them."""
        self._closed = True
        for _ in range(self._count):
            self._free.acquire()
        for _ in range(self._count):
            self._free.release()

    def _wait_for_lane(self, deadline: float) -> None:
        if self._free.acquire(blocking=False):
            return
        with self._turn:
            self._waiting += 1
        try:
            if not self._free.acquire(timeout=max(0.0, deadline - time.monotonic())):
                raise TooLate
        finally:
            with self._turn:
                self._waiting -= 1
