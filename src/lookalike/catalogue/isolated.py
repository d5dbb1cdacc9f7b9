"""Decoding in a process of its own, so that a photo that crashes or hangs a decoder harms nothing else.

For photos from strangers (the HTTP door). Memory and time of the process are limited; when it dies, that
photo fails and a fresh process takes its place. What comes back is checked bytes, never a pickle.
"""

from __future__ import annotations

import contextlib
import os
import queue
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookalike.catalogue.decoding import Crop
from lookalike.catalogue.line import Line
from lookalike.catalogue.photos import DEFAULT_LIMITS, Photo, PhotoLimits, check_length
from lookalike.errors import PhotoError

_WORKER = ("-c", "from lookalike.catalogue.decoder_process import serve; serve()")
_START_S = 60.0  # a busy machine may take its time to load the decoders
_MAX_FACTS_BYTES = 65_536
_MAX_BYTES_AT_ONCE = 4_000_000
"""Longer photos are sent one by one: they take their time anyway, and memory."""

Undecoded = tuple[bytes, Crop | None]
"""A photo as it came, and the part of it that counts."""


def _crashed() -> PhotoError:
    return PhotoError(
        "The decoder crashed on this photo, or took too long.",
        hint="Save the photo again with another program, as JPEG.",
        reason="crashed",
    )


@dataclass(frozen=True, slots=True)
class Confinement:
    """What one photo may use.

    Args:
        timeout_s: seconds of waiting for the pixels.
        cpu_s: seconds of CPU.
        memory_bytes: address space of the whole process; a 50-megapixel photo needs under 1 GB.
    """

    timeout_s: float = 10.0
    cpu_s: int = 10
    memory_bytes: int = 2_000_000_000


DEFAULT_CONFINEMENT = Confinement()


class IsolatedDecoder:
    """``read_photo`` behind a wall: one or several decoding processes, each with one photo in work.

    Args:
        processes: how many photos may be decoded at once.
        confinement: what one photo may use.
        worker: arguments for the Python interpreter that run ``serve``.
    """

    def __init__(
        self,
        *,
        processes: int = 2,
        confinement: Confinement = DEFAULT_CONFINEMENT,
        worker: Sequence[str] = _WORKER,
    ) -> None:
        self._confinement, self._command = confinement, tuple(worker)
        self._processes = processes
        self._workers: queue.LifoQueue[_Worker | None] = queue.LifoQueue()
        for _ in range(processes):
            self._workers.put(None)  # started when first needed
        self.crashes = 0

    def read_photo(
        self,
        content: bytes,
        *,
        size_px: int,
        crop: Crop | None = None,
        limits: PhotoLimits = DEFAULT_LIMITS,
    ) -> Photo:
        """As ``photos.read_photo``, and safe to call from many threads.

        Raises:
            PhotoError: as there, and ``crashed`` where the decoder died or took too long.
        """
        (photo,) = self.read_photos([(content, crop)], size_px=size_px, limits=limits)
        if isinstance(photo, PhotoError):
            raise photo
        return photo

    def read_photos(
        self, several: Sequence[Undecoded], *, size_px: int, limits: PhotoLimits = DEFAULT_LIMITS
    ) -> list[Photo | PhotoError]:
        """Several photos, each as ``read_photo`` gives it or the error that it raises.

        Small ones cross the wall together, for each crossing changes processes twice. Where a photo takes the
        process along, or all of them more time than one may, each is tried again by itself.
        """
        if len(several) > 1 and sum(len(content) for content, _ in several) <= _MAX_BYTES_AT_ONCE:
            with contextlib.suppress(PhotoError):
                return self._asked(several, size_px, limits)
        return [self._alone(one, size_px, limits) for one in several]

    def _alone(self, photo: Undecoded, size_px: int, limits: PhotoLimits) -> Photo | PhotoError:
        try:
            check_length(len(photo[0]), limits)
            return self._asked([photo], size_px, limits)[0]
        except PhotoError as error:
            return error

    def _asked(
        self, several: Sequence[Undecoded], size_px: int, limits: PhotoLimits
    ) -> list[Photo | PhotoError]:
        """What one process answers; PhotoError where it died or took too long."""
        worker = self._workers.get()
        try:
            worker = worker or _Worker(self._command, self._confinement)
            return _understood(*worker.ask(several, size_px, limits), size_px, count=len(several))
        except (EOFError, OSError, ValueError, KeyError, TypeError) as error:
            self.crashes += 1
            worker = _end(worker)
            raise _crashed() from error
        except BaseException:  # Ctrl-C: half a reply may lie in the pipe
            worker = _end(worker)
            raise
        finally:
            self._workers.put(worker)

    def close(self) -> None:
        """End the processes, once the photos in work are done."""
        for _ in range(self._processes):
            _end(self._workers.get())
        for _ in range(self._processes):
            self._workers.put(None)

    def __enter__(self) -> IsolatedDecoder:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Worker:
    """One decoding process and the line to it."""

    def __init__(self, command: Sequence[str], confinement: Confinement) -> None:
        near, far = socket.socketpair()
        self._line = Line(near)
        limits = (str(confinement.cpu_s), str(confinement.memory_bytes), str(far.fileno()))
        with far:
            self._process = subprocess.Popen(
                [sys.executable, *command, *limits],
                pass_fds=[far.fileno()],
                env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},  # each thread would reserve memory
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        self._line.wait_at_most(_START_S)
        self._line.receive(most=_MAX_FACTS_BYTES)  # it says hello once it has loaded its decoders
        self._line.wait_at_most(confinement.timeout_s)

    def ask(
        self, several: Sequence[Undecoded], size_px: int, limits: PhotoLimits
    ) -> tuple[dict[str, Any], memoryview]:
        """Its reply and the pixels; EOFError or OSError where it died or is too slow."""
        request = {
            "size_px": size_px,
            "limits": [limits.max_bytes, limits.max_pixels],
            "photos": [[len(content), crop] for content, crop in several],
        }
        self._line.send(request, *(content for content, _ in several))
        return self._line.receive(most=_MAX_FACTS_BYTES + len(several) * size_px**2 * 3)

    def end(self) -> None:
        """Kill the process and wait for it."""
        self._process.kill()
        self._process.wait()
        self._line.close()


def _end(worker: _Worker | None) -> _Worker | None:
    """End the process, if there is one, and give its empty place."""
    if worker is not None:
        worker.end()
    return None


def _understood(
    reply: dict[str, Any], pixels: memoryview, size_px: int, *, count: int
) -> list[Photo | PhotoError]:
    """The reply as values; ValueError, KeyError or TypeError where it is none."""
    told = list(reply["photos"])
    squares = np.frombuffer(pixels, np.uint8).reshape(-1, size_px, size_px, 3)
    if len(told) != count or len(squares) != sum("reason" not in facts for facts in told):
        raise ValueError("the reply tells of other photos")
    left = iter(squares)
    return [_refusal(facts) if "reason" in facts else _photo(facts, next(left)) for facts in told]


def _refusal(facts: dict[str, Any]) -> PhotoError:
    return PhotoError(str(facts["message"]), hint=str(facts["hint"]), reason=str(facts["reason"]))


def _photo(facts: dict[str, Any], square: NDArray[np.uint8]) -> Photo:
    left, top, right, bottom = (int(edge) for edge in facts["content"])
    return Photo(square, (left, top, right, bottom), int(facts["width_px"]), int(facts["height_px"]))
