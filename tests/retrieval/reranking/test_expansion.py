"""Query expansion against its definition: one photo, several, and each way of pooling."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from tests.retrieval.conftest import draw
from tests.retrieval.test_reranking import snapshot

from lookalike.catalogue.items import Catalogue, Item, View
from lookalike.retrieval.engine import SearchEngine
from lookalike.retrieval.index.exact import ExactIndex
from lookalike.retrieval.index.rescoring import Scoring
from lookalike.retrieval.indexing import index_catalogue
from lookalike.retrieval.query import Query, QueryPhoto
from lookalike.retrieval.reranking.base import Shortlist
from lookalike.retrieval.reranking.expansion import Expansion
from lookalike.retrieval.store import Store

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


def test_what_joins_is_weighed_as_the_dial_weighs_the_question():
    """Colour alone is asked, the first number; without the dial the second, shape, would come in again."""
    shot = snapshot([[0.0], [60.0], [-60.0], [45.0]])
    question, dial = np.float32([[2.0, 0.0]]), np.float32([2.0, 0.0])
    (hits,) = ExactIndex(shot).nearest([question], len(shot))
    asked = Shortlist(question, tuple(hits), shot, Scoring(), dial=dial)
    found = Expansion(neighbours=2).rerank(asked)
    assert [hit.place for hit in found.hits[:2]] == [0, 3]
    assert [hit.score for hit in found.hits] == pytest.approx([2.0, 2 * np.sqrt(0.5), 1.0, 1.0], abs=1e-6)
    diluted = Expansion(neighbours=2).rerank(replace(asked, dial=None))
    assert {hit.place: hit.score for hit in diluted.hits}[1] > 1.1


def test_a_search_by_colour_alone_stays_one_when_it_is_expanded(tmp_path, embedder):
    """A photo and the same on its head have the same mean colour and another layout."""
    upright = draw(tmp_path / "upright.png", 1)
    Image.open(upright).rotate(180).save(tmp_path / "over.png")
    photos = [upright, tmp_path / "over.png", *(draw(tmp_path / f"{seed}.png", seed) for seed in (2, 3))]
    items = tuple(Item(path.stem, (View(path),)) for path in photos)
    store = Store.create(tmp_path / "store", card=embedder.card)
    index_catalogue(Catalogue(items, source="photos"), store, embedder)
    found = SearchEngine(embedder, store).search(
        Query(photos=(QueryPhoto(upright),), colour=1.0, rerank=("expand",))
    )
    scores = {match.item: match.score for match in found}
    assert scores["upright"] == pytest.approx(scores["over"], abs=1e-5)
    assert found[0].item in ("upright", "over")
