"""What the store remembers of an item and of each of its views."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from lookalike.catalogue.items import Attributes, Item, View

Crop = tuple[float, float, float, float]

_NONE: Attributes = MappingProxyType({})


@dataclass(frozen=True)
class StoredView:
    """One view of an item as the store knows it.

    Args:
        id: content hash of the photo.
        path: where the photo was when it was indexed.
        size_bytes, modified_ns: of that file; by them an unchanged file is recognised unread.
        role, azimuth_deg, elevation_deg, crop, attributes: as in ``View``.
    """

    id: str
    path: Path
    size_bytes: int = 0
    modified_ns: int = 0
    role: str | None = None
    azimuth_deg: float | None = None
    elevation_deg: float | None = None
    crop: Crop | None = None
    attributes: Attributes = field(default_factory=lambda: _NONE)

    @property
    def key(self) -> tuple[str, str]:
        """What its vector is filed under: photo id and crop."""
        return self.id, crop_text(self.crop)

    def to_view(self) -> View:
        """The catalogue's view of the same photo."""
        return View(
            self.path,
            role=self.role,
            azimuth_deg=self.azimuth_deg,
            elevation_deg=self.elevation_deg,
            crop=self.crop,
            attributes=self.attributes,
        )

    def under(self, folder: Path) -> StoredView:
        """The same view, its path made absolute where the store keeps the photo itself."""
        return self if self.path.is_absolute() else replace(self, path=folder / self.path)

    def facts(self) -> list[Any]:
        """The view as a JSON list."""
        return [
            self.id,
            str(self.path),
            self.size_bytes,
            self.modified_ns,
            self.role,
            None if self.azimuth_deg is None else float(self.azimuth_deg),
            None if self.elevation_deg is None else float(self.elevation_deg),
            None if self.crop is None else [float(share) for share in self.crop],
            dict(self.attributes),
        ]

    @classmethod
    def from_facts(cls, facts: list[Any]) -> StoredView:
        """The view that ``facts`` describes."""
        identity, path, size, modified, role, azimuth, elevation, crop, attributes = facts
        where = None if crop is None else (crop[0], crop[1], crop[2], crop[3])
        return cls(identity, Path(path), size, modified, role, azimuth, elevation, where, attributes)


@dataclass(frozen=True)
class StoredItem:
    """One item as the store knows it; ``source`` is the catalogue that it came from."""

    id: str
    views: tuple[StoredView, ...]
    attributes: Attributes = field(default_factory=lambda: _NONE)
    source: str = ""

    @property
    def category(self) -> str | None:
        """The ``category`` attribute as text, where there is one."""
        value = self.attributes.get("category")
        return None if value is None else str(value)

    def to_item(self) -> Item:
        """The catalogue's item of the same photos."""
        return Item(self.id, tuple(view.to_view() for view in self.views), self.attributes)

    def to_json(self) -> str:
        """The item as one line of ASCII JSON, the same for equal items."""
        facts = [self.id, self.source, dict(self.attributes), [view.facts() for view in self.views]]
        return encoded(facts)

    @classmethod
    def from_json(cls, text: str | bytes) -> StoredItem:
        """The item that ``to_json`` wrote."""
        identity, source, attributes, views = json.loads(text)
        return cls(identity, tuple(map(StoredView.from_facts, views)), attributes, source)

    @property
    def checksum(self) -> int:
        """A 32-bit checksum over everything that is kept of the item."""
        return zlib.crc32(self.to_json().encode())


def attributes_of_views(text: bytes) -> list[Attributes]:
    """The attributes of an item's views, of what ``to_json`` wrote."""
    return [view[-1] for view in json.loads(text)[-1]]


encoded = json.JSONEncoder(separators=(",", ":")).encode
"""The facts of an item as the one text that stands for them."""


def crop_text(crop: Crop | None) -> str:
    """A crop as text that is the same for equal crops; empty for the whole photo."""
    return "" if crop is None else ",".join(repr(float(share)) for share in crop)


def parse_crop(text: str) -> Crop | None:
    """The crop that ``crop_text`` wrote."""
    if not text:
        return None
    left, top, right, bottom = (float(share) for share in text.split(","))
    return left, top, right, bottom


def clean(text: str) -> str:
    """Text that UTF-8 can hold: bytes of a file name that are no UTF-8 become escapes."""
    return text.encode("utf-8", "backslashreplace").decode()
