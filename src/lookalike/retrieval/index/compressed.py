"""Search through compressed vectors: half a byte for two coordinates, rescored exactly.

Every view is looked at in its compressed form, or every view of the lists that are nearest (see ``codes``);
the items of the best ones are candidates, and all their views are then scored exactly. How many views (and
lists) are taken is measured when the index is built, by asking it for what exact search finds; where that is
not reached at any number, or a question is not for it, search is exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from lookalike.retrieval.index.base import Index, Mask
from lookalike.retrieval.index.carried import Carried
from lookalike.retrieval.index.codes import DEFAULT, built, lists_of, nearest_rows
from lookalike.retrieval.index.exact import ExactIndex
from lookalike.retrieval.index.rescoring import Places, Scoring, Vectors
from lookalike.retrieval.index.self_asked import SelfAsked
from lookalike.retrieval.snapshot import Snapshot

FEWEST_VIEWS = 100_000
"""Below, exact search takes a few milliseconds, and nothing has to be built."""

SELECTIVE = 0.05
"""Filters that leave no more than this share of the views are searched exactly."""

SPARE, FAR = 1.5, 1 / 32
"""Under a filter: how many times its share of views are taken at once; beyond which share of all, none."""

ASKED, MEASURED_AT = 256, 10
REACHES = (64, 128, 256, 512, 1024, 2048, 4096)
PROBES = (8, 16, 32, 64, 128, 256)
"""Lists scanned, where the codes are parted; for filters all are."""
ENOUGH = 0.995


@dataclass(frozen=True, slots=True)
class Measured:
    """What an index found of what exact search finds, on views of the catalogue asked for other items.

    Args:
        recall: share of the exact ten best items that were found.
        reach: how many views are taken as candidates for ten items.
        queries: how many were asked.
        kind: how the vectors are compressed (see ``codes``).
        probes: how many lists are scanned for that, where the codes are parted; else 0.
    """

    recall: float
    reach: int
    queries: int
    kind: str = DEFAULT
    probes: int = 0


class CompressedIndex(Index):
    """Candidates from compressed vectors; ``measured`` says how good they are.

    After a change the codes go on (see ``after``): what is gone is passed over, what is new is scored as it
    is, until so much has changed that the snapshot is laid out anew.

    Args:
        snapshot: what is searched.
        seed: chooses the views that the codes are trained on, and those that are asked.
        enough: the recall to reach; where it is not, all searches are exact.
        kind: how the vectors are compressed (see ``codes``).
        kept: ``codes`` and ``measured`` of an index of the same snapshot, which then is not built again.
        carried: how the kept codes belong to a later snapshot than theirs.

    Raises:
        MissingExtra: FAISS is not installed.
        SettingsError: there is no such kind.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        *,
        seed: int = 0,
        enough: float = ENOUGH,
        kind: str = DEFAULT,
        kept: tuple[Any, Measured] | None = None,
        carried: Carried | None = None,
    ) -> None:
        super().__init__(snapshot)
        self._exact = ExactIndex(snapshot)
        self._carried = carried or Carried.unchanged(snapshot)
        rng = np.random.default_rng(seed)
        self.codes = kept[0] if kept else built(snapshot.matrix, kind, rng)
        self.measured = kept[1] if kept else self._measure(rng, enough, kind)
        self._enough = enough
        self._useful = self.measured.recall >= enough

    def after(self, snapshot: Snapshot) -> Index:
        """The index over a later version: with the same codes where its rows lie over theirs, else built."""
        carried = None if self.codes is None else Carried.after(snapshot, self._carried.base)
        if carried is None:
            return CompressedIndex(snapshot, enough=self._enough, kind=self.measured.kind)
        kept = self.codes, self.measured
        return CompressedIndex(snapshot, enough=self._enough, kept=kept, carried=carried)

    def _candidates(
        self, questions: Sequence[Vectors], k: int, *, scoring: Scoring, allowed: Mask | None
    ) -> list[Places]:
        share = 1.0 if allowed is None else float(np.diff(self.snapshot.starts)[allowed].sum()) / self._views
        if not self._useful or scoring.views != "best" or share <= SELECTIVE:
            return self._exact._candidates(questions, k, scoring=scoring, allowed=allowed)
        needed = self._needed(k)
        reach = needed if allowed is None else int(np.ceil(SPARE * needed / share))
        asked = [scoring.asked(question) for question in questions]
        found = self._nearest_views(np.concatenate(asked), reach, self._probes(reach, allowed))
        ends = np.cumsum([len(photos) for photos in asked])
        places = [
            self._enough_items(photos, found[end - len(photos) : end], k, reach=reach, allowed=allowed)
            for photos, end in zip(asked, ends, strict=True)
        ]
        return [
            self._exact._candidates([question], k, scoring=scoring, allowed=allowed)[0]
            if few is None
            else few
            for question, few in zip(questions, places, strict=True)
        ]

    def _needed(self, k: int) -> int:
        """How many views are to be taken for k items, as measured."""
        return int(np.ceil(self.measured.reach * max(1.0, k / MEASURED_AT)))

    def _enough_items(
        self, photos: Vectors, found: Sequence[Places], k: int, *, reach: int, allowed: Mask | None
    ) -> Places | None:
        """The items that some photo found; more views are taken until there are enough that may be found.

        Enough for k items, and for each photo as many views as were measured to be needed: a filter may leave
        only what is far from a photo. None where so many would have to be taken that exact search is quicker.
        """
        fresh = self._carried.nearest_fresh(photos, k, allowed)
        needed = 0 if allowed is None else self._needed(k)
        while True:
            kept = found if allowed is None else [items[allowed[items]] for items in found]
            places = np.unique(np.concatenate([*kept, fresh]))
            enough = len(places) >= k and min(map(len, kept)) >= needed
            if enough or reach >= self._carried.rows:
                return places.astype(np.int64)
            reach = min(4 * reach, self._carried.rows)
            if needed and reach > FAR * self._carried.rows:
                return None
            found = self._nearest_views(photos, reach, self._probes(reach, allowed))

    def _probes(self, reach: int, allowed: Mask | None) -> int:
        """As many more lists as views; under a filter all, for what it leaves may lie in far ones."""
        if allowed is not None:
            return lists_of(self.codes)
        return int(np.ceil(self.measured.probes * reach / self.measured.reach))

    def _nearest_views(self, photos: Vectors, reach: int, probes: int) -> list[Places]:
        """For each photo the items of its ``reach`` nearest compressed views, one a view."""
        rows = nearest_rows(self.codes, photos, min(reach, self._carried.rows), probes=probes)
        return [self._carried.items_of(row[row >= 0]) for row in rows]

    @property
    def _views(self) -> int:
        return int(self.snapshot.starts[-1])

    def _measure(self, rng: np.random.Generator, enough: float, kind: str) -> Measured:
        """The least reach that finds enough, asked by views whose own items do not count."""
        if self.codes is None or len(self) <= MEASURED_AT:
            return Measured(0.0, 0, 0, kind)
        own = SelfAsked.of(self._exact, rng, count=ASKED, k=MEASURED_AT)
        recall = 0.0
        for probes, reach in product(PROBES if lists_of(self.codes) else (0,), REACHES):
            found = self._nearest_views(own.vectors, reach, probes)
            recall = float(np.mean([np.isin(w, f).mean() for w, f in zip(own.wanted, found, strict=True)]))
            if recall >= enough:
                break
        return Measured(recall, reach, len(own.wanted), kind, probes)
