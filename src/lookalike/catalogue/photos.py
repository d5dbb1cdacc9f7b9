"""The one way from a photo file to pixels, shared by indexing, querying and evaluating."""

from __future__ import annotations

import io
import os
import stat
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lookalike.catalogue.decoding import Crop, Wanted, decode
from lookalike.errors import PhotoError


@dataclass(frozen=True, slots=True)
class PhotoLimits:
    """What is refused before any pixel is decoded.

    Args:
        max_bytes: longest file.
        max_pixels: most pixels by the header; 50 megapixels is what image servers take.
    """

    max_bytes: int = 40_000_000
    max_pixels: int = 50_000_000


DEFAULT_LIMITS = PhotoLimits()


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """A decoded photo, letterboxed on white into a square.

    Args:
        pixels: uint8 sRGB, shape (size, size, 3).
        content: (left, top, right, bottom) in pixels of the square: where the photo lies in it.
        width_px, height_px: of the photo itself, after orientation and crop.
    """

    pixels: NDArray[np.uint8]
    content: tuple[int, int, int, int]
    width_px: int
    height_px: int


def read_photo(
    source: Path | bytes, *, size_px: int, crop: Crop | None = None, limits: PhotoLimits = DEFAULT_LIMITS
) -> Photo:
    """The photo in a white square of ``size_px``, its long side filling it, in the middle.

    Args:
        source: a file, or the bytes of one.
        size_px: side of the square.
        crop: the part to use, as shares of the upright photo.
        limits: what is refused from the header.

    Raises:
        PhotoError: nothing else comes out; its ``reason`` says which kind of trouble.
    """
    wanted = Wanted(size_px, crop, True, limits.max_pixels)
    return _letterboxed(*_decoded(source, wanted, limits), size_px)


def part_of(image: Image.Image, crop: Crop, *, size_px: int) -> Photo:
    """A part of an opened photo in a white square, as ``read_photo`` gives a part of a file.

    Args:
        image: upright, in sRGB, as ``open_image`` gives it.
        crop: the part, as shares of its width and height.
        size_px: side of the square.
    """
    box = (crop[0] * image.width, crop[1] * image.height, crop[2] * image.width, crop[3] * image.height)
    width, height = max(1, round(box[2] - box[0])), max(1, round(box[3] - box[1]))
    scale = size_px / max(width, height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = image.resize(size, Image.Resampling.BICUBIC, box=box, reducing_gap=2.0)
    return _letterboxed(small, (width, height), size_px)


def _letterboxed(image: Image.Image, own: tuple[int, int], size_px: int) -> Photo:
    """A picture that fits the square, in the middle of it; ``own`` is the photo's (width, height)."""
    left, top = (size_px - image.width) // 2, (size_px - image.height) // 2
    pixels = np.full((size_px, size_px, 3), 255, np.uint8)
    pixels[top : top + image.height, left : left + image.width] = np.asarray(image)
    return Photo(pixels, (left, top, left + image.width, top + image.height), *own)


def open_image(
    source: Path | bytes,
    *,
    long_side_px: int,
    crop: Crop | None = None,
    limits: PhotoLimits = DEFAULT_LIMITS,
) -> Image.Image:
    """The upright photo in sRGB, its long side at most ``long_side_px``; small photos stay small.

    Raises:
        PhotoError: as ``read_photo``.
    """
    wanted = Wanted(long_side_px, crop, False, limits.max_pixels)
    return _decoded(source, wanted, limits)[0]


def thumbnail(
    source: Path | bytes, *, long_side_px: int, limits: PhotoLimits = DEFAULT_LIMITS, quality: int = 85
) -> bytes:
    """A JPEG of our own making, without any byte of the file it came from but its pixels.

    Raises:
        PhotoError: as ``read_photo``.
    """
    buffer = io.BytesIO()
    open_image(source, long_side_px=long_side_px, limits=limits).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


@dataclass(frozen=True, slots=True)
class PhotoFile:
    """A photo's file, read once.

    Args:
        content: its bytes.
        modified_ns: when it was last changed, in nanoseconds since 1970.
    """

    content: bytes
    modified_ns: int


def read_file(path: Path, limits: PhotoLimits = DEFAULT_LIMITS) -> PhotoFile:
    """A regular file that is not too long.

    Raises:
        PhotoError: ``unreadable`` (gone, forbidden, a pipe, a link loop) or ``too_large``.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe would wait for ever
            raise OSError("not a regular file")
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            check_length(status.st_size, limits)
            content = file.read(limits.max_bytes + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise PhotoError(
            f"The file cannot be read ({why}).",
            hint="Check that it exists and may be read.",
            reason="unreadable",
        ) from error
    check_length(len(content), limits)
    return PhotoFile(content, status.st_mtime_ns)


def check_length(length: int, limits: PhotoLimits = DEFAULT_LIMITS) -> None:
    """Refuse a file of that many bytes where it is too long.

    Raises:
        PhotoError: ``too_large``.
    """
    if length > limits.max_bytes:
        raise PhotoError(
            f"The file has {length / 1e6:.1f} MB, more than {limits.max_bytes / 1e6:g} MB.",
            hint="Make it smaller, or raise the limit.",
            reason="too_large",
        )


def _decoded(
    source: Path | bytes, wanted: Wanted, limits: PhotoLimits
) -> tuple[Image.Image, tuple[int, int]]:
    """The picture and its own size; an error about a file names the file."""
    if isinstance(source, bytes):
        check_length(len(source), limits)
        return decode(source, wanted)
    try:
        return decode(read_file(source, limits).content, wanted)
    except PhotoError as error:
        raise PhotoError(f"{source}: {error.message}", hint=error.hint, reason=error.reason) from error
