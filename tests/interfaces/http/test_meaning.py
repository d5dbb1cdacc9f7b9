from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from tests.retrieval.confidence.conftest import clustered
from tests.retrieval.conftest import TinyEmbedder

from lookalike.interfaces.http.meaning import Meanings
from lookalike.retrieval.confidence.calibration import calibrate
from lookalike.retrieval.confidence.trials import Manner


@pytest.fixture
def meanings():
    made = Meanings()
    yield made
    made.close()


def test_each_colour_weight_is_calibrated_once(meanings):
    asked = []
    shot = clustered(items=2, spread=0.1)
    for colour in (None, 0.5, 0.501, None):
        meanings.of(shot, Manner(colour), lambda _, manner: asked.append(manner.colour))
    assert asked == [None, 0.5]


def test_after_a_change_the_last_known_meaning_serves_until_the_new_one_is_made(meanings):
    shot, card = clustered(items=60, spread=0.1), TinyEmbedder().card
    first = meanings.of(shot, Manner(), lambda snapshot, manner: calibrate(snapshot, card, manner))
    leave, made = threading.Event(), threading.Event()
    fresh = replace(first, items=59)

    def slowly(_, __):
        assert leave.wait(30)
        made.set()
        return fresh

    changed = replace(shot, version=2)
    assert meanings.of(changed, Manner(), slowly) is meanings.of(changed, Manner(), slowly) is first
    leave.set()
    assert made.wait(30)
    meanings.close()
    assert meanings.of(changed, Manner(), slowly) is fresh
