"""The process behind the wall: it decodes the photos that come over its line (see ``isolated``)."""

from __future__ import annotations

import math
import resource
import socket
import sys
import time
from collections.abc import Callable
from typing import Any

from lookalike.catalogue.line import Line
from lookalike.catalogue.photos import Photo, PhotoLimits, read_photo
from lookalike.errors import PhotoError

DecodePhoto = Callable[..., Photo]
"""Called as ``read_photo`` is."""


def serve(decode: DecodePhoto = read_photo) -> None:
    """Be that process until the line is closed; the last arguments are its limits.

    A request says how long each photo and which part of it is wanted; the reply says of each what
    became of it. The photos' bytes and the pixels lie beside, one after the other.
    """
    cpu_s, memory_bytes, line_number = (int(number) for number in sys.argv[-3:])
    line = Line(socket.socket(fileno=line_number))
    _confine(memory_bytes)
    line.send({})
    while True:
        try:
            request, contents = line.receive(most=sys.maxsize)
        except EOFError:
            return
        told: list[dict[str, Any]] = []
        pixels: list[memoryview] = []
        for length, crop in request["photos"]:
            _allow_cpu(cpu_s)
            facts, own = _decoded(decode, bytes(contents[:length]), crop, request)
            told.append(facts)
            pixels += own
            contents = contents[length:]
        line.send({"photos": told}, *pixels)


def _decoded(
    decode: DecodePhoto, content: bytes, crop: list[float] | None, request: dict[str, Any]
) -> tuple[dict[str, Any], list[memoryview]]:
    """What is told of a photo, and its pixels if it could be decoded."""
    limits = PhotoLimits(*request["limits"])
    try:
        photo = decode(content, size_px=request["size_px"], crop=crop and tuple(crop), limits=limits)
    except PhotoError as error:
        return {"message": error.message, "hint": error.hint, "reason": error.reason}, []
    facts = {"content": photo.content, "width_px": photo.width_px, "height_px": photo.height_px}
    return facts, [photo.pixels.data.cast("B")]


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
