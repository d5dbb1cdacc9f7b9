"""Calibrations kept beside their store: made once, used until the catalogue has become another one."""

from __future__ import annotations

import contextlib
import json
import threading
from dataclasses import asdict, dataclass, field
from pathlib import Path

from lookalike.atomic import write_atomically
from lookalike.embedding.card import Card
from lookalike.errors import QueryError
from lookalike.retrieval.confidence.calibration import ABSENT_SHARE, Calibration, calibrate
from lookalike.retrieval.confidence.trials import Manner
from lookalike.retrieval.snapshot import Snapshot
from lookalike.retrieval.store import Store

FILE = "confidence.json"
FORMAT = 2
STEPS = 20
"""The colour weight is rounded to such a part, so that a slider costs few calibrations."""
MOST_PHOTOS = 4
"""Queries of more photos are judged as if they had so many."""
DRIFT = 0.05
"""A catalogue that grew or shrank by more than this share is asked again: one item moves little."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """Of which catalogue and model a calibration is."""

    store: str
    fingerprint: str
    version: int
    items: int
    views: int

    @classmethod
    def of(cls, snapshot: Snapshot) -> Stamp:
        """The stamp of a version of a store."""
        counts = len(snapshot), len(snapshot.matrix)
        return cls(snapshot.store_id, snapshot.fingerprint, snapshot.version, *counts)

    def serves(self, now: Stamp) -> bool:
        """Whether what was learned then holds now."""
        if (self.store, self.fingerprint) != (now.store, now.fingerprint):
            return False
        drift = max(abs(self.items - now.items) / now.items, abs(self.views - now.views) / now.views)
        return drift <= DRIFT


@dataclass
class _Kept:
    """What is known of a store, by colour weight and number of photos."""

    absent_share: float = ABSENT_SHARE
    known: dict[str, tuple[Stamp, Calibration]] = field(default_factory=dict)


class Calibrations:
    """The calibrations of one store: in memory, in its folder, or made when first asked for.

    A file that is missing, damaged, of another model, or of a catalogue of another size is no error:
    the catalogue is asked again. Where the folder may not be written, nothing is kept. For many threads.

    Args:
        store: beside which they are kept.
        card: of its model.
    """

    def __init__(self, store: Store, card: Card) -> None:
        self._store, self._card = store, card
        self._turn = threading.Lock()
        self._kept: _Kept | None = None

    def of(self, snapshot: Snapshot, manner: Manner | None = None) -> Calibration | None:
        """The meaning of scores of such queries; None where too few items have views enough."""
        manner = rounded(manner or Manner())
        key, now = _key(manner), Stamp.of(snapshot)
        with self._turn:
            kept = self._kept = self._kept or _read(self._path)
            if key in kept.known and kept.known[key][0].serves(now):
                return kept.known[key][1]
            made = calibrate(snapshot, self._card, manner, absent_share=kept.absent_share)
            if made is not None:
                kept.known[key] = (now, made)
                self._write(kept)
            return made

    def renew(self, snapshot: Snapshot, *, absent_share: float = ABSENT_SHARE) -> Calibration | None:
        """Forget what was known, and ask the catalogue again.

        Args:
            snapshot: the catalogue.
            absent_share: how many queries show things that are not in the catalogue, from now on.

        Raises:
            QueryError: the share is none.
        """
        if not 0 < absent_share < 1:
            raise QueryError(
                f"The share of absent things is {absent_share}.", hint="Give a number between 0 and 1."
            )
        with self._turn:
            self._kept = _Kept(absent_share)
        return self.of(snapshot)

    @property
    def _path(self) -> Path:
        return self._store.home / FILE

    def _write(self, kept: _Kept) -> None:
        """The whole file or the old one; where it cannot be written, nothing is lost but the time."""
        if self._store.read_only:
            return
        known = {key: {"of": asdict(stamp)} | made.to_dict() for key, (stamp, made) in kept.known.items()}
        told = {"format": FORMAT, "absent_share": kept.absent_share, "known": known}
        with contextlib.suppress(OSError):
            write_atomically(self._path, json.dumps(told, indent=1))


def kept_calibration(store: Store) -> Calibration | None:
    """The meaning of scores of searches by one photo as it is kept beside a store, unless it is out of date.

    Nothing is made, and no vector read.
    """
    found = _read(store.home / FILE).known.get(_key(rounded(Manner())))
    if found is None:
        return None
    counts = store.counts()
    now = Stamp(store.id, store.fingerprint, store.version, counts.items, counts.views)
    return found[1] if counts.items and found[0].serves(now) else None


def _key(manner: Manner) -> str:
    return f"{manner.colour}/{manner.photos}/{manner.pooling}"


def rounded(manner: Manner) -> Manner:
    """The manner whose calibration serves: near colour weights share one, and so do many photos."""
    colour = None if manner.colour is None else round(manner.colour * STEPS) / STEPS
    photos = min(manner.photos, MOST_PHOTOS)
    return Manner(colour, photos, "best" if photos == 1 else manner.pooling)


def _read(path: Path) -> _Kept:
    try:
        told = json.loads(path.read_text())
        if told["format"] != FORMAT:
            return _Kept()
        known = {}
        for key, one in told["known"].items():
            known[key] = (Stamp(**one["of"]), Calibration.from_dict(one))
        return _Kept(float(told["absent_share"]), known)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return _Kept()
