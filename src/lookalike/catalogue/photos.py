"""The one way from a photo file to pixels, shared by indexing, querying and evaluating."""

from __future__ import annotations

import io
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
    image, (width, height) = decode(_bytes_of(source, limits), wanted)
    left, top = (size_px - image.width) // 2, (size_px - image.height) // 2
    pixels = np.full((size_px, size_px, 3), 255, np.uint8)
    pixels[top : top + image.height, left : left + image.width] = np.asarray(image)
    content = (left, top, left + image.width, top + image.height)
    return Photo(pixels, content, width, height)


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
    return decode(_bytes_of(source, limits), wanted)[0]


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


def read_file(path: Path, limits: PhotoLimits = DEFAULT_LIMITS) -> bytes:
    """The bytes of a regular file that is not too long.

    Raises:
        PhotoError: ``unreadable`` (gone, forbidden, a pipe, a link loop) or ``too_large``.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # opening a pipe would wait for ever
            raise OSError("not a regular file")
        if status.st_size > limits.max_bytes:
            raise _too_long(status.st_size, limits)
        return path.read_bytes()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise PhotoError(
            f"{path}: cannot be read ({why}).",
            hint="Check that the file exists and may be read.",
            reason="unreadable",
        ) from error


def _too_long(length: int, limits: PhotoLimits) -> PhotoError:
    return PhotoError(
        f"The file has {length / 1e6:.1f} MB, more than {limits.max_bytes / 1e6:g} MB.",
        hint="Make it smaller, or raise the limit.",
        reason="too_large",
    )


def _bytes_of(source: Path | bytes, limits: PhotoLimits) -> bytes:
    if isinstance(source, Path):
        return read_file(source, limits)
    if len(source) > limits.max_bytes:
        raise _too_long(len(source), limits)
    return source
