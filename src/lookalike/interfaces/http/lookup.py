"""Looking things up in one version of the store: views by id, filters with counts, items as JSON has them."""

from __future__ import annotations

import zlib
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookalike.interfaces.http.facets import facets
from lookalike.retrieval.filters import Where
from lookalike.retrieval.records import StoredItem, StoredView, crop_text
from lookalike.retrieval.snapshot import Snapshot
from lookalike.retrieval.store import Store

MOST_KNOWN = 4096
"""Views whose place is kept."""


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
    """Lookups in one version of the store.

    Views are found by the store's own index of photos: a list of a million would take seconds to make, after
    each change, and hundreds of megabytes to keep.

    Args:
        snapshot: the version.
        store: that it is of.
    """

    def __init__(self, snapshot: Snapshot, store: Store) -> None:
        self.snapshot, self._store = snapshot, store
        self._known: dict[str, tuple[int, int]] = {}

    @cached_property
    def facets(self) -> list[dict[str, Any]]:
        """What items can be filtered by."""
        return facets(self.snapshot.value_counts)

    def _place(self, identity: str) -> tuple[int, int] | None:
        """The item's place and which of its views; of several items with the view the last."""
        if identity in self._known:
            return self._known[identity]
        photo, cut, _ = identity.rpartition("-")
        with self._store.lookup() as lookup:
            items = [*lookup.items_with(identity), *(lookup.items_with(photo) if cut else ())]
        for item in sorted(set(items), reverse=True):
            place = self.snapshot.places.get(item)
            views = () if place is None else self.snapshot.record(place).views
            numbers = [number for number, view in enumerate(views) if view_id(view) == identity]
            if place is not None and numbers:
                if len(self._known) < MOST_KNOWN:
                    self._known[identity] = place, numbers[-1]
                return place, numbers[-1]
        return None

    def view(self, identity: str) -> StoredView | None:
        """The view of that id."""
        found = self._place(identity)
        return None if found is None else self.snapshot.item(found[0]).views[found[1]]

    def vector(self, identity: str) -> NDArray[np.float32]:
        """The vector of the view of that id, shape (width,).

        Raises:
            KeyError: there is no such view.
        """
        found = self._place(identity)
        if found is None:
            raise KeyError(identity)
        vector: NDArray[np.float32] = self.snapshot.vectors(found[0])[found[1]]
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
