"""Which answers can be judged, by which calibration, and the judgement itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray

from lookalike.embedding.card import Card
from lookalike.retrieval.confidence.advice import Advice, advise
from lookalike.retrieval.confidence.calibration import Calibration, Confidence, Verdict
from lookalike.retrieval.confidence.trials import NEAR, Manner
from lookalike.retrieval.index.rescoring import Hit
from lookalike.retrieval.query import Query
from lookalike.retrieval.snapshot import Snapshot

Meaning = Callable[[Snapshot, Manner], Calibration | None]
"""Where the calibration for a manner of asking comes from."""

POOLINGS = frozenset({"best", "mean", "top2"})
"""Over the query's photos; an item's views are pooled by their best."""
HARMLESS = ("diverse",)
"""The second look that leaves the first item where it was."""
_FREE = ("photos", "items", "where", "exclude", "min_score", "colour", "pooling", "rerank")
_USUAL = {
    one.name: getattr(Query(items=("any",)), one.name) for one in fields(Query) if one.name not in _FREE
}
"""What a query asks whose scores have a meaning; only what is free in it changes none."""
SURE = 0.9
"""An answer that is as probable needs no advice."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What can be said of an answer beside its order; None and nothing where it cannot be.

    Args:
        confidence: how sure it is.
        advice: the photo that would help.
        words: for each item that was found, by its place in the snapshot.
    """

    confidence: Confidence | None = None
    advice: Advice | None = None
    words: Mapping[int, Verdict] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Judged:
    """What is judged by: the catalogue that was searched, the card of its model, and its calibrations."""

    snapshot: Snapshot
    card: Card
    meaning: Meaning


def manner_of(query: Query) -> Manner | None:
    """How a query is asked, where single scores have a meaning; None where they have none.

    Palettes, dislikes and other second looks change what a score is.
    """
    usual = all(getattr(query, name) == value for name, value in _USUAL.items())
    pooling = query.scoring.photos
    if not (query.photos or query.items) or not usual or pooling not in POOLINGS:
        return None
    if query.rerank not in ((), HARMLESS):
        return None
    return Manner(query.colour, max(1, len(query.photos)), pooling)


def tells(query: Query) -> bool:
    """Whether an answer says if the item is in the catalogue.

    Filters and left-out items may hide it, and an item of the catalogue would find itself.
    """
    return bool(query.photos) and not (query.items or query.where or query.exclude)


def needs_advice(confidence: Confidence) -> bool:
    """Whether a further photo could help: the answer is not sure, and the item may well be there."""
    return confidence.same < SURE and confidence.verdict != "absent"


def judge(query: Query, question: NDArray[np.float32], found: Sequence[Hit], by: Judged) -> Judgement:
    """What can be said of an answer.

    Args:
        query: what was asked.
        question: vectors of its photos, the dial in them, shape (photos, width).
        found: the best items of the first ranking, none left out for its score; ``NEAR`` tell.
        by: what it is judged by.
    """
    manner = manner_of(query)
    calibration = None if manner is None else by.meaning(by.snapshot, manner)
    if manner is None or calibration is None:
        return Judgement()
    scores, places = [hit.score for hit in found], [hit.place for hit in found]
    if not tells(query) or len(found) < NEAR:
        return Judgement(words=dict(zip(places, calibration.verdicts(scores, None), strict=True)))
    confidence = calibration.confidence(scores)
    doubtful = needs_advice(confidence)
    advice = advise(by.snapshot, by.card, question, places, manner) if doubtful else None
    words = dict(zip(places, calibration.verdicts(scores, confidence), strict=True))
    return Judgement(confidence, advice, words)
