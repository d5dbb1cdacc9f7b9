"""The model at work: each caller runs it on photos of its own, as many at once as the model has lanes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from lookalike.catalogue.photos import Photo
from lookalike.embedding.embedder import Embedder

Vectors = NDArray[np.float32]


class TooLate(Exception):
    """The deadline passed before a lane was free."""


class Closing(Exception):
    """The server is ending, or another model is at work; nothing new is begun."""


class Lanes:
    """Lets as many callers in as can run well beside one another; no thread in between.

    Args:
        embedder: the model; its ``lanes`` say how many calls run well beside one another.
        told: hears of each call: number of photos, and seconds.
    """

    def __init__(self, embedder: Embedder, *, told: Callable[[int, float], None] = lambda *_: None) -> None:
        self._lane, self._told, self._count = embedder.lane, told, embedder.lanes
        self._free = threading.Semaphore(self._count)
        self._turn = threading.Lock()
        self._waiting, self._closed = 0, False
        self.seconds_per_photo = 0.05

    def encode(self, photos: Sequence[Photo], *, deadline: float) -> Vectors:
        """Unit vectors of photos, shape (photos, width); waits for a lane.

        Args:
            photos: of one request, or of several.
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
            vectors = self._lane.encode(photos)
            seconds = time.perf_counter() - begun
        finally:
            self._free.release()
        each = seconds / len(photos) / self._count
        self.seconds_per_photo += 0.05 * (each - self.seconds_per_photo)
        self._told(len(photos), seconds)
        return vectors

    @property
    def waiting(self) -> int:
        """How many callers wait."""
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
