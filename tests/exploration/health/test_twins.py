from __future__ import annotations

import numpy as np
import pytest

from lookalike.catalogue.items import View
from lookalike.exploration.health.nearest_items import item_ways, nearest_among_all, nearest_complements
from lookalike.exploration.health.neighbours import neighbours_of
from lookalike.exploration.health.twins import twins
from lookalike.exploration.health.votes import Votes


@pytest.fixture
def shop(make_seen):
    """Thirty items, front and back each; a function that makes it with photos in folders of their own."""

    def made(moved=(), roles=("front", "back")):
        rng = np.random.default_rng(1)
        own = np.repeat(np.eye(30, 40), 2, axis=0)
        matrix = own + 0.7 * np.eye(2, 40, 38)[np.arange(60) % 2] + rng.normal(0, 0.03, (60, 40))
        items = [f"item-{row // 2:02d}{'-again' if row in moved else ''}" for row in range(60)]
        views = [View(f"photo {row}".encode(), role=roles[row % 2]) for row in range(60)]
        return make_seen(matrix, items, views=views)

    return made


def pairs(seen) -> set[tuple[str, str]]:
    return {(one.item, *one.others) for one in twins(seen, neighbours_of(seen), [])}


def test_items_are_found_whose_views_complete_each_other(shop):
    assert pairs(shop(moved={7, 21})) == {("item-03", "item-03-again"), ("item-10", "item-10-again")}


def test_a_pair_of_twins_comes_with_the_photos_of_both(shop):
    seen = shop(moved={7})
    (found,) = twins(seen, neighbours_of(seen), [])
    assert found.rows == (6, 7)
    assert found.views == (seen.views[6].name, seen.views[7].name)


@pytest.mark.parametrize(("values", "same"), [((0, 0), True), ((0, -1), True), ((0, 1), False)])
def test_items_with_another_value_are_no_twins_and_one_without_a_value_may_be(shop, values, same):
    seen = shop(moved={7})
    truth = np.zeros(60, np.int64)
    truth[[6, 7]] = values
    votes = Votes("colour", ("red", "blue"), truth, np.full((60, 2), 0.5), (None,) * 60)
    assert bool(twins(seen, neighbours_of(seen), [votes])) == same


def test_a_whole_catalogue_has_no_twins(shop):
    assert pairs(shop()) == set()


def test_halves_are_found_where_nothing_is_known_of_the_views_too(shop):
    matrix = shop().matrix
    item = int((matrix[::2] * matrix[1::2]).sum(axis=1).argmax())  # whose views are the most alike
    found = pairs(shop(moved={2 * item + 1}, roles=(None, None)))
    assert found == {(f"item-{item:02d}", f"item-{item:02d}-again")}


def test_items_with_the_same_kinds_of_views_must_be_much_more_alike(make_seen):
    rng = np.random.default_rng(2)
    matrix = np.repeat(np.eye(30, 40), 2, axis=0) + rng.normal(0, 0.05, (60, 40))
    matrix[40:42] = matrix[20:22] + rng.normal(0, 0.09, (2, 40))
    items = [f"item-{row // 2:02d}" for row in range(60)]
    views = [View(f"photo {row}".encode(), role=("front", "back")[row % 2]) for row in range(60)]
    assert pairs(make_seen(matrix, items, views=views)) == set()
    matrix[40:42] = matrix[20:22]
    assert pairs(make_seen(matrix, items, views=views)) == {("item-10", "item-20")}


def test_an_item_is_complemented_by_items_without_any_of_its_kinds_of_views_alone(shop):
    seen = shop(moved={7})
    ways = item_ways(seen)
    near = nearest_complements(seen, ways)
    front, back = (
        next(code for code, item in zip(seen.codes, seen.items, strict=True) if item.id == name)
        for name in ("item-03", "item-03-again")
    )
    assert (ways[front], ways[back]) == ({"front"}, {"back"})
    assert (near.nearest[front], near.nearest[back]) == (back, front)
    assert near.partners[front] == near.partners[back] == 1
    assert near.likeness[front] == pytest.approx(float(seen.matrix[6] @ seen.matrix[7]), abs=1e-6)
    assert set(np.delete(near.nearest, [front, back])) == {-1}


def test_the_nearest_item_is_the_one_with_the_nearest_photo(shop):
    seen = shop()
    scores = np.where(seen.codes[:, None] == seen.codes, -1, seen.matrix @ seen.matrix.T)
    best = [int(seen.codes[np.argmax(scores[seen.codes == code].max(axis=0))]) for code in range(30)]
    assert nearest_among_all(seen, neighbours_of(seen)).nearest.tolist() == best
