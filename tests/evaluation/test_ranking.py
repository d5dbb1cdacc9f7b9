from __future__ import annotations

import numpy as np
import pytest

from lookalike.evaluation import ranking
from lookalike.evaluation.ranking import Side, rank_right_answers


def sides(queries: int, gallery: int, items: int, *, seed: int = 0, width: int = 12) -> tuple[Side, Side]:
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((items, width))

    def side(count: int, first_row: int) -> Side:
        codes = rng.integers(0, items, count)
        matrix = centres[codes] + 1.5 * rng.standard_normal((count, width))
        matrix = (matrix / np.linalg.norm(matrix, axis=1, keepdims=True)).astype(np.float32)
        return Side(matrix, codes, np.arange(first_row, first_row + count))

    return side(queries, 0), side(gallery, queries)


def naive(queries: Side, gallery: Side) -> tuple[list[list[float]], list[float]]:
    """The same by sorting everything, one query at a time."""
    views, items = [], []
    for vector, item, row in zip(queries.matrix, queries.items, queries.rows, strict=True):
        keep = gallery.rows != row
        scores, codes = (gallery.matrix @ vector)[keep], gallery.items[keep]
        order = np.lexsort((codes == item, -scores))
        views.append([float(place) for place in np.flatnonzero(codes[order] == item) + 1])
        best: dict[int, float] = {}
        for code in codes[order]:
            best.setdefault(int(code), len(best) + 1.0)
        items.append(best.get(int(item), np.inf))
    return views, items


def same(queries: Side, gallery: Side) -> None:
    places = rank_right_answers(queries, gallery)
    views, items = naive(queries, gallery)
    assert [[place for place in row if np.isfinite(place)] for row in places.views.tolist()] == views
    assert places.item.tolist() == items


@pytest.mark.parametrize(
    ("queries", "gallery", "items"), [(40, 200, 30), (33, 50, 3), (7, 300, 200), (1, 2, 1)]
)
def test_places_equal_those_of_a_full_sort(queries, gallery, items):
    same(*sides(queries, gallery, items))


def test_a_view_never_meets_itself_where_queries_are_the_gallery():
    _, gallery = sides(1, 150, 40)
    same(gallery, gallery)


@pytest.mark.parametrize("many", [0, 1000])
def test_small_blocks_and_either_way_of_counting_change_nothing(monkeypatch, many):
    monkeypatch.setattr(ranking, "GALLERY_ROWS", 17)
    monkeypatch.setattr(ranking, "QUERY_ROWS", 5)
    monkeypatch.setattr(ranking, "MANY", many)
    _, gallery = sides(1, 150, 40, seed=3)
    same(gallery, gallery)
    same(*sides(20, 90, 4, seed=4))


def test_more_than_255_wrong_answers_above_are_counted_in_full():
    vectors = np.ones((601, 2), np.float32) / np.sqrt(2, dtype=np.float32)
    vectors[600] = (1.0, 0.0)
    gallery = Side(vectors, np.arange(601), np.arange(601))
    query = Side(vectors[:1], np.array([600]), np.array([9999]))
    assert rank_right_answers(query, gallery).item.tolist() == [601.0]


def test_a_model_that_gives_every_photo_one_vector_finds_nothing_first():
    side = Side(np.tile(np.float32([[0.6, 0.8]]), (12, 1)), np.arange(12) // 3, np.arange(12))
    places = rank_right_answers(side, side)
    assert places.item.tolist() == [4.0] * 12
    assert places.views[:, 0].tolist() == [10.0] * 12


def test_a_query_without_a_right_answer_stands_at_infinity():
    queries, gallery = sides(5, 30, 8)
    lost = Side(queries.matrix, np.full(5, 99), queries.rows)
    assert np.isinf(rank_right_answers(lost, gallery).item).all()
