"""One, two and three photos of one thing, under each pooling."""

from __future__ import annotations

import numpy as np
from benchmarks.asking_questions.measured import Answers

from lookalike.retrieval.pooling import best, centroid, pool_photos
from lookalike.retrieval.snapshot import Snapshot

POOLINGS = ("best", "mean", "top2", "centroid")
DRAWS = 5


def several_photos(snapshot: Snapshot, *, photos: int, known_views: int | None) -> Answers:
    """Is the right item first? Photos that are asked are taken out of the catalogue.

    Items with ``photos + 1`` views at least take part; all contenders ask the same photos or the first
    of them.

    Args:
        snapshot: the catalogue.
        photos: how many at most.
        known_views: how many views each item keeps in the catalogue; all that are not asked if None.
    """
    answers, rng = Answers(), np.random.default_rng(0)
    counts = np.diff(snapshot.starts)
    for item in np.flatnonzero(counts > photos):
        for _ in range(DRAWS):
            order = snapshot.starts[item] + rng.permutation(counts[item])
            asked = snapshot.matrix[order[:photos]]
            scores = (snapshot.matrix @ asked.T).astype(np.float64)
            hidden = _hidden(snapshot, order[:photos], rng, known_views)
            answers_one(answers, scores, asked, hidden, snapshot, int(item))
    return answers


def _hidden(snapshot: Snapshot, asked: np.ndarray, rng: np.random.Generator, known: int | None) -> np.ndarray:
    """Rows that are not in the catalogue of this query, bool, shape (views,)."""
    hidden = np.zeros(len(snapshot.matrix), bool)
    if known is not None:
        hidden[:] = True
        for item in range(len(snapshot)):
            rows = np.arange(snapshot.starts[item], snapshot.starts[item + 1])
            hidden[rng.permutation(np.setdiff1d(rows, asked))[:known]] = False
    hidden[asked] = True
    return hidden


def answers_one(
    answers: Answers,
    scores: np.ndarray,
    asked: np.ndarray,
    hidden: np.ndarray,
    snapshot: Snapshot,
    item: int,
) -> None:
    """Add the answers of one draw, by number of photos and pooling."""
    starts = snapshot.starts[:-1]
    seen = np.where(hidden[:, None], -2.0, scores)
    for count in range(1, len(asked) + 1):
        for name in POOLINGS if count > 1 else ("best",):
            if name == "centroid":
                single = (snapshot.matrix @ centroid(asked[:count]).T).astype(np.float64)
                totals = best(np.where(hidden[:, None], -2.0, single), starts)[:, 0]
            else:
                totals = pool_photos(best(seen[:, :count], starts), name)
            contender = "1 photo" if count == 1 else f"{count} photos, {name}"
            answers.add(contender, float(totals.argmax() == item), item)
