"""Splits keep items apart, labels are numbered by the training photos, and bad input is named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.training.drawn import drawn_catalogue, drawn_item, quick

from lookalike.catalogue.items import Catalogue, View
from lookalike.errors import EvaluationError, TrainingError
from lookalike.training.data import chosen_items, prepare, split


@pytest.fixture(scope="module")
def catalogue():
    return drawn_catalogue(12)


def test_no_item_is_on_two_sides(catalogue):
    parts = split(catalogue, quick())
    sides = [
        {item.id for item, _ in parts.train},
        {item.id for item, _ in parts.validation},
        {item.id for item in parts.held_out},
    ]
    assert sum(map(len, sides)) == len(set().union(*sides)) == 12


def test_validation_by_views_asks_with_other_views_of_the_training_items(catalogue):
    parts = split(catalogue, quick(split={"validate": "views"}))
    assert {item.id for item, _ in parts.validation} == {item.id for item, _ in parts.train}
    assert not {id(view) for _, view in parts.train} & {id(view) for _, view in parts.validation}


def test_single_view_training_uses_one_view_an_item(catalogue):
    parts = split(catalogue, quick(data={"views_per_item": 1}, split={"validate": "views"}))
    assert len(parts.train) == len({item.id for item, _ in parts.train})


def test_items_of_a_group_stay_together(catalogue):
    parts = split(catalogue, quick(split={"group": "colour", "held_out": 0.3, "validate": "views"}))
    ours = {item.attributes["colour"] for item, _ in parts.train}
    assert not ours & {item.attributes["colour"] for item in parts.held_out}


def test_a_photo_on_both_sides_is_refused(catalogue):
    twice = [replace(item, views=(catalogue[0].views[0], *item.views)) for item in catalogue]
    with pytest.raises(EvaluationError, match="leaks"):
        split(Catalogue(tuple(twice)), quick())


def test_the_commonest_labels_can_be_chosen(catalogue):
    uneven = Catalogue(catalogue.items[:11])
    recipe = quick(data={"labels": ["category"], "most_common": 2})
    assert {item.category for item in chosen_items(uneven, recipe)} == {"cup", "hat"}


def test_classes_are_those_of_the_training_photos(catalogue, tmp_path):
    lessons = prepare(catalogue, quick(data={"labels": ["item", "category"]}), folder=tmp_path)
    assert lessons.classes == (6, 3)
    assert lessons.pixels.shape == (27, 32, 32, 3)
    assert (lessons.labels[0, lessons.validation] == -1).all()  # other items than those trained on
    assert (lessons.labels[1] >= 0).all()


def test_a_photo_that_cannot_be_used_is_left_out_and_counted(catalogue, tmp_path):
    items = [replace(item, views=(*item.views, View(f"no photo {item.id}".encode()))) for item in catalogue]
    lessons = prepare(Catalogue(tuple(items)), quick(split={"validation": 0.0}), folder=tmp_path)
    assert lessons.unusable == 9
    assert len(lessons.pixels) == 27


def test_wrong_labels_are_put_in_by_share_and_nowhere_else(catalogue, tmp_path):
    plain = prepare(catalogue, quick(data={"labels": ["category"]}), folder=tmp_path)
    noisy = prepare(catalogue, quick(data={"labels": ["category"], "label_noise": 0.5}), folder=tmp_path)
    changed = plain.labels != noisy.labels
    assert changed[0, plain.train].sum() == round(0.5 * len(plain.train))
    assert not changed[0, plain.validation].any()


def test_half_of_the_training_items_are_a_part_of_all_of_them(catalogue):
    half = split(catalogue, quick(data={"share": 0.5}))
    whole = split(catalogue, quick())
    ours = {item.id for item, _ in half.train}
    assert len(ours) == 3
    assert ours < {item.id for item, _ in whole.train}
    assert half.held_out == whole.held_out


def test_one_class_is_nothing_to_learn_from(tmp_path):
    alike = Catalogue(tuple(drawn_item(3 * number, views=2) for number in range(6)))
    with pytest.raises(TrainingError, match="1 class of 'category'"):
        prepare(alike, quick(data={"labels": ["category"]}), folder=tmp_path)


def test_a_label_that_nothing_has_is_named_with_those_there_are(catalogue):
    with pytest.raises(TrainingError, match="brand") as caught:
        chosen_items(catalogue, quick(data={"labels": ["brand"]}))
    assert "colour" in caught.value.hint


def test_the_same_seed_splits_alike(catalogue):
    first, second = (split(catalogue, quick()) for _ in range(2))
    other = split(catalogue, replace(quick(), seed=5))
    assert first == second
    assert first.held_out != other.held_out
    assert np.isclose(len(first.held_out) / 12, 0.25)
