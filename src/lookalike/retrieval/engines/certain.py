"""From nearest views to the k best items, certainly: searching goes on until no other item can be one.

An engine that finds views is asked for more of them, those of items that were seen left out, until the k-th
best item scores higher than any view that was not returned can. Grouping inside the engine does not do
that: it returns too few items (milvus issues 36109 and 46616).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.errors import QueryError
from lookalike.retrieval.index.exact import ROUNDING, ExactIndex
from lookalike.retrieval.index.rescoring import Hit, Scoring, Vectors
from lookalike.retrieval.pooling import pool_photos, pooling
from lookalike.retrieval.snapshot import Snapshot

FIRST_VIEWS = 128
"""Views that are asked for first, at least."""

MOST_ITEMS = 50_000
"""Items that are looked at for one question; beyond, it is refused rather than half answered."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Views that an engine found for one photo, nearest first.

    Args:
        items: the key of each one's item.
        last: the score of the last; ``-inf`` where there were no more to find.
    """

    items: tuple[int, ...]
    last: float


Find = Callable[[Vectors, int, frozenset[int]], Sequence[Seen]]
"""The nearest views of each photo: photos, how many, and keys of items whose views are left out."""

Fetch = Callable[[frozenset[int]], Snapshot]
"""All views of some items, by key, with their vectors."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The hits, in places of the snapshot that holds all items that were looked at."""

    hits: list[Hit]
    snapshot: Snapshot
    rounds: int


def certain_best(
    question: Vectors, k: int, scoring: Scoring, *, find: Find, fetch: Fetch, most_views: int
) -> Found:
    """The k best items, scored exactly over all their views; fewer only where there are fewer.

    Args:
        question: vectors of the query's photos, shape (photos, width).
        k: how many items.
        scoring: how views and photos are pooled.
        find, fetch: the engine; where it searches approximately, what it overlooks stays unseen.
        most_views: that the engine can return at once.

    Raises:
        QueryError: after ``MOST_ITEMS`` items it is not certain yet.
    """
    asked = scoring.asked(question)
    rounding = ROUNDING * float(np.linalg.norm(asked, axis=1).max())
    seen: frozenset[int] = frozenset()
    views = min(most_views, max(FIRST_VIEWS, 4 * k))
    rounds = 0
    while True:
        rounds += 1
        found = find(asked, views, seen)
        news = frozenset(item for one in found for item in one.items) - seen
        seen |= news
        over = not news or all(one.last == -np.inf for one in found)
        if over or len(seen) >= k:
            snapshot = fetch(seen)
            (hits,) = ExactIndex(snapshot).nearest([question], k, scoring=scoring)
            if over or (len(hits) == k and hits[-1].score > _unseen(found, scoring) + rounding):
                return Found(hits, snapshot, rounds)
        if len(seen) > MOST_ITEMS:
            raise QueryError(
                f"After {len(seen):,} items the {k} best are not certain yet.",
                hint="Ask for fewer items, pool views by best, or filter.",
            )
        views = min(most_views, 4 * views)


def _unseen(found: Sequence[Seen], scoring: Scoring) -> float:
    """The highest score that an item can have of whose views none was found, for any photo."""
    if pooling(scoring.views).centred:
        return np.inf  # the middle of an item's views may lie closer than each of them
    last: NDArray[np.float64] = np.array([[max(one.last, -1e9) for one in found]])
    return float(pool_photos(last, scoring.photos)[0])
