"""What a cheaper arithmetic costs is measured on the same queries, and half a point is the limit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.training.drawn import drawn_catalogue

from lookalike.embedding.embedder import Embedder
from lookalike.embedding.zoo import open_embedder
from lookalike.evaluation.bootstrap import Difference
from lookalike.evaluation.precision import Cost, costs, table
from lookalike.evaluation.report import Figure


class Coarse(Embedder):
    """An embedder in an arithmetic of one decimal."""

    def __init__(self, fine: Embedder) -> None:
        self.fine = fine

    @property
    def card(self):
        return replace(self.fine.card, precision="int8")

    def _embed(self, photos):
        return np.round(self.fine.encode(photos), 1)


def test_two_arithmetics_are_measured_against_the_first():
    fine = open_embedder("descriptor")
    plain, other = costs(drawn_catalogue(8), fine, [Coarse(fine)])
    assert plain.difference is None
    assert (plain.cosine, plain.times) == (pytest.approx(1), 1)
    assert other.precision == "int8"
    assert 0.5 < other.cosine < 0.999
    assert other.difference is not None
    assert other.difference.value == pytest.approx(other.figure.value - plain.figure.value)
    assert other.times > 0
    assert "less f32" in table([plain, other])


@pytest.mark.parametrize(
    ("loss", "times", "kept"),
    [(-0.004, 1.5, True), (-0.006, 1.5, False), (0.01, 0.9, False), (0.01, 1.2, True)],
)
def test_it_is_worth_it_where_it_is_faster_and_loses_less_than_half_a_point(loss, times, kept):
    figure = Figure("R@1", 0.8, 0.7, 0.9, queries=100, items=50)
    assert Cost("m", "int8", figure, Difference(loss, -1, 1, 1), 0.99, times).worth_it is kept
