"""What every sampler of the table promises."""

from __future__ import annotations

import numpy as np
import pytest

from lookalike.errors import TrainingError
from lookalike.training.recipe import Sampler as Settings
from lookalike.training.sampling import SAMPLERS, make_sampler

LABELS = np.repeat(np.arange(12), 3)
CATEGORIES = np.where(LABELS < 10, 0, 1)  # ten classes of one category, two of another


@pytest.fixture(params=sorted(SAMPLERS))
def kind(request):
    return request.param


def sampler(kind, *, seed=0, labels=LABELS, categories=CATEGORIES, batch=8):
    return make_sampler(Settings(kind=kind, batch=batch, views=2), labels, categories, seed=seed)


def test_batches_are_full_and_of_rows_that_exist(kind):
    batches = sampler(kind).batches(0)
    assert len(batches) == sampler(kind).steps
    for rows in batches:
        assert len(rows) == 8
        assert set(rows) <= set(range(len(LABELS)))


def test_an_epoch_depends_on_seed_and_number_alone(kind):
    first, second = sampler(kind), sampler(kind)
    second.batches(0)
    np.testing.assert_array_equal(first.batches(3), second.batches(3))
    assert not np.array_equal(first.batches(3), first.batches(4))
    assert not np.array_equal(first.batches(3), sampler(kind, seed=1).batches(3))


def test_a_batch_is_no_larger_than_the_data(kind):
    few = sampler(kind, labels=LABELS[:6], categories=CATEGORIES[:6], batch=64)
    assert [len(rows) <= 6 for rows in few.batches(0)] == [True]


def test_plain_shows_every_row_at_most_once():
    rows = np.concatenate(sampler("plain").batches(0))
    assert len(set(rows)) == len(rows) == 32


@pytest.mark.parametrize("kind", ["pk", "category-pk"])
def test_p_by_k_batches_hold_k_different_views_of_each_class(kind):
    for rows in sampler(kind).batches(0):
        _, counts = np.unique(LABELS[rows], return_counts=True)
        assert set(counts) == {2}
        assert len(set(rows)) == len(rows)


def test_category_batches_take_as_many_classes_of_a_rare_category_as_of_a_common_one():
    for rows in sampler("category-pk").batches(0):
        assert np.bincount(CATEGORIES[rows]).tolist() == [4, 4]
    common = np.concatenate([CATEGORIES[rows] for rows in sampler("pk").batches(0)])
    assert (common == 0).mean() > 0.6


def test_what_a_rare_category_has_too_few_classes_for_comes_from_a_common_one():
    for rows in sampler("category-pk", batch=16).batches(0):
        assert np.bincount(CATEGORIES[rows]).tolist() == [12, 4]


def test_one_photo_is_nothing_to_learn_from(kind):
    with pytest.raises(TrainingError, match="two photos"):
        sampler(kind, labels=LABELS[:1], categories=CATEGORIES[:1])


@pytest.mark.parametrize("kind", ["pk", "category-pk"])
def test_items_of_one_view_make_no_pairs(kind):
    with pytest.raises(TrainingError, match="two classes of two photos"):
        sampler(kind, labels=np.arange(20), categories=np.zeros(20, np.int64))


def test_an_unknown_kind_is_an_error_that_names_the_known_ones():
    with pytest.raises(TrainingError) as caught:
        sampler("fair")
    assert "category-pk" in caught.value.hint
