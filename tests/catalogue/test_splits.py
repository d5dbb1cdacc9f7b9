"""Parts that share no item and no group."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lookalike.catalogue.items import Catalogue, Item, View
from lookalike.catalogue.reading import read_catalogue
from lookalike.catalogue.splits import split_items
from lookalike.errors import CatalogueError

SHARES = {"train": 0.7, "val": 0.1, "test": 0.2}


def shop(styles: list[int], kinds: int = 3) -> Catalogue:
    """An item for each entry: its style, and a category that goes with the style."""
    return Catalogue(
        tuple(
            Item(f"i{n}", (View(b"%d" % n),), {"style": style, "category": style % kinds})
            for n, style in enumerate(styles)
        )
    )


@settings(max_examples=50, deadline=None)
@given(styles=st.lists(st.integers(0, 40), min_size=30, max_size=120), seed=st.integers(0, 2**32 - 1))
def test_no_item_and_no_group_is_in_two_parts_and_none_is_lost(styles, seed):
    catalogue = shop([*styles, *range(41, 71)])
    parts = split_items(catalogue, shares=SHARES, seed=seed, group="style", stratify="category")
    ids = [item.id for part in parts.values() for item in part]
    assert sorted(ids) == sorted(item.id for item in catalogue)
    seen = [{item.attributes["style"] for item in part} for part in parts.values()]
    assert sum(map(len, seen)) == len(set.union(*seen))


def test_parts_have_their_shares_within_one_item():
    parts = split_items(shop(list(range(1000))), shares=SHARES, seed=1)
    assert {name: len(part) for name, part in parts.items()} == {"train": 700, "val": 100, "test": 200}


def test_categories_are_spread_alike():
    catalogue = shop(list(range(999)))
    for part in split_items(catalogue, shares=SHARES, seed=3, stratify="category").values():
        counts = Counter(item.attributes["category"] for item in part)
        assert max(counts.values()) - min(counts.values()) <= 2


def test_the_seed_alone_decides_not_the_order_of_the_items():
    catalogue = shop(list(range(60)))
    items = list(catalogue)
    random.Random(0).shuffle(items)
    ids = [
        {item.id for item in split_items(each, shares=SHARES, seed=seed)["test"]}
        for each, seed in ((catalogue, 5), (Catalogue(tuple(items)), 5), (catalogue, 6))
    ]
    assert ids[0] == ids[1] != ids[2]


def test_items_without_the_group_attribute_are_groups_of_their_own():
    items = tuple(Item(f"i{n}", (View(b"%d" % n),), {"style": "s"} if n < 3 else {}) for n in range(30))
    parts = split_items(Catalogue(items), shares={"a": 0.5, "b": 0.5}, seed=0, group="style")
    assert abs(len(parts["a"]) - len(parts["b"])) <= 3


@pytest.mark.parametrize("shares", [{}, {"a": 0.5}, {"a": 0.8, "b": 0.19}, {"a": 1.5, "b": -0.5}])
def test_shares_that_do_not_add_up_are_an_error(shares):
    with pytest.raises(CatalogueError, match="add up"):
        split_items(shop([1, 2, 3]), shares=shares, seed=0)


def test_an_unknown_attribute_is_an_error_that_names_those_there_are():
    with pytest.raises(CatalogueError, match=r"'colour'; there are: category, style"):
        split_items(shop([1, 2, 3]), shares={"a": 1.0}, seed=0, group="colour")


def test_a_part_without_items_is_an_error():
    with pytest.raises(CatalogueError, match="got no items"):
        split_items(shop([1] * 9), shares={"a": 0.5, "b": 0.5}, seed=0, group="style")


@pytest.mark.shared
def test_luma_splits_by_style_so_that_no_recoloured_twin_leaks(shared):
    parts = split_items(
        read_catalogue(shared / "luma/images.csv"),
        shares={"train": 0.7, "test": 0.3},
        seed=0,
        group="style_id",
    )
    train, test = ({item.attributes["style_id"] for item in part} for part in parts.values())
    assert not train & test
    assert abs(len(parts["train"]) / 466 - 0.7) < 0.02
