"""Small catalogues on disk, for the tests of reading."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from lookalike.catalogue.items import Catalogue

# Reading goes by names and never looks inside, so the first bytes of a JPEG are photo enough.
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00"
PNG = b"\x89PNG\r\n\x1a\n"


def plant(root: Path, names: Iterable[str], content: bytes = JPEG) -> Path:
    """Write files, each with content of its own, and the folders above them."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content + name.encode())
    return root


def kinds(catalogue: Catalogue) -> list[str]:
    """The kinds of the oddities, in their order."""
    return [oddity.kind for oddity in catalogue.oddities]


def names(catalogue: Catalogue) -> dict[str, list[str]]:
    """The file names of each item's views."""
    return {item.id: [Path(view.name).name for view in item.views] for item in catalogue}
