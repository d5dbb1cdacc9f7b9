"""Where the photo lies that a table or a feed names."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cached_property
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from lookalike.catalogue.files import is_photo_name, is_stray

_REMOTE = ("http://", "https://", "gs://", "s3://", "ftp://", "//")
_ORIENTATION = 0x0112


class PhotoFinder:
    """Finds photos under one folder: by path, or for an address by the file's name.

    Nothing is ever fetched: for ``https://cdn.shop/p/cup.jpg?v=3`` a local file ``cup.jpg`` is sought.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def find(self, name: str) -> Path:
        """The path of the photo called ``name``; the file need not exist."""
        if name.startswith(_REMOTE):
            return self._by_file_name(name)
        path = self.root / name
        if "\\" in name and not os.path.exists(path):  # noqa: PTH110 (Path.exists raises where a name is too long)
            return self.root / name.replace("\\", "/")
        return path

    def _by_file_name(self, address: str) -> Path:
        """The file of the address's name; among several the one whose folders are most like its own."""
        parts = PurePosixPath(unquote(_path_of(address))).parts
        file_name = parts[-1] if parts else ""
        candidates = self._by_name.get(file_name.casefold(), ())
        if not candidates:
            return self.root / file_name
        return max(
            candidates, key=lambda path: (_common_tail(path.parts, parts), -len(path.parts), str(path))
        )

    @cached_property
    def _by_name(self) -> dict[str, list[Path]]:
        named: dict[str, list[Path]] = {}
        for folder, folders, names in os.walk(self.root):
            folders[:] = sorted(each for each in folders if not is_stray(each))
            for name in sorted(names):
                if is_photo_name(name) and not is_stray(name):
                    named.setdefault(name.casefold(), []).append(Path(folder, name))
        return named


def _path_of(address: str) -> str:
    try:
        return urlsplit(address).path
    except ValueError:  # no address, such as half of one by number; its name may be right all the same
        return address


def pixel_size(path: Path) -> Callable[[], tuple[int, int]]:
    """Reads, when called, a photo's upright (width, height) in pixels; (0, 0) where its header fails."""

    def read() -> tuple[int, int]:
        from PIL import Image

        try:
            with Image.open(path) as image:
                width, height = image.size
                turned = image.getexif().get(_ORIENTATION, 1) in (5, 6, 7, 8)
        except Exception:  # a damaged header fails in many ways; reading the photo itself will tell which
            return 0, 0
        return (height, width) if turned else (width, height)

    return read


def _common_tail(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """How many parts two paths share, counted from their ends."""
    count = 0
    for mine, theirs in zip(reversed(one), reversed(other), strict=False):
        if mine.casefold() != theirs.casefold():
            break
        count += 1
    return count
