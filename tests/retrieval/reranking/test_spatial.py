"""The second look at local features."""

from __future__ import annotations

import numpy as np
import pytest
from tests.conftest import drawn_photo, encoded

import lookalike
from lookalike.errors import EmbedderError, QueryError
from lookalike.retrieval.engine import SearchEngine
from lookalike.retrieval.query import Query, QueryPhoto
from lookalike.retrieval.reranking.spatial import SHARE, likeness_of


@pytest.fixture(scope="module")
def engine(tmp_path_factory) -> SearchEngine:
    folder = tmp_path_factory.mktemp("spatial")
    for item in range(4):
        (folder / "photos" / f"item-{item}").mkdir(parents=True)
        drawn_photo(item).save(folder / "photos" / f"item-{item}" / "front.png")
    return lookalike.index(folder / "photos", folder / "store")


def test_the_items_stay_the_same_and_the_photo_itself_gains_most(engine):
    photo = QueryPhoto(encoded(drawn_photo(2)))
    first = engine.search(Query(photos=(photo,)), 4)
    second = engine.search(Query(photos=(photo,), rerank=("spatial",)), 4)
    assert set(first.items) == set(second.items)
    gains = {match.item: match.score - first[first.items.index(match.item)].score for match in second}
    assert second[0].item == "item-2"
    assert gains["item-2"] == max(gains.values())
    assert gains["item-2"] == pytest.approx(SHARE, rel=0.01)  # every cell finds itself


def test_a_query_without_a_photo_at_hand_is_refused_with_the_way_out(engine):
    asked = Query(photos=(QueryPhoto(b""),), rerank=("spatial",))
    vectors = engine.embedder.encode([])
    vectors = np.eye(1, engine.embedder.card.width, dtype=np.float32) if not len(vectors) else vectors
    with pytest.raises(QueryError, match="needs the query's photo"):
        engine.search_embedded(asked, vectors, 2)


def test_a_model_without_maps_cannot_look_again(item_folder, tmp_path):
    engine = lookalike.index(item_folder, tmp_path / "store", model="descriptor")
    asked = Query(photos=(QueryPhoto(encoded(drawn_photo(1))),), rerank=("spatial",))
    with pytest.raises(EmbedderError, match="no feature maps"):
        engine.search(asked, 2)


def test_likeness_is_one_for_the_same_cells_in_any_order_and_counts_weights():
    rng = np.random.default_rng(0)
    cells = rng.normal(size=(9, 4)).astype(np.float32)
    cells /= np.linalg.norm(cells, axis=1, keepdims=True)
    both = np.stack([cells, cells[::-1]])
    assert likeness_of(both, np.ones((2, 9), np.float32), 0, 1) == pytest.approx(1, abs=1e-5)
    other = np.stack([cells, np.concatenate([cells[:8], -cells[:1]])])
    weights = np.ones((2, 9), np.float32)
    plain = likeness_of(other, weights, 0, 1)
    weights[:, 8] = 0.001
    assert likeness_of(other, weights, 0, 1) > plain
