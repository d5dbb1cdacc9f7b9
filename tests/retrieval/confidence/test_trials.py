from __future__ import annotations

import numpy as np
import pytest
from tests.retrieval.confidence.conftest import clustered
from tests.retrieval.conftest import TinyEmbedder

from lookalike.retrieval.confidence import trials as module
from lookalike.retrieval.confidence.trials import NEAR, Manner, ask, askable

CARD = TinyEmbedder().card


def naive(shot, rows: np.ndarray) -> tuple[float, np.ndarray]:
    """Own best score and other items' best scores of one trial, one product at a time."""
    item = int(np.searchsorted(shot.starts, rows[0], side="right") - 1)
    best = np.full(len(shot), -np.inf)
    for place in range(len(shot)):
        for row in range(shot.starts[place], shot.starts[place + 1]):
            if row not in rows:
                best[place] = max(best[place], max(float(shot.matrix[row] @ shot.matrix[q]) for q in rows))
    own, best[item] = best[item], -np.inf
    return own, np.sort(best)[::-1][:NEAR]


@pytest.mark.parametrize("photos", [1, 2])
def test_trials_are_what_a_search_without_the_asked_views_gives(photos):
    shot = clustered(items=24, spread=0.4, views=3)
    trials = ask(shot, CARD, Manner(photos=photos))
    assert trials.rows.shape[1] == photos
    for number in range(0, len(trials), 7):
        own, others = naive(shot, trials.rows[number])
        assert trials.own[number] == pytest.approx(own, abs=1e-6)
        assert trials.others[number] == pytest.approx(others, abs=1e-6)
        assert trials.right[number] == (own > others[0])


def test_no_view_is_asked_twice_and_every_item_asks_as_often():
    trials = ask(clustered(items=30, spread=0.4, views=4), CARD)
    assert len(np.unique(trials.rows)) == len(trials) == 120
    few = ask(clustered(items=30, spread=0.4, views=4), CARD, most=30)
    assert sorted(few.items) == list(range(30))


def test_how_many_are_asked_at_once_changes_no_answer(monkeypatch):
    shot = clustered(items=24, spread=0.4, views=3)
    whole = ask(shot, CARD)
    monkeypatch.setattr(module, "CELLS", 7 * len(shot.matrix))
    parted = ask(shot, CARD)
    assert np.array_equal(parted.rows, whole.rows)
    assert np.array_equal(parted.ahead, whole.ahead)
    assert parted.own == pytest.approx(whole.own, abs=1e-6)
    assert parted.others == pytest.approx(whole.others, abs=1e-6)


def test_only_items_that_keep_a_view_can_be_asked():
    shot = clustered(items=5, spread=0.1, views=2)
    assert len(askable(shot, photos=1)) == 5
    assert len(askable(shot, photos=2)) == 0


def test_with_the_item_there_its_own_score_takes_its_place_among_the_others():
    trials = ask(clustered(items=24, spread=0.2), CARD)
    assert (np.diff(trials.present, axis=1) <= 0).all()
    assert trials.present.shape == trials.absent.shape == (len(trials), NEAR)
    assert trials.present[trials.right, 0] == pytest.approx(trials.own[trials.right])
    assert trials.present[~trials.right, 0] == pytest.approx(trials.others[~trials.right, 0])
