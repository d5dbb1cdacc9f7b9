"""Diffusion against its own rule, followed step by step until nothing moves."""

from __future__ import annotations

import numpy as np
import pytest
from tests.retrieval.reranking.test_reciprocal import circle

from lookalike.retrieval.reranking.base import Shortlist
from lookalike.retrieval.reranking.diffusion import Diffusion


def naive(first: Shortlist, look: Diffusion) -> list[float]:
    """What has flowed to each item's best view after many steps, as a share of the most."""
    views = np.concatenate([first.snapshot.vectors(hit.place) for hit in first.hits]).astype(float)
    alike = views @ views.T
    everyone = range(len(views))
    near = [
        sorted(set(everyone) - {one}, key=lambda o: -alike[one, o])[: look.neighbours] for one in everyone
    ]
    affinity = np.zeros_like(alike)
    for one in everyone:
        for other in near[one]:
            if one in near[other]:
                affinity[one, other] = max(alike[one, other], 0) ** look.gamma
    strength = affinity.sum(axis=1)
    closeness = views @ first.question[0].astype(float)
    start = np.zeros(len(views))
    for one in np.argsort(-closeness)[: look.neighbours]:
        start[one] = max(closeness[one], 0) ** look.gamma
    held = start.copy()
    for _ in range(400):
        flowed = np.zeros(len(views))
        for one, other in zip(*np.nonzero(affinity), strict=True):
            flowed[one] += affinity[one, other] / np.sqrt(strength[one] * strength[other]) * held[other]
        before, held = held, start + look.alpha * flowed
        if np.abs(held - before).max() < 1e-9:
            break
    ends = np.cumsum([len(first.snapshot.vectors(hit.place)) for hit in first.hits])
    best = np.array([max(part) for part in np.split(held, ends[:-1])])
    return list(best / best.max())


@pytest.mark.parametrize(
    "look", [Diffusion(neighbours=3), Diffusion(neighbours=6, alpha=0.7, gamma=2.0, kept=0.2)]
)
@pytest.mark.parametrize("seed", range(3))
def test_it_ends_where_the_flow_ends_mixed_with_the_score(seed, look):
    first = circle(seed)
    found = look.rerank(first)
    wanted = look.kept * first.scores + (1 - look.kept) * np.array(naive(first, look))
    by_place = {hit.place: score for hit, score in zip(first.hits, wanted, strict=True)}
    assert [hit.score for hit in found.hits] == pytest.approx(
        [by_place[hit.place] for hit in found.hits], abs=1e-5
    )
