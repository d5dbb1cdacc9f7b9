"""Search through compressed vectors: half a byte for two coordinates, scanned whole, rescored exactly.

Every view is looked at in its compressed form (see ``codes``); the items of the best ones are candidates, and
all their views are then scored exactly. How many views are taken is measured when the index is built, by
asking it for what exact search finds; where that is not reached at any number, or a question is not for it,
search is exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lookalike.retrieval.index.base import Index, Mask
from lookalike.retrieval.index.carried import Carried
from lookalike.retrieval.index.codes import DEFAULT, built, even
from lookalike.retrieval.index.exact import ExactIndex
from lookalike.retrieval.index.rescoring import Places, Scoring, Vectors
from lookalike.retrieval.snapshot import Snapshot

FEWEST_VIEWS = 100_000
"""Below, exact search takes a few milliseconds, and nothing has to be built."""

SELECTIVE = 0.05
"""Filters that leave no more than this share of the views are searched exactly."""

ASKED, MEASURED_AT = 256, 10
REACHES = (64, 128, 256, 512, 1024, 2048, 4096)
ENOUGH = 0.995


@dataclass(frozen=True, slots=True)
class Measured:
    """What an index found of what exact search finds, on views of the catalogue asked for other items.

    Args:
        recall: share of the exact ten best items that were found.
        reach: how many views are taken as candidates for ten items.
        queries: how many were asked.
        kind: how the vectors are compressed (see ``codes``).
    """

    recall: float
    reach: int
    queries: int
    kind: str = DEFAULT


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
        reach = int(np.ceil(self.measured.reach * max(1.0, k / MEASURED_AT) / share))
        asked = [scoring.asked(question) for question in questions]
        found = self._nearest_items(np.concatenate(asked), reach)
        ends = np.cumsum([len(photos) for photos in asked])
        return [
            self._enough_items(photos, found[end - len(photos) : end], k, reach=reach, allowed=allowed)
            for photos, end in zip(asked, ends, strict=True)
        ]

    def _enough_items(
        self, photos: Vectors, found: Sequence[Places], k: int, *, reach: int, allowed: Mask | None
    ) -> Places:
        """The items that some photo found; more views are taken until there are k that may be found."""
        fresh = self._carried.nearest_fresh(photos, k, allowed)
        while True:
            places = np.unique(np.concatenate([*found, fresh]))
            if allowed is not None:
                places = places[allowed[places]]
            if len(places) >= k or reach >= self._carried.rows:
                return places.astype(np.int64)
            reach = min(4 * reach, self._carried.rows)
            found = self._nearest_items(photos, reach)

    def _nearest_items(self, photos: Vectors, reach: int) -> list[Places]:
        """For each photo the items of its ``reach`` nearest compressed views."""
        _, rows = self.codes.search(even(photos), min(reach, self._carried.rows))
        return [np.unique(self._carried.items_of(row[row >= 0])) for row in rows]

    @property
    def _views(self) -> int:
        return int(self.snapshot.starts[-1])

    def _measure(self, rng: np.random.Generator, enough: float, kind: str) -> Measured:
        """The least reach that finds enough, asked by views whose own items do not count."""
        if self.codes is None or len(self) <= MEASURED_AT:
            return Measured(0.0, 0, 0, kind)
        rows = rng.permutation(self._views)[:ASKED]
        asked, own = np.asarray(self.snapshot.matrix[rows]), self._carried.items_of(rows)
        hits = self._exact.nearest([row[None] for row in asked], MEASURED_AT + 1)
        wanted = [
            [hit.place for hit in best if hit.place != item][:MEASURED_AT]
            for best, item in zip(hits, own, strict=True)
        ]
        recall = 0.0
        for reach in REACHES:
            found = self._nearest_items(asked, reach)
            recall = float(np.mean([np.isin(w, f).mean() for w, f in zip(wanted, found, strict=True)]))
            if recall >= enough:
                break
        return Measured(recall, reach, len(rows), kind)
