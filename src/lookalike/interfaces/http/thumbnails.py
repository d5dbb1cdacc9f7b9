"""Small pictures of views, drawn when first asked for and kept in memory."""

from __future__ import annotations

import io
import threading
from collections import OrderedDict

from lookalike.catalogue.photos import open_image
from lookalike.retrieval.records import StoredView

MOST_CACHED_BYTES = 96_000_000


class Thumbnails:
    """The thumbnails asked for last, in memory; a view's never change, as its id is of its content."""

    def __init__(self, most_bytes: int = MOST_CACHED_BYTES) -> None:
        self._most, self._held = most_bytes, 0
        self._known: OrderedDict[tuple[str, int], bytes] = OrderedDict()
        self._turn = threading.Lock()
        self._desks = threading.Semaphore(2)  # searches come first: pictures take two cores at most

    def of(self, identity: str, view: StoredView, size_px: int) -> bytes:
        """A JPEG of a view, its long side at most ``size_px``.

        Raises:
            PhotoError: the photo is gone or damaged.
        """
        key = (identity, size_px)
        with self._turn:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        with self._desks:
            picture = _drawn(view, size_px)
        with self._turn:
            if key not in self._known:
                self._known[key] = picture
                self._held += len(picture)
            while self._held > self._most:
                self._held -= len(self._known.popitem(last=False)[1])
        return picture


def _drawn(view: StoredView, size_px: int) -> bytes:
    buffer = io.BytesIO()
    image = open_image(view.path, long_side_px=size_px, crop=view.crop)
    image.save(buffer, "JPEG", quality=84, optimize=size_px <= 480)
    return buffer.getvalue()
