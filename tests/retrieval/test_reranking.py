from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.retrieval.conftest import TinyEmbedder

from lookalike.errors import QueryError
from lookalike.retrieval.engine import SearchEngine
from lookalike.retrieval.index.exact import ExactIndex
from lookalike.retrieval.index.rescoring import Scoring
from lookalike.retrieval.indexing import index_catalogue
from lookalike.retrieval.query import Query
from lookalike.retrieval.records import StoredItem, StoredView
from lookalike.retrieval.reranking.base import Reranker, Shortlist
from lookalike.retrieval.reranking.choosing import RERANKERS
from lookalike.retrieval.reranking.diffusion import Diffusion
from lookalike.retrieval.reranking.diversity import Diversity
from lookalike.retrieval.reranking.expansion import Expansion
from lookalike.retrieval.reranking.reciprocal import Reciprocal
from lookalike.retrieval.snapshot import Identity, Row, Snapshot, assemble


def snapshot(angles_deg: list[list[float]]) -> Snapshot:
    """Items on a circle: each view a unit vector at an angle."""
    rows = [
        Row.of(
            StoredItem(
                f"{number:03d}", tuple(StoredView(f"{number}-{v}", Path("x")) for v in range(len(views)))
            )
        )
        for number, views in enumerate(angles_deg)
    ]
    flat = np.deg2rad([angle for views in angles_deg for angle in views])
    matrix = np.stack([np.cos(flat), np.sin(flat)], axis=1).astype(np.float32)
    return assemble(Identity(Path("x"), "store", 1, "circle"), rows, matrix)


def shortlist(shot: Snapshot, angle_deg: float = 0.0) -> Shortlist:
    question = np.array([[np.cos(np.deg2rad(angle_deg)), np.sin(np.deg2rad(angle_deg))]], np.float32)
    (hits,) = ExactIndex(shot).nearest([question], len(shot))
    return Shortlist(question, tuple(hits), shot, Scoring())


def places(found: Shortlist) -> list[int]:
    return [hit.place for hit in found.hits]


class Backwards(Reranker):
    depth = 3

    def _scores(self, shortlist):
        return -shortlist.scores


def test_only_as_many_as_its_depth_are_ordered_anew_and_the_others_follow():
    found = Backwards().rerank(shortlist(snapshot([[0], [10], [20], [30], [40]])))
    assert places(found) == [2, 1, 0, 3, 4]
    scores = [hit.score for hit in found.hits]
    assert scores == sorted(scores, reverse=True)


def test_equal_new_scores_leave_the_order_as_it_was():
    class Level(Reranker):
        def _scores(self, shortlist):
            return np.zeros(len(shortlist))

    assert places(Level().rerank(shortlist(snapshot([[9], [3], [6]])))) == [1, 2, 0]


def test_a_second_look_at_one_item_or_none_is_the_first():
    alone = shortlist(snapshot([[5]]))
    for make in RERANKERS.values():
        assert make(TinyEmbedder()).rerank(alone) is alone


@pytest.mark.parametrize("name", sorted(set(RERANKERS) - {"spatial"}))  # it needs photos
def test_every_second_look_keeps_the_items_and_sorts_their_scores(name):
    rng = np.random.default_rng(1)
    first = shortlist(snapshot([list(rng.uniform(0, 180, rng.integers(1, 4))) for _ in range(30)]))
    found = RERANKERS[name](TinyEmbedder()).rerank(first)
    assert sorted(places(found)) == sorted(places(first))
    scores = [hit.score for hit in found.hits]
    assert scores == sorted(scores, reverse=True)


def test_expansion_draws_the_question_towards_its_best_answers():
    # both sides of 0 are equally far; the first answers lie on one side, and draw what else lies there
    shot = snapshot([[10], [12], [-21], [20]])
    assert places(shortlist(shot)) == [0, 1, 3, 2]
    near = snapshot([[10], [12], [-19], [20]])
    assert places(shortlist(near)) == [0, 1, 2, 3]
    assert places(Expansion(neighbours=2).rerank(shortlist(near))) == [0, 1, 3, 2]


def chain() -> Snapshot:
    """An item whose views lead in small steps to the next item's, and items by themselves."""
    return snapshot([[6, 14, 22, 30], [-20], [38, 46, 54], [-80], [150, 160], [-120]])


def test_diffusion_follows_views_that_lead_away_from_the_question():
    first = shortlist(chain(), 7)
    assert places(first)[:3] == [0, 1, 2]
    # the far end of the chain leads on to the item at 38 degrees, and nothing leads to the one at -20
    assert places(Diffusion(neighbours=2, kept=0.0).rerank(first))[:3] == [0, 2, 1]


def test_reciprocal_neighbours_of_the_question_come_before_a_hub_that_has_others_nearer():
    # the hub at 12 degrees is as near as the pair on the other side, but has its own crowd
    shot = snapshot([[12], [13], [14], [15], [-11.5, -12.5], [-100]])
    found = Reciprocal(neighbours=2, smoothed=1, kept=0.0).rerank(shortlist(shot))
    assert places(found)[0] == 4


def test_of_items_with_many_views_those_closest_to_the_question_are_looked_at():
    first = shortlist(snapshot([[40, 10, 30, 20], [90]]))
    views, starts = first.views(most=2)
    assert starts.tolist() == [0, 2]
    assert np.rad2deg(np.arctan2(views[:, 1], views[:, 0])) == pytest.approx([10, 20, 90], abs=1e-3)


def test_diversity_puts_something_else_before_the_next_of_the_same():
    # three items at one spot, one further off on the other side
    found = Diversity(share=0.5).rerank(shortlist(snapshot([[10], [11], [12], [-40]])))
    assert places(found)[:2] == [0, 3]
    assert places(Diversity(share=0.0).rerank(shortlist(snapshot([[10], [11], [12], [-40]])))) == [0, 1, 2, 3]


def test_a_query_says_which_second_look_is_taken(catalogue, store, embedder, photo):
    index_catalogue(catalogue, store, embedder)
    engine = SearchEngine(embedder, store)
    asked = {"items": ("item-4",), "exclude": frozenset({"item-4"})}
    first = engine.search(Query(**asked), k=4)
    again = engine.search(Query(**asked, rerank=("expand", "diverse")), k=4)
    assert set(first.items) == set(again.items)
    assert len(engine.search(Query(**asked, rerank=("expand",)), k=2)) == 2


def test_a_second_look_that_nobody_knows_is_refused_with_those_that_are_known(catalogue, store, embedder):
    index_catalogue(catalogue, store, embedder)
    with pytest.raises(QueryError, match="no re-ranking named 'magic'") as refused:
        SearchEngine(embedder, store).search(Query(items=("item-1",), rerank=("magic",)))
    assert "diffuse, diverse, expand" in refused.value.hint
