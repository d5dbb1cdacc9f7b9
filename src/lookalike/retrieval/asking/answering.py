"""Answering questions that are more than photos: candidates scored by form, colour, words, dislikes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.retrieval.asking.negatives import penalty
from lookalike.retrieval.asking.question import Question
from lookalike.retrieval.index.base import Index, Mask
from lookalike.retrieval.index.exact import ExactIndex
from lookalike.retrieval.index.rescoring import Hit, Scoring, mean_lengths
from lookalike.retrieval.pooling import pool_photos, pooling
from lookalike.retrieval.snapshot import Snapshot

Scores = NDArray[np.float64]
Places = NDArray[np.int64]

SHORTLIST = 2_000
"""Items that a compressed index hands over for each part of the question."""
USUAL, RIGHT = 0.5, 0.95
"""Quantiles of a colour's cosines over the catalogue: of any view, and of views that have the colour."""
BEGIN, STEEP = 0.35, 0.1
"""Where between the two a colour is as likely right as not, and how steep the change is, as shares of the
way. Chosen by docs/studies/asking.md."""
SAMPLE = 20_000
"""Views that a palette's usual cosines are read off, about."""


@dataclass(frozen=True, slots=True, eq=False)
class Answered:
    """A hit, and what the palette, the words and the dislikes add to its score; 0 where none were asked."""

    hit: Hit
    colour: float = 0.0
    words: float = 0.0
    unlike: float = 0.0


def answer(
    index: Index, question: Question, k: int, *, scoring: Scoring, allowed: Mask | None
) -> list[Answered]:
    """The k best items for a question, best first, equal ones in the snapshot's order.

    Args:
        index: over the catalogue; an exact one has every item scored, a compressed one a shortlist.
        question: photos, dislikes, colour and words.
        k: how many items.
        scoring: how views and photos are pooled.
        allowed: bool, shape (items,): which items may be found; all if None.
    """
    if question.plain:
        (hits,) = index.nearest([question.photos], k, scoring=scoring, allowed=allowed)
        return [Answered(hit) for hit in hits]
    places = _candidates(index, question, scoring=scoring, allowed=allowed)
    if not len(places):
        return []
    views = _Views.of(index.snapshot, places)
    colour = _fitting_colour(views, question, index.snapshot)
    looks = _pooled(
        views, question.photos, scoring, palette=question.colour_share * colour, share=question.colour_share
    )
    words = np.zeros(len(places))
    if question.words is not None:
        words = question.words_share * question.words[places].astype(np.float64)
    unlike = np.zeros(len(places))
    if len(question.unlike):
        unlike = -penalty(looks, _pooled(views, question.unlike, Scoring(scoring.views)))
    scores = (1 - question.words_share) * (looks + unlike) + words
    best = np.lexsort((places, -scores))[:k]
    return [
        Answered(
            *views.met(place, question, colour, float(scores[place])),
            float(words[place]),
            float(unlike[place]),
        )
        for place in best.tolist()
    ]


@dataclass(frozen=True, slots=True, eq=False)
class _Views:
    """The views of candidates, one item after the other: vectors, and the first row of each item."""

    places: Places
    rows: NDArray[np.float32]
    firsts: Places
    counts: Places

    @classmethod
    def of(cls, snapshot: Snapshot, places: Places) -> _Views:
        counts = snapshot.starts[places + 1] - snapshot.starts[places]
        firsts = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64)
        if len(places) == len(snapshot):
            return cls(places, snapshot.matrix, firsts, counts)
        rows = np.arange(counts.sum()) + np.repeat(snapshot.starts[places] - firsts, counts)
        return cls(places, snapshot.matrix[rows], firsts, counts)

    def met(self, place: int, question: Question, colour: Scores, score: float) -> tuple[Hit, float]:
        """The hit of a candidate with its closest pair of photos, and what the palette adds to that pair."""
        own = slice(int(self.firsts[place]), int(self.firsts[place] + self.counts[place]))
        fitting = question.colour_share * colour[own]
        pairs = fitting[:, None] + (1 - question.colour_share) * _products(self.rows[own], question.photos)
        if not pairs.any() and question.pointed is not None:  # words alone
            view = int((self.rows[own] @ question.pointed).argmax())
            return Hit(int(self.places[place]), score, view, 0, score), 0.0
        view, photo = divmod(int(pairs.argmax()), pairs.shape[1])
        return Hit(int(self.places[place]), score, view, photo, float(pairs[view, photo])), float(
            fitting[view]
        )


def _candidates(index: Index, question: Question, *, scoring: Scoring, allowed: Mask | None) -> Places:
    """Every allowed item of an exact index; of another the best few by each part of the question."""
    if isinstance(index, ExactIndex):
        everything = np.arange(len(index), dtype=np.int64)
        return everything if allowed is None else everything[allowed]
    asked = [question.photos] if len(question.photos) else []
    asked += [] if question.colour is None else [shade[None] for shade in question.colour]
    found = index.nearest(asked, SHORTLIST, scoring=scoring, allowed=allowed) if asked else []
    places = {hit.place for hits in found for hit in hits}
    if question.words is not None:
        fitting = question.words if allowed is None else np.where(allowed, question.words, -np.inf)
        places.update(np.argsort(-fitting, kind="stable")[:SHORTLIST].tolist())
    chosen = np.array(sorted(places), np.int64)
    return chosen if allowed is None else chosen[allowed[chosen]]


def _fitting_colour(views: _Views, question: Question, snapshot: Snapshot) -> Scores:
    """Whether each view has the palette's colour in one of its shades, 0 (no) to 1 (yes), shape (views,).

    A soft yes or no rather than a cosine: once a colour is right, form should decide. Where yes begins is
    read off the catalogue (a sample of it where it is large).
    """
    if question.colour is None:
        return np.zeros(len(views.rows))
    step = max(1, len(snapshot.matrix) // SAMPLE)
    usual = (snapshot.matrix[::step] @ question.colour.T).max(axis=1)
    low, high = np.quantile(usual, [USUAL, RIGHT])
    begin, width = low + BEGIN * (high - low), max(STEEP * float(high - low), 1e-3)
    cosines = (views.rows @ question.colour.T).max(axis=1).astype(np.float64)
    return np.asarray(1 / (1 + np.exp(-np.clip((cosines - begin) / width, -30, 30))))


def _pooled(
    views: _Views,
    photos: NDArray[np.float32],
    scoring: Scoring,
    *,
    palette: Scores | float = 0.0,
    share: float = 0.0,
) -> Scores:
    """Scores of items with photos, shape (items,).

    Args:
        views: of the items.
        photos: vectors, shape (photos, width); there may be none.
        scoring: how both are pooled.
        palette: what a palette adds to each view, shape (views,).
        share: what it leaves to the photos is ``1 - share``.
    """
    asked = scoring.asked(photos) if len(photos) else photos
    pairs = (1 - share) * _products(views.rows, asked) + np.reshape(palette, (-1, 1))
    how = pooling(scoring.views)
    pooled = how.pool(pairs, views.firsts)
    if how.centred:
        pooled = pooled / mean_lengths(views.rows, views.firsts)[:, None]
    several = "best" if scoring.photos == "centroid" else scoring.photos
    return np.asarray(pool_photos(pooled, several), np.float64)


def _products(rows: NDArray[np.float32], photos: NDArray[np.float32]) -> Scores:
    """The score of each view with each photo, shape (views, photos); without photos a column of zeros."""
    if not len(photos):
        return np.zeros((len(rows), 1))
    return np.asarray(rows @ photos.T, np.float64)
