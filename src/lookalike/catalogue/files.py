"""What a file in a catalogue folder is, judged by its name and its first bytes."""

from __future__ import annotations

import os
from typing import Literal

from lookalike.catalogue.formats import Kind

PHOTO_SUFFIXES: dict[str, Kind] = {
    ".jpg": "JPEG", ".jpeg": "JPEG", ".jpe": "JPEG", ".jfif": "JPEG",
    ".png": "PNG",
    ".webp": "WEBP",
    ".gif": "GIF",
    ".bmp": "BMP", ".dib": "BMP",
    ".tif": "TIFF", ".tiff": "TIFF",
    ".avif": "AVIF",
    ".heic": "HEIF", ".heif": "HEIF",
}  # fmt: skip
"""The suffixes of photo files (lower case) and the format each one names."""

_STRAY_NAMES = frozenset({"thumbs.db", "desktop.ini", "__macosx", "@eadir", "$recycle.bin"})
_STRAY_SUFFIXES = (".tmp", ".temp", ".part", ".partial", ".crdownload", ".download", ".swp", ".bak", "~")
_HEAD_BYTES = 256
Trouble = Literal["missing", "unreadable"]


def suffix_of(name: str) -> str:
    """The suffix in lower case, with its dot; '' where there is none.

    >>> suffix_of("Cup.JPG"), suffix_of("cup"), suffix_of(".hidden")
    ('.jpg', '', '')
    """
    return os.path.splitext(name)[1].lower()  # noqa: PTH122 (a Path for each of a million names is slow)


def is_photo_name(name: str) -> bool:
    """Whether the name ends as a photo's does."""
    return suffix_of(name) in PHOTO_SUFFIXES


def is_stray(name: str) -> bool:
    """Whether a file or folder is hidden, temporary, or left behind by an operating system.

    >>> [is_stray(name) for name in (".DS_Store", "~$list.xlsx", "a.jpg.part", "a.jpg")]
    [True, True, True, False]
    """
    lower = name.lower()
    return name.startswith((".", "~$")) or lower in _STRAY_NAMES or lower.endswith(_STRAY_SUFFIXES)


def first_bytes(path: str | os.PathLike[str]) -> bytes | Trouble:
    """The first bytes of a regular file, or what is wrong with it.

    A named pipe or a device is ``unreadable``: opening one without ``O_NONBLOCK`` could wait for ever.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return "missing"
    except OSError:
        return "unreadable"
    try:
        return os.read(descriptor, _HEAD_BYTES)
    except OSError:  # a folder opens but cannot be read
        return "unreadable"
    finally:
        os.close(descriptor)


def printable(name: str) -> str:
    """The name as valid text: bytes that are not UTF-8 become ``\\xNN``, fit to store."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
