from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from tests.retrieval.conftest import TinyEmbedder
from tests.retrieval.test_calibration import snapshot

from lookalike.interfaces.http import meaning
from lookalike.interfaces.http.meaning import Meanings


@pytest.fixture
def meanings():
    made = Meanings(TinyEmbedder().card)
    yield made
    made.close()


def test_each_colour_weight_is_calibrated_once(tmp_path, monkeypatch, meanings):
    asked = []
    monkeypatch.setattr(meaning, "calibrate", lambda *_, colour: asked.append(colour))
    shot = snapshot(tmp_path, items=2, spread=0.1)
    for colour in (None, 0.5, 0.501, None):
        meanings.of(shot, colour=colour)
    assert asked == [None, 0.5]


def test_after_a_change_the_last_known_meaning_serves_until_the_new_one_is_made(
    tmp_path, monkeypatch, meanings
):
    shot = snapshot(tmp_path, items=60, spread=0.1)
    first = meanings.of(shot)
    leave, made = threading.Event(), threading.Event()
    fresh = replace(first, items=59)

    def slowly(*_, colour):
        assert leave.wait(30)
        made.set()
        return fresh

    monkeypatch.setattr(meaning, "calibrate", slowly)
    changed = replace(shot, version=2)
    assert meanings.of(changed) is meanings.of(changed) is first
    leave.set()
    assert made.wait(30)
    meanings.close()
    assert meanings.of(changed) is fresh
