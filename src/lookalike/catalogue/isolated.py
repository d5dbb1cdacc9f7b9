"""Decoding in a process of its own, so that a photo that crashes or hangs a decoder harms nothing else.

For photos from strangers (the HTTP door). Memory and time of the process are limited; when it dies, that
photo fails and a fresh process takes its place. What comes back is checked bytes, never a pickle.
"""

from __future__ import annotations

import math
import os
import queue
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lookalike.catalogue.decoding import Crop
from lookalike.catalogue.line import Line
from lookalike.catalogue.photos import DEFAULT_LIMITS, Photo, PhotoLimits, check_length, read_photo
from lookalike.errors import PhotoError

DecodePhoto = Callable[..., Photo]
"""Called as ``read_photo`` is."""

_WORKER = ("-c", "from lookalike.catalogue.isolated import serve; serve()")
_START_S = 60.0  # a busy machine may take its time to load the decoders
_MAX_FACTS_BYTES = 65_536


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
    """``read_photo`` behind a wall: one or several decoding processes, each serving one photo at a time.

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
        check_length(len(content), limits)
        request = {"size_px": size_px, "crop": crop, "limits": [limits.max_bytes, limits.max_pixels]}
        worker = self._workers.get()
        try:
            worker = worker or _Worker(self._command, self._confinement)
            answer = _understood(*worker.ask(request, content), size_px=size_px)
        except (EOFError, OSError, ValueError, KeyError, TypeError) as error:
            self.crashes += 1
            worker = _end(worker)
            raise _crashed() from error
        except BaseException:  # Ctrl-C: half a reply may lie in the pipe
            worker = _end(worker)
            raise
        finally:
            self._workers.put(worker)
        if isinstance(answer, PhotoError):
            raise answer
        return answer

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

    def ask(self, request: dict[str, Any], content: bytes) -> tuple[dict[str, Any], memoryview]:
        """Its reply and the pixels; EOFError or OSError where it died or is too slow."""
        self._line.send(request, content)
        return self._line.receive(most=_MAX_FACTS_BYTES + request["size_px"] ** 2 * 3)

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


def _understood(reply: dict[str, Any], pixels: memoryview, *, size_px: int) -> Photo | PhotoError:
    """The reply as a value; ValueError, KeyError or TypeError where it is none."""
    if "reason" in reply:
        return PhotoError(str(reply["message"]), hint=str(reply["hint"]), reason=str(reply["reason"]))
    square = np.frombuffer(pixels, np.uint8).reshape(size_px, size_px, 3)
    left, top, right, bottom = (int(edge) for edge in reply["content"])
    return Photo(square, (left, top, right, bottom), int(reply["width_px"]), int(reply["height_px"]))


def serve(decode: DecodePhoto = read_photo) -> None:
    """Be the process behind the wall, until the line is closed; the last arguments are its limits."""
    cpu_s, memory_bytes, line_number = (int(number) for number in sys.argv[-3:])
    line = Line(socket.socket(fileno=line_number))
    _confine(memory_bytes)
    line.send({}, b"")
    while True:
        try:
            request, content = line.receive(most=sys.maxsize)
        except EOFError:
            return
        _allow_cpu(cpu_s)
        line.send(*_replied(decode, request, bytes(content)))


def _confine(memory_bytes: int) -> None:
    """Little memory, no new files, no core dumps."""
    for kind, limit in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (limit, limit))


def _allow_cpu(seconds: int) -> None:
    """So much CPU from now on; the kernel ends the process that takes more."""
    used_s = math.ceil(time.process_time())
    hard_s = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (used_s + seconds, hard_s))


def _replied(
    decode: DecodePhoto, request: dict[str, Any], content: bytes
) -> tuple[dict[str, Any], bytes | memoryview]:
    crop = None if request["crop"] is None else tuple(request["crop"])
    limits = PhotoLimits(*request["limits"])
    try:
        photo = decode(content, size_px=request["size_px"], crop=crop, limits=limits)
    except PhotoError as error:
        return {"message": error.message, "hint": error.hint, "reason": error.reason}, b""
    facts = {"content": photo.content, "width_px": photo.width_px, "height_px": photo.height_px}
    return facts, photo.pixels.data.cast("B")
