"""Where the photos of requests are decoded: behind the wall, several at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor

from lookalike.catalogue.isolated import IsolatedDecoder
from lookalike.catalogue.photos import Photo, PhotoLimits
from lookalike.errors import LookalikeError
from lookalike.interfaces.http.forms import SentPhoto
from lookalike.interfaces.http.making import Wanted
from lookalike.interfaces.http.problems import Problem

Decoded = list[Photo] | Exception
"""The pixels of a request's photos, or a PhotoError or Problem."""


class Desks:
    """Decodes photos; for many threads.

    Args:
        count: how many photos are decoded beside one another.
        limits: of a photo.
        too_late: the problem of a request whose deadline has passed.
    """

    def __init__(self, count: int, limits: PhotoLimits, *, too_late: Callable[[], Problem]) -> None:
        self._decoder, self._limits, self._too_late = IsolatedDecoder(processes=count), limits, too_late
        # first come, first decoded; a semaphore would let the luckiest thread pass
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="lookalike-decode")

    @property
    def crashes(self) -> int:
        """How many decoders a photo has killed."""
        return self._decoder.crashes

    def decode(self, photos: Sequence[SentPhoto], *, deadline: float, size_px: int) -> list[Photo]:
        """Pixels of photos that are decoded beside one another.

        Args:
            photos: of one request.
            deadline: by ``time.monotonic``.
            size_px: side of the squares.

        Raises:
            PhotoError: a photo cannot be used.
            Problem: (503) the deadline passed, or the server is ending.
        """
        try:
            waiting = [self._threads.submit(self._one, photo, size_px, deadline) for photo in photos]
        except RuntimeError as error:  # the desks are closed
            raise self._too_late() from error
        try:
            return [asked.result(timeout=max(0.0, deadline - time.monotonic())) for asked in waiting]
        except (TimeoutError, CancelledError) as error:
            raise self._too_late() from error
        finally:
            for asked in waiting:
                asked.cancel()

    def each(self, several: Sequence[Wanted], *, size_px: int) -> list[Decoded]:
        """The pixels of each request's photos, or its trouble.

        Where requests have one photo each, these are decoded one after the other in the caller's thread.
        """
        single = [request for request in several if len(request.photos) == 1]
        alone = iter(self._single(single, size_px))
        return [
            next(alone) if len(request.photos) == 1 else self._beside(request, size_px) for request in several
        ]

    def close(self) -> None:
        """End the threads and the decoders."""
        self._threads.shutdown(cancel_futures=True)
        self._decoder.close()

    def _one(self, photo: SentPhoto, size_px: int, deadline: float) -> Photo:
        if time.monotonic() > deadline:
            raise self._too_late()
        return self._decoder.read_photo(photo.content, size_px=size_px, crop=photo.crop, limits=self._limits)

    def _single(self, requests: Sequence[Wanted], size_px: int) -> list[Decoded]:
        now = time.monotonic()
        sent = [(one.photos[0].content, one.photos[0].crop) for one in requests if one.deadline >= now]
        decoded = iter(self._decoder.read_photos(sent, size_px=size_px, limits=self._limits))
        found = [next(decoded) if one.deadline >= now else self._too_late() for one in requests]
        return [one if isinstance(one, Exception) else [one] for one in found]

    def _beside(self, request: Wanted, size_px: int) -> Decoded:
        try:
            return self.decode(request.photos, deadline=request.deadline, size_px=size_px)
        except (LookalikeError, Problem) as error:
            return error
