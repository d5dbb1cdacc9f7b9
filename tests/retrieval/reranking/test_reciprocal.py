"""k-reciprocal re-ranking against the paper's definition, written with sets."""

from __future__ import annotations

import numpy as np
import pytest
from tests.retrieval.test_reranking import shortlist, snapshot

from lookalike.retrieval.reranking.base import Shortlist
from lookalike.retrieval.reranking.reciprocal import Reciprocal


def circle(seed: int) -> Shortlist:
    """Items of one to three views each, near one another in pairs, around a question at 0 degrees."""
    rng = np.random.default_rng(seed)
    middles = rng.uniform(-60, 60, 14)
    return shortlist(snapshot([list(middle + rng.normal(0, 6, rng.integers(1, 4))) for middle in middles]))


def naive(first: Shortlist, neighbours: int, smoothed: int) -> list[float]:
    """The likeness of each item's best view to the question, by the definition."""
    vectors = np.concatenate([first.question, *(first.snapshot.vectors(hit.place) for hit in first.hits)])
    alike = vectors.astype(float) @ vectors.astype(float).T
    np.fill_diagonal(alike, 1)
    everyone = range(len(vectors))
    nearest = [sorted(everyone, key=lambda other: -alike[one, other]) for one in everyone]

    def circle_of(one: int, k: int) -> set[int]:
        return {other for other in nearest[one][: k + 1] if one in nearest[other][: k + 1]}

    described = np.zeros((len(vectors), len(vectors)))
    for one in everyone:
        reach = set(circle_of(one, neighbours))
        for other in circle_of(one, neighbours):
            theirs = circle_of(other, max(1, neighbours // 2))
            if 3 * len(circle_of(one, neighbours) & theirs) >= 2 * len(theirs):
                reach |= theirs
        for other in reach:
            described[one, other] = np.exp(-(1 - alike[one, other]))
        described[one] /= described[one].sum()
    smooth = np.array(
        [np.mean([described[other] for other in nearest[one][:smoothed]], 0) for one in everyone]
    )
    shared = [np.minimum(smooth[0], row).sum() / np.maximum(smooth[0], row).sum() for row in smooth[1:]]
    ends = np.cumsum([len(first.snapshot.vectors(hit.place)) for hit in first.hits])
    return [max(part) for part in np.split(np.array(shared), ends[:-1])]


@pytest.mark.parametrize(("neighbours", "smoothed"), [(1, 1), (4, 1), (4, 3), (9, 2)])
@pytest.mark.parametrize("seed", range(4))
def test_it_is_what_the_definition_says_mixed_with_the_score(seed, neighbours, smoothed):
    first = circle(seed)
    found = Reciprocal(neighbours=neighbours, smoothed=smoothed, kept=0.3).rerank(first)
    wanted = 0.3 * first.scores + 0.7 * np.array(naive(first, neighbours, smoothed))
    by_place = {hit.place: score for hit, score in zip(first.hits, wanted, strict=True)}
    assert [hit.score for hit in found.hits] == pytest.approx([by_place[hit.place] for hit in found.hits])


def test_how_long_the_question_is_does_not_matter_to_who_its_neighbours_are():
    first = circle(9)
    longer = Shortlist(3 * first.question, first.hits, first.snapshot, first.scoring)
    look = Reciprocal(kept=0.0)
    assert look.rerank(longer).hits == look.rerank(first).hits
