from __future__ import annotations

import numpy as np
import pytest

from lookalike.catalogue.items import Item, View
from lookalike.embedding.card import Block, Card
from lookalike.errors import EvaluationError
from lookalike.evaluation.evaluated import Evaluated
from lookalike.evaluation.weighed import by_kind, weighed

PLAIN = Card(name="plain", width=4, size_px=8, model_digest="plain")
CARD = Card(
    name="two",
    width=4,
    size_px=8,
    model_digest="two",
    blocks=(Block("shape", 0, 2, 0.6), Block("colour", 2, 4, 0.8)),
)


@pytest.fixture
def seen() -> Evaluated:
    """A red cup, a blue cup and a red hat."""
    shapes, colours = np.array([[1, 0], [1, 0], [0, 1]]), np.array([[1, 0], [0, 1], [1, 0]])
    matrix = np.concatenate([0.6 * shapes, 0.8 * colours], axis=1).astype(np.float32)
    views = tuple(View(f"{number}.png") for number in range(3))
    items = tuple(Item(str(number), (view,)) for number, view in enumerate(views))
    return Evaluated(items, views, ("a", "b", "c"), matrix, "two@0")


def nearest_to_the_red_cup(seen: Evaluated) -> int:
    return 1 + int((seen.matrix[1:] @ seen.matrix[0]).argmax())


def test_the_dial_decides_between_the_other_cup_and_the_red_hat(seen):
    assert nearest_to_the_red_cup(seen) == 2
    assert nearest_to_the_red_cup(weighed(seen, CARD, colour=0.3)) == 1
    assert nearest_to_the_red_cup(weighed(seen, CARD, colour=0.9)) == 2


def test_maps_and_clusters_show_kinds_unless_told_otherwise(seen):
    assert nearest_to_the_red_cup(by_kind(seen, CARD)) == 1
    assert nearest_to_the_red_cup(by_kind(seen, CARD, colour=0.8)) == 2
    assert by_kind(seen, PLAIN) is seen


def test_figures_of_weighed_vectors_say_so(seen):
    assert weighed(seen, CARD, colour=0.25).fingerprint == "two@0 (colour 0.25)"
    assert weighed(seen, CARD, colour=None) is seen


def test_a_weight_beyond_the_dial_is_refused(seen):
    with pytest.raises(EvaluationError, match=r"The colour weight is 1\.5"):
        weighed(seen, CARD, colour=1.5)
