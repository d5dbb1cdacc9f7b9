"""Search through compressed vectors: half a byte for two coordinates, scanned whole, rescored exactly.

Product quantisation in FAISS's fast-scan layout (Jégou et al. 2011; André et al. 2017). Every view is
looked at in its compressed form; the items of the best ones are candidates, and all their views are then
scored exactly. How many views are taken is measured when the index is built, by asking it for what exact
search finds; where that is not reached at any number, or a question is not for it, search is exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookalike.errors import MissingExtra
from lookalike.retrieval.index.base import Index, Mask
from lookalike.retrieval.index.exact import ExactIndex
from lookalike.retrieval.index.rescoring import Places, Scoring, Vectors
from lookalike.retrieval.snapshot import Snapshot

FEWEST_VIEWS = 200_000
"""Below, exact search takes a few milliseconds, and nothing has to be built."""

FEWEST_TRAINED = 1024
"""Fewer views teach no codes worth the name; an index of them is exact."""

SELECTIVE = 0.05
"""Filters that leave no more than this share of the views are searched exactly."""

TRAINED_ON, ASKED, MEASURED_AT = 65_536, 256, 10
REACHES = (64, 128, 256, 512, 1024, 2048, 4096)
ENOUGH = 0.995
_ADDED_AT_ONCE = 1 << 16
_PAIR = 2


@dataclass(frozen=True, slots=True)
class Measured:
    """What an index found of what exact search finds, on views of the catalogue asked for other items.

    Args:
        recall: share of the exact ten best items that were found.
        reach: how many views are taken as candidates for ten items.
        queries: how many were asked.
    """

    recall: float
    reach: int
    queries: int


class CompressedIndex(Index):
    """Candidates from compressed vectors; ``measured`` says how good they are.

    Adding or removing items asks for a new index: it is built from the snapshot at about 150,000
    views a second.

    Args:
        snapshot: what is searched.
        seed: chooses the views that the codes are trained on, and those that are asked.
        enough: the recall to reach; where it is not, all searches are exact.
        kept: ``codes`` and ``measured`` of an index of the same snapshot, which then is not built again.

    Raises:
        MissingExtra: FAISS is not installed.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        *,
        seed: int = 0,
        enough: float = ENOUGH,
        kept: tuple[Any, Measured] | None = None,
    ) -> None:
        super().__init__(snapshot)
        self._exact = ExactIndex(snapshot)
        self._item_of = np.repeat(np.arange(len(snapshot)), np.diff(snapshot.starts))
        rng = np.random.default_rng(seed)
        self.codes = kept[0] if kept else _built(snapshot.matrix, rng)
        self.measured = kept[1] if kept else self._measure(rng, enough)
        self._useful = self.measured.recall >= enough

    def _candidates(
        self, questions: Sequence[Vectors], k: int, *, scoring: Scoring, allowed: Mask | None
    ) -> list[Places]:
        share = 1.0 if allowed is None else float(allowed[self._item_of].mean())
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
        while True:
            places = np.unique(np.concatenate(found))
            if allowed is not None:
                places = places[allowed[places]]
            if len(places) >= k or reach >= len(self._item_of):
                return places.astype(np.int64)
            reach = min(4 * reach, len(self._item_of))
            found = self._nearest_items(photos, reach)

    def _nearest_items(self, photos: Vectors, reach: int) -> list[Places]:
        """For each photo the items of its ``reach`` nearest compressed views."""
        _, rows = self.codes.search(_padded(photos), min(reach, len(self._item_of)))
        return [np.unique(self._item_of[row[row >= 0]]) for row in rows]

    def _measure(self, rng: np.random.Generator, enough: float) -> Measured:
        """The least reach that finds enough, asked by views whose own items do not count."""
        if self.codes is None or len(self) <= MEASURED_AT:
            return Measured(0.0, 0, 0)
        rows = rng.permutation(len(self._item_of))[:ASKED]
        asked, own = np.asarray(self.snapshot.matrix[rows]), self._item_of[rows]
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
        return Measured(recall, reach, len(rows))


def _built(matrix: NDArray[np.float32], rng: np.random.Generator) -> Any:
    """The compressed vectors, in the order of the matrix; None where they are too few to learn codes from."""
    if len(matrix) < FEWEST_TRAINED:
        return None
    try:
        import faiss
    except ImportError as error:
        raise MissingExtra("Searching compressed vectors", extra="scale") from error
    width = _padded(matrix[:1]).shape[1]
    codes = faiss.IndexPQFastScan(width, width // _PAIR, 4, faiss.METRIC_INNER_PRODUCT)
    codes.train(_padded(matrix[np.sort(rng.permutation(len(matrix))[:TRAINED_ON])]))
    for start in range(0, len(matrix), _ADDED_AT_ONCE):
        codes.add(_padded(matrix[start : start + _ADDED_AT_ONCE]))
    return codes


def _padded(vectors: Vectors) -> Vectors:
    """The vectors with an even number of coordinates."""
    odd = vectors.shape[1] % _PAIR
    return np.ascontiguousarray(np.pad(vectors, ((0, 0), (0, odd))) if odd else vectors, np.float32)
