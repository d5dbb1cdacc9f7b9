"""Baskets kept beside their store, so that commands, the server and the page say what goes with an item."""

from __future__ import annotations

import json
import threading
from pathlib import Path

from lookalike.atomic import write_atomically
from lookalike.errors import StoreError
from lookalike.retrieval.database import told_as_store_errors
from lookalike.retrieval.snapshot import Snapshot
from lookalike.retrieval.together.baskets import Baskets
from lookalike.retrieval.together.pairing import Pairing

FILE = "baskets.json"


class Pairings:
    """What goes with what in one store, read when first asked for and again when it has changed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._turn = threading.Lock()
        self._known: tuple[tuple[int, int], Pairing] | None = None

    def of(self, snapshot: Snapshot) -> Pairing:
        """The pairing of a version of the store.

        Raises:
            StoreError: the store has no baskets, or the file is damaged.
        """
        path = self._folder / FILE
        key = (snapshot.version, path.stat().st_mtime_ns if path.is_file() else 0)
        with self._turn:
            if self._known is None or self._known[0] != key:
                self._known = (key, Pairing(snapshot, kept_baskets(self._folder, snapshot)))
            return self._known[1]


def keep_baskets(folder: Path, baskets: Baskets) -> None:
    """Write them into a store's folder, the whole file or none of it; earlier ones are replaced.

    Raises:
        StoreError: the disk refuses.
    """
    target = folder / FILE
    with told_as_store_errors(target):
        write_atomically(target, json.dumps(baskets.baskets))


def kept_baskets(folder: Path, snapshot: Snapshot) -> Baskets:
    """The baskets of a store; items that are gone since are left out.

    Raises:
        StoreError: there are none, or the file is damaged.
    """
    path = folder / FILE
    if not path.is_file():
        raise StoreError(
            "The store does not know what goes together.",
            hint="Say it once: lookalike goes-with --store STORE --baskets FILE.csv, or --column room.",
        )
    try:
        told = [tuple(str(item) for item in basket) for basket in json.loads(path.read_text())]
    except (OSError, ValueError, TypeError) as error:
        raise StoreError(f"{path} is damaged ({error}).", hint="Give the baskets again.") from error
    known = tuple(tuple(item for item in basket if item in snapshot.places) for basket in told)
    return Baskets(tuple(basket for basket in known if len(basket) > 1))
