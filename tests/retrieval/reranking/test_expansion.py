"""Query expansion against its definition: one photo, several, and each way of pooling."""

from __future__ import annotations

import numpy as np
import pytest
from tests.retrieval.test_reranking import snapshot

from lookalike.retrieval.index.exact import ExactIndex
from lookalike.retrieval.index.rescoring import Scoring
from lookalike.retrieval.reranking.base import Shortlist
from lookalike.retrieval.reranking.expansion import Expansion

POOLED = {"best": max, "mean": lambda scores: sum(scores) / len(scores)}


@pytest.mark.parametrize("views", sorted(POOLED))
@pytest.mark.parametrize("photos", sorted(POOLED))
@pytest.mark.parametrize("alpha", [0.0, 3.0])
def test_each_photo_takes_in_what_answered_it_and_items_are_scored_by_that(views, photos, alpha):
    rng = np.random.default_rng(4)
    shot = snapshot([list(rng.uniform(-80, 80, rng.integers(1, 4))) for _ in range(12)])
    turns = np.deg2rad([-10, 25])
    question = np.stack([np.cos(turns), np.sin(turns)], axis=1).astype(np.float32)
    scoring = Scoring(views, photos)
    (hits,) = ExactIndex(shot).nearest([question], len(shot), scoring=scoring)
    found = Expansion(neighbours=2, alpha=alpha).rerank(Shortlist(question, tuple(hits), shot, scoring))
    taken = [shot.vectors(hit.place)[hit.view].astype(float) for hit in hits[:2]]
    grown = []
    for photo in question.astype(float):
        whole = photo + sum(max(0.0, photo @ one) ** alpha * one for one in taken)
        grown.append(whole / np.linalg.norm(whole))
    scores = {
        place: POOLED[photos](
            [POOLED[views]([view @ photo for view in shot.vectors(place)]) for photo in grown]
        )
        for place in range(len(shot))
    }
    assert [hit.score for hit in found.hits] == pytest.approx(sorted(scores.values(), reverse=True), abs=1e-6)
    assert [hit.place for hit in found.hits] == sorted(scores, key=lambda place: -scores[place])
