"""What it should not look like, and item arithmetic."""

from __future__ import annotations

import numpy as np
from benchmarks.asking_questions.measured import Answers

from lookalike.retrieval.asking import negatives
from lookalike.retrieval.engine import SearchEngine
from lookalike.retrieval.query import Query, QueryPhoto
from lookalike.retrieval.ranking import Ranking

MOST = 200
ROCCHIO = (0.25, 0.5)
PHOTO = (QueryPhoto(b""),)


def labels(engine: SearchEngine, name: str) -> np.ndarray:
    """An attribute of every item as text."""
    return np.array([str(attributes.get(name, "")) for attributes in engine.snapshot.attributes])


def flagged(engine: SearchEngine, *, weights: tuple[float, ...] = ()) -> Answers:
    """A visitor flags the first result of another category; how many of the 10 next are of the right one?"""
    answers, snapshot = Answers(), engine.snapshot
    categories = labels(engine, "category")
    for place in np.random.default_rng(0).permutation(len(snapshot))[:MOST]:
        own, item = snapshot.ids[place], int(place)
        asked = snapshot.vectors(item)[:1]
        first = engine.search_embedded(Query(photos=PHOTO, exclude=frozenset({own})), asked, 10)
        wrong = [match.item for match in first if match.attributes.get("category") != categories[item]]
        if not wrong:
            continue
        left_out = Query(photos=PHOTO, exclude=frozenset({own, wrong[0]}))
        disliked = Query(photos=PHOTO, exclude=frozenset({own}), unlike_items=(wrong[0],))
        middle = snapshot.vectors(snapshot.place(wrong[0])).mean(axis=0, keepdims=True)
        rankings = {"only left out": engine.search_embedded(left_out, asked, 10)}
        for share in ROCCHIO:
            moved = asked - share * middle / np.linalg.norm(middle)
            rankings[f"Rocchio {share}"] = engine.search_embedded(left_out, moved, 10)
        rankings[f"ours, weight {negatives.WEIGHT}"] = engine.search_embedded(disliked, asked, 10)
        for weight in weights:
            rankings[f"weight {weight}"] = _weighed(engine, disliked, asked, weight)
        for contender, ranking in rankings.items():
            right = [match.attributes.get("category") == categories[item] for match in ranking]
            answers.add(contender, float(np.mean(right)), item)
    return answers


def _weighed(engine: SearchEngine, query: Query, asked: np.ndarray, weight: float) -> Ranking:
    """The answer under another weight of dislikes than the package's own."""
    before = negatives.penalty.__defaults__
    negatives.penalty.__defaults__ = (weight,)
    try:
        return engine.search_embedded(query, asked, 10)
    finally:
        negatives.penalty.__defaults__ = before


def sibling(engine: SearchEngine, family: str, *, weights: tuple[float, ...] = ()) -> Answers:
    """A photo of an item, and its nearest sibling disliked: does the item itself still come first?

    The photo's own view is taken from the item by asking for the best of its others.
    """
    answers, snapshot = Answers(), engine.snapshot
    families = labels(engine, family)
    starts = snapshot.starts[:-1]
    for item in range(len(snapshot)):
        siblings = [other for other in np.flatnonzero(families == families[item]) if other != item]
        if not siblings or len(snapshot.vectors(item)) < 2:
            continue
        row = snapshot.starts[item]
        scores = (snapshot.matrix @ snapshot.matrix[row]).astype(np.float64)
        scores[row] = -1.0
        pooled = np.maximum.reduceat(scores, starts)
        disliked = max(siblings, key=lambda other: pooled[other])
        unlike = (snapshot.matrix @ snapshot.vectors(disliked).T).max(axis=1).astype(np.float64)
        unlike = np.maximum.reduceat(unlike, starts)
        answers.add("without", float(pooled.argmax() == item), item)
        for name, totals in (
            ("only left out", pooled),
            ("Rocchio 0.25", pooled - 0.25 * unlike),
            ("Rocchio 0.5", pooled - 0.5 * unlike),
            (f"ours, weight {negatives.WEIGHT}", pooled - negatives.penalty(pooled, unlike)),
            *((f"weight {weight}", pooled - negatives.penalty(pooled, unlike, weight)) for weight in weights),
        ):
            totals = np.where(np.arange(len(totals)) == disliked, -9, totals)
            answers.add(name, float(totals.argmax() == item), item)
    return answers


def arithmetic(engine: SearchEngine, family: str) -> Answers:
    """One family's X less its Y, plus another family's Y: does the other family's X come first?"""
    answers, snapshot = Answers(), engine.snapshot
    families, colours = labels(engine, family), labels(engine, "colour")
    of = {(f, c): place for place, (f, c) in enumerate(zip(families, colours, strict=True))}
    quadruples = [
        (of[a, x], of[a, y], of[b, y], place)
        for (b, x), place in of.items()
        for (a, x2) in of
        if x2 == x and a != b
        for (a2, y) in of
        if a2 == a and y != x and (b, y) in of
    ]
    rng = np.random.default_rng(0)
    for chosen in rng.permutation(len(quadruples))[:MOST]:
        ax, ay, by, bx = (snapshot.ids[place] for place in quadruples[chosen])
        inputs = frozenset({ax, ay, by})
        moved = Query(items=(by,), plus=(ax,), minus=(ay,), exclude=inputs)
        asked = snapshot.vectors(quadruples[chosen][2])
        for name, query in (("the item alone", Query(items=(by,), exclude=inputs)), ("arithmetic", moved)):
            answers.add(name, engine.search_embedded(query, asked, 1)[0].item == bx, quadruples[chosen][3])
    return answers
