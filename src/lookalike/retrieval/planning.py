"""What an indexing run has to do: which files are unchanged, and which must be read."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path

from lookalike.catalogue.items import Attributes, Item, View
from lookalike.catalogue.values import scalar
from lookalike.embedding.pipeline import Embedded
from lookalike.errors import PhotoError
from lookalike.retrieval.failures import FailedPhoto
from lookalike.retrieval.keeping import keep_photo
from lookalike.retrieval.reading import Lookup
from lookalike.retrieval.records import StoredItem, StoredView, clean
from lookalike.retrieval.store import Store


class Draft:
    """An item on its way into the store: complete when every view is known or has failed.

    Args:
        item: as the catalogue has it.
        source: the catalogue's name.
        stored: as the store has it; None for a new item.
    """

    def __init__(self, item: Item, source: str, stored: StoredItem | None) -> None:
        self.item = item
        self.stored = stored
        self.failures: list[tuple[View, PhotoError]] = []
        self.unchanged = 0  # views whose files need not be read
        self._source = source
        self._views: dict[int, StoredView] = {}

    @property
    def complete(self) -> bool:
        """Whether nothing is waited for any more."""
        return len(self._views) + len(self.failures) == len(self.item.views)

    def unread_views(self) -> list[int]:
        """The places of the views whose files are new or changed; the others are known from now on."""
        files = {view.path: view for view in self.stored.views} if self.stored else {}
        unread = []
        for place, view in enumerate(self.item.views):
            old = files.get(view.path.absolute()) if view.path else None
            if old is None or old.crop != view.crop or _status(old.path) != (old.size_bytes, old.modified_ns):
                unread.append(place)
            else:
                self._views[place] = _stored(view, old.id, old.path, (old.size_bytes, old.modified_ns))
        self.unchanged = len(self._views)
        return unread

    def read(self, place: int, outcome: Embedded, folder: Path) -> tuple[str, str]:
        """The view was read, and embedded where needed; the key that its vector is filed under."""
        view = self.item.views[place]
        if isinstance(view.source, bytes):
            path = keep_photo(folder, outcome.id, view.source)
        else:
            path = view.source.absolute()
        status = (outcome.size_bytes, outcome.modified_ns)
        self._views[place] = _stored(view, outcome.id, path, status)
        return self._views[place].key

    def failed(self, place: int, error: PhotoError) -> None:
        """The view cannot be used."""
        self.failures.append((self.item.views[place], error))

    def failed_photos(self) -> list[FailedPhoto]:
        """The views that cannot be used, as the store remembers them."""
        return [
            FailedPhoto(
                self.item.id,
                str(view.path.absolute()) if view.path else view.name,
                error.reason,
                error.message,
                self._source,
            )
            for view, error in self.failures
        ]

    def result(self) -> StoredItem | None:
        """The item as it is to be stored; None where none of its photos could be used."""
        if not self._views:
            return None
        views = tuple(self._views[place] for place in sorted(self._views))
        return StoredItem(clean(self.item.id), views, _kept(self.item.attributes), self._source)


class Plan:
    """Drafts of all items, made one after the other as the model asks for more photos."""

    def __init__(self, items: Iterable[Item], source: str, *, store: Store, lookup: Lookup) -> None:
        self._items = items
        self._source = source
        self._folder = store.folder
        self._lookup = lookup
        self._drafts: deque[Draft] = deque()
        self._asked: deque[tuple[Draft, int]] = deque()

    def unread_views(self) -> Iterator[View]:
        """The views that must be read, in catalogue order."""
        for item in self._items:
            draft = Draft(item, self._source, self._lookup.item(clean(item.id)))
            unread = draft.unread_views()
            self._asked.extend((draft, place) for place in unread)
            self._drafts.append(draft)
            yield from (item.views[place] for place in unread)

    def read(self, outcome: Embedded) -> tuple[str, str]:
        """Note the next outcome, in the order of ``unread_views``; the key of its vector."""
        draft, place = self._asked.popleft()
        return draft.read(place, outcome, self._folder)

    def failed(self, error: PhotoError) -> None:
        """Note that the next view, in the order of ``unread_views``, cannot be used."""
        draft, place = self._asked.popleft()
        draft.failed(place, error)

    def finished(self) -> Iterator[Draft]:
        """Drafts that are complete, in catalogue order; each comes once."""
        while self._drafts and self._drafts[0].complete:
            yield self._drafts.popleft()


def _stored(view: View, identity: str, path: Path, status: tuple[int, int]) -> StoredView:
    return StoredView(
        id=identity,
        path=path,
        size_bytes=status[0],
        modified_ns=status[1],
        role=None if view.role is None else clean(view.role),
        azimuth_deg=_finite(view.azimuth_deg),
        elevation_deg=_finite(view.elevation_deg),
        crop=view.crop,
        attributes=_kept(view.attributes),
    )


def _status(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None  # reading it will say what is wrong
    return status.st_size, status.st_mtime_ns


def _finite(angle: float | None) -> float | None:
    return angle if angle is not None and math.isfinite(angle) else None


def _kept(attributes: Attributes) -> Attributes:
    """Attributes as JSON and UTF-8 can hold them: whatever came in, an answer that tells them can be sent."""
    values = {name: value if isinstance(value, str) else scalar(value) for name, value in attributes.items()}
    return {
        clean(str(name)): clean(value) if isinstance(value, str) else value
        for name, value in values.items()
        if value is not None
    }
