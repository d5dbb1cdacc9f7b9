"""What scores mean, kept at hand: after a change the last known meaning serves until the new one is made."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from lookalike.retrieval.confidence.calibration import Calibration
from lookalike.retrieval.confidence.judging import Meaning
from lookalike.retrieval.confidence.kept import rounded
from lookalike.retrieval.confidence.trials import Manner
from lookalike.retrieval.snapshot import Snapshot

Key = tuple[str, Manner]


@dataclass(frozen=True, slots=True)
class _Known:
    version: int
    meaning: Calibration | None


class Meanings:
    """Calibrations of the catalogue that is served, by how is asked; for many threads.

    One item more or less moves a calibration little, while making one asks hundreds of items. So no search
    waits for it twice: after a change it answers with what it knows, and a new one is made beside it.
    """

    def __init__(self) -> None:
        self._known: dict[Key, _Known] = {}
        self._turn = threading.Lock()
        self._asked: set[Key] = set()
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="lookalike-meaning")

    def of(self, snapshot: Snapshot, manner: Manner, make: Meaning) -> Calibration | None:
        """The meaning of scores of such searches; None where they have none.

        Args:
            snapshot: the version that is searched.
            manner: how is asked.
            make: gives a calibration, and may take its time.
        """
        key = (snapshot.store_id, rounded(manner))
        known = self._known.get(key)
        if known is None:
            with self._turn:
                known = self._known.get(key) or self._make(key, snapshot, make)
        elif known.version != snapshot.version:
            self._renew(key, snapshot, make)
        return known.meaning

    def close(self) -> None:
        """Make no more."""
        self._beside.shutdown(cancel_futures=True)

    def _renew(self, key: Key, snapshot: Snapshot, make: Meaning) -> None:
        with self._turn:
            if key in self._asked:
                return
            self._asked.add(key)
        try:
            self._beside.submit(self._made_again, key, snapshot, make)
        except RuntimeError:  # the server is ending
            return

    def _made_again(self, key: Key, snapshot: Snapshot, make: Meaning) -> None:
        self._asked.discard(key)  # whoever comes with a newer version from now on asks again
        self._make(key, snapshot, make)

    def _make(self, key: Key, snapshot: Snapshot, make: Meaning) -> _Known:
        known = _Known(snapshot.version, make(snapshot, key[1]))
        self._known[key] = known
        return known
