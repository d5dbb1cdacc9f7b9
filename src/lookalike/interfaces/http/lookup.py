"""Looking things up in one version of the store: views by id, filters with counts, items as JSON has them."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookalike.interfaces.http.facets import facets
from lookalike.retrieval.filters import Where
from lookalike.retrieval.records import StoredItem, StoredView, crop_text
from lookalike.retrieval.snapshot import Snapshot


def view_id(view: StoredView) -> str:
    """The id of a view: its photo's, and for a part of a photo a checksum of the crop."""
    return view.id if view.crop is None else f"{view.id}-{zlib.crc32(crop_text(view.crop).encode()):08x}"


def view_facts(view: StoredView) -> dict[str, Any]:
    """A view as JSON has it; paths stay here."""
    return {
        "id": view_id(view),
        "role": view.role,
        "azimuth_deg": view.azimuth_deg,
        "elevation_deg": view.elevation_deg,
    }


def item_facts(item: StoredItem) -> dict[str, Any]:
    """An item as JSON has it."""
    return {
        "id": item.id,
        "attributes": dict(item.attributes),
        "views": [view_facts(view) for view in item.views],
    }


class Shelf:
    """Lookups in one version of the store, each prepared when first asked for."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot

    @cached_property
    def facets(self) -> list[dict[str, Any]]:
        """What items can be filtered by."""
        return facets(self.snapshot.attributes)

    @cached_property
    def _places(self) -> Mapping[str, tuple[int, int]]:
        """View id -> (item's place, which of its views)."""
        return {
            view_id(view): (place, number)
            for place in range(len(self.snapshot))
            for number, view in enumerate(self.snapshot.record(place).views)
        }

    def view(self, identity: str) -> StoredView | None:
        """The view of that id."""
        if identity not in self._places:
            return None
        place, number = self._places[identity]
        return self.snapshot.item(place).views[number]

    def vector(self, identity: str) -> NDArray[np.float32]:
        """The vector of the view of that id, shape (width,).

        Raises:
            KeyError: there is no such view.
        """
        place, number = self._places[identity]
        vector: NDArray[np.float32] = self.snapshot.vectors(place)[number]
        return vector

    def item(self, identity: str) -> StoredItem | None:
        """The item of that id."""
        place = self.snapshot.places.get(identity)
        return None if place is None else self.snapshot.item(place)

    def passing(self, where: Where) -> NDArray[np.intp]:
        """The places of the items that pass filters, in order."""
        if not where or not len(self.snapshot):
            return np.arange(len(self.snapshot))
        return np.flatnonzero(self.snapshot.columns.allowed(where))
