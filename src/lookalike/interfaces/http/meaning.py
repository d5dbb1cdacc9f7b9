"""What scores mean, kept at hand: after a change the last known meaning serves until the new one is made."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from lookalike.embedding.card import Card
from lookalike.retrieval.calibration import Calibration, calibrate
from lookalike.retrieval.snapshot import Snapshot

STEPS = 20
"""The colour weight is rounded to such a part, so that a slider costs few calibrations."""

Key = tuple[str, float | None]


@dataclass(frozen=True, slots=True)
class _Known:
    version: int
    meaning: Calibration | None


class Meanings:
    """Calibrations of the catalogue that is served, by colour weight; for many threads.

    One item more or less moves the thresholds little, while making them asks hundreds of items. So no search
    waits for it twice: after a change it answers with the thresholds that it knows, and new ones are made
    beside it.

    Args:
        card: of the model.
    """

    def __init__(self, card: Card) -> None:
        self._card = card
        self._known: dict[Key, _Known] = {}
        self._turn = threading.Lock()
        self._asked: set[Key] = set()
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="lookalike-meaning")

    def of(self, snapshot: Snapshot, *, colour: float | None = None) -> Calibration | None:
        """The meaning of scores of searches with a colour weight; None where they have none."""
        key = (snapshot.store_id, None if colour is None else round(colour * STEPS) / STEPS)
        known = self._known.get(key)
        if known is None:
            with self._turn:
                known = self._known.get(key) or self._make(key, snapshot)
        elif known.version != snapshot.version:
            self._renew(key, snapshot)
        return known.meaning

    def close(self) -> None:
        """Make no more."""
        self._beside.shutdown(cancel_futures=True)

    def _renew(self, key: Key, snapshot: Snapshot) -> None:
        with self._turn:
            if key in self._asked:
                return
            self._asked.add(key)
        try:
            self._beside.submit(self._made_again, key, snapshot)
        except RuntimeError:  # the server is ending
            return

    def _made_again(self, key: Key, snapshot: Snapshot) -> None:
        self._asked.discard(key)  # whoever comes with a newer version from now on asks again
        self._make(key, snapshot)

    def _make(self, key: Key, snapshot: Snapshot) -> _Known:
        known = _Known(snapshot.version, calibrate(snapshot, self._card, colour=key[1]))
        self._known[key] = known
        return known
