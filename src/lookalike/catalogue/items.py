"""The catalogue's nouns: views, items, and the catalogue that holds them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from lookalike.errors import CatalogueError, PhotoError

Attribute = str | int | float | bool
Attributes = Mapping[str, Attribute]

ROLES = ("front", "back", "side", "detail", "worn", "flat", "angle", "room")
"""The roles that readers recognise; any other text in a role column is kept as it is."""

_NO_ATTRIBUTES: Attributes = MappingProxyType({})


def photo_id(content: bytes) -> str:
    """The id of a photo: 32 hex digits of the BLAKE2b hash of its bytes.

    It depends on the content alone, so a moved or renamed file is not a new photo.
    """
    return hashlib.blake2b(content, digest_size=16).hexdigest()


@dataclass(frozen=True)
class View:
    """One photo of an item.

    Args:
        source: the file, or the photo's bytes where there is no file.
        role: how the item is seen (see ``ROLES``); None where unknown.
        azimuth_deg: the horizontal angle it was seen from, in degrees.
        elevation_deg: the vertical angle, in degrees.
        crop: the part of the photo that shows the item, as (left, top, right, bottom) shares
            of width and height between 0 and 1; None for the whole photo.
        attributes: what is known of this photo rather than of the item.
    """

    source: Path | bytes
    role: str | None = None
    azimuth_deg: float | None = None
    elevation_deg: float | None = None
    crop: tuple[float, float, float, float] | None = None
    attributes: Attributes = field(default_factory=lambda: _NO_ATTRIBUTES)

    @property
    def path(self) -> Path | None:
        """The file, where there is one."""
        return self.source if isinstance(self.source, Path) else None

    @property
    def name(self) -> str:
        """What to call the view in a message: its path, or a word for bytes."""
        return str(self.source) if isinstance(self.source, Path) else f"<{len(self.source)} bytes>"

    def read(self) -> bytes:
        """The photo's bytes.

        Raises:
            PhotoError: (``unreadable``) the file is gone or may not be read.
        """
        if isinstance(self.source, bytes):
            return self.source
        try:
            return self.source.read_bytes()
        except OSError as error:
            raise PhotoError(
                f"{self.source}: cannot be read ({error.strerror or error}).",
                hint="Check that the file exists and may be read.",
                reason="unreadable",
            ) from error

    @cached_property
    def id(self) -> str:
        """The content hash of the photo (reads the file the first time)."""
        return photo_id(self.read())


@dataclass(frozen=True)
class Item:
    """One thing in the catalogue.

    Args:
        id: by which it is found; one item each in a catalogue.
        views: its photos.
        attributes: category, colour, price, ...: text, numbers or truths by name.
    """

    id: str
    views: tuple[View, ...]
    attributes: Attributes = field(default_factory=lambda: _NO_ATTRIBUTES)

    @property
    def category(self) -> str | None:
        """The ``category`` attribute as text, where the catalogue has one."""
        value = self.attributes.get("category")
        return None if value is None else str(value)


@dataclass(frozen=True)
class Oddity:
    """One thing about the catalogue that its owner should know: one report line.

    Args:
        kind: a short stable code such as ``missing_photo``, ``no_photos``, ``same_photo_in_two_items``.
        where: the path, row or item it is about.
        message: what was found and what was done about it.
    """

    kind: str
    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.where}: {self.message}"


@dataclass(frozen=True)
class Catalogue(Sequence[Item]):
    """The items, in a stable order, with everything odd that reading them brought to light.

    A sequence of items: ``len(catalogue)``, ``catalogue[0]``, ``for item in catalogue``.

    Args:
        items: each with an id of its own.
        oddities: one for each thing that its owner should know.
        source: where it was read from, for messages.

    Raises:
        CatalogueError: two items have the same id.
    """

    items: tuple[Item, ...]
    oddities: tuple[Oddity, ...] = ()
    source: str = ""

    def __post_init__(self) -> None:
        doubled = [name for name, count in Counter(item.id for item in self.items).items() if count > 1]
        if doubled:
            raise CatalogueError(
                f"{len(doubled)} item ids occur more than once, the first is {doubled[0]!r}.",
                hint="Give each item one id; views of one item share it.",
            )

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: Any) -> Any:
        return self.items[index]

    def __iter__(self) -> Iterator[Item]:
        return iter(self.items)

    @cached_property
    def view_count(self) -> int:
        """How many views all items have together."""
        return sum(len(item.views) for item in self.items)

    def views(self) -> Iterator[tuple[Item, View]]:
        """Every view with its item, in catalogue order."""
        for item in self.items:
            for view in item.views:
                yield item, view

    def by_category(self) -> Counter[str]:
        """How many items each category has ('' where an item has none)."""
        return Counter(item.category or "" for item in self.items)

    def by_view_count(self) -> Counter[int]:
        """How many items have one view, two views, ..."""
        return Counter(len(item.views) for item in self.items)
