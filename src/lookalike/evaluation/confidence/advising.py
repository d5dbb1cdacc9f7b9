"""Whether the advised photo helps: recall with it, with any other one, and with the usually best one."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.embedding.card import Card
from lookalike.errors import EvaluationError
from lookalike.evaluation.bootstrap import bootstrap, mean_of
from lookalike.evaluation.left_out import leave_out
from lookalike.evaluation.report import Figure, Report
from lookalike.retrieval.confidence.advice import advise, side_of
from lookalike.retrieval.confidence.calibration import Calibration, calibrate
from lookalike.retrieval.confidence.judging import needs_advice
from lookalike.retrieval.confidence.trials import NEAR, Manner
from lookalike.retrieval.pooling import pool_photos
from lookalike.retrieval.snapshot import Snapshot

WAYS = ("one photo", "any other side", "usually best side", "advised side")
DRAWS = 3


@dataclass(frozen=True, slots=True)
class _Asked:
    """One query that got advice: found with one photo, and with each other side of its item as well."""

    item: int
    one: float
    by_side: dict[str, float]
    advised: str


def measure_advice(
    snapshot: Snapshot, card: Card, *, pooling: str = "mean", draws: int = DRAWS, seed: int = 0
) -> Report:
    """Item recall at 1 of the queries that get advice, once a second photo has come.

    A view of each item with three or more is asked, the others being the gallery; the second photo is
    another view of the item, left out of the gallery then. Advice counts where the item has a photo of
    that side; "any other side" is the mean over all it has, "usually best" the side that finds most on
    the whole.

    Args:
        snapshot: the catalogue; its views have roles or angles.
        card: of its model.
        pooling: of the query's photos.
        draws: how many times the asked views are drawn.
        seed: of the drawing.

    Raises:
        EvaluationError: no query gets advice, such as where views have no roles.
    """
    asked: list[_Asked] = []
    queries = 0
    for draw in range(draws):
        left = leave_out(snapshot, fewest=3, seed=seed + draw)
        meaning = calibrate(left.gallery, card)
        if meaning is None:
            break
        queries += len(left.places)
        for place, photo in zip(left.places.tolist(), left.vectors, strict=True):
            found = _ask(left.gallery, card, photo, place, pooling=pooling, meaning=meaning)
            asked += [found] if found is not None else []
    if not asked:
        raise EvaluationError(
            "No query gets advice.", hint="Give views a role or an angle, and items three views or more."
        )
    return _report(snapshot, asked, queries, pooling=pooling, seed=seed)


def _ask(
    gallery: Snapshot,
    card: Card,
    photo: NDArray[np.float32],
    place: int,
    *,
    pooling: str,
    meaning: Calibration,
) -> _Asked | None:
    question = photo[None]
    ranked = _ranked(gallery, question, pooling)
    order = np.argsort(-ranked, kind="stable")[:NEAR]
    sure = meaning.confidence([float(ranked[one]) for one in order])
    if not needs_advice(sure):
        return None
    given = advise(gallery, card, question, [int(one) for one in order], Manner(pooling=pooling))
    views = gallery.record(place).views
    if given is None or given.role not in {side_of(view) for view in views}:
        return None
    by_side = {}
    for number, view in enumerate(views):
        side = side_of(view)
        if side is not None:
            both = np.concatenate([question, gallery.vectors(place)[number][None]])
            second = _ranked(gallery, both, pooling, hidden=int(gallery.starts[place]) + number)
            by_side[side] = float(second.argmax() == place)
    return _Asked(place, float(order[0] == place), by_side, given.role)


def _ranked(
    gallery: Snapshot, question: NDArray[np.float32], pooling: str, *, hidden: int | None = None
) -> NDArray[np.float64]:
    scores = gallery.matrix @ question.T
    if hidden is not None:
        scores[hidden] = -np.inf
    best = np.maximum.reduceat(scores, gallery.starts[:-1], axis=0)
    return np.asarray(pool_photos(best, pooling), np.float64)


def _report(snapshot: Snapshot, asked: list[_Asked], queries: int, *, pooling: str, seed: int) -> Report:
    found: dict[str, list[float]] = defaultdict(list)
    for one in asked:
        for side, right in one.by_side.items():
            found[side].append(right)
    usual = sorted(found, key=lambda side: -float(np.mean(found[side])))
    columns = (
        [one.one for one in asked],
        [float(np.mean(list(one.by_side.values()))) for one in asked],
        [next(one.by_side[side] for side in usual if side in one.by_side) for one in asked],
        [one.by_side[one.advised] for one in asked],
    )
    items = np.array([one.item for one in asked])
    figures = []
    for way, values in zip(WAYS, columns, strict=True):
        told = bootstrap(mean_of(np.array(values)), items, seed=seed)
        count = len(np.unique(items))
        figures.append(Figure("R@1", told.value, told.low, told.high, len(items), count, "advice", way))
    return Report(
        protocol=f"a second photo where one is advised, {DRAWS} draws, photos pooled by {pooling}",
        model=snapshot.fingerprint,
        figures=tuple(figures),
        counts={"queries": queries, "with advice": len(asked)},
        seed=seed,
        notes=(f"usually best: {usual[0]}",),
    )
