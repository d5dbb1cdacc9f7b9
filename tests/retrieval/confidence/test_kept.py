from __future__ import annotations

import json

import pytest
from tests.retrieval.confidence.conftest import clustered
from tests.retrieval.conftest import TinyEmbedder

from lookalike.errors import QueryError
from lookalike.retrieval.confidence import kept
from lookalike.retrieval.confidence.kept import FILE, Calibrations
from lookalike.retrieval.confidence.trials import Manner
from lookalike.retrieval.store import Store

CARD = TinyEmbedder().card


@pytest.fixture
def asked(monkeypatch):
    """How often a catalogue was asked, and in which manners."""
    manners = []
    real = kept.calibrate

    def counted(snapshot, card, manner, **options):
        manners.append(manner)
        return real(snapshot, card, manner, **options)

    monkeypatch.setattr(kept, "calibrate", counted)
    return manners


def test_a_catalogue_is_asked_once_and_the_next_process_reads_what_it_said(store, asked):
    shot = clustered(items=40, spread=0.3)
    first = Calibrations(store, CARD).of(shot)
    again = Calibrations(store, CARD)
    assert again.of(shot) == again.of(shot) == first
    assert len(asked) == 1


def test_each_manner_of_asking_has_its_own_calibration_but_for_near_colours(store, asked):
    shot, calibrations = clustered(items=40, spread=0.3, views=3), Calibrations(store, CARD)
    for manner in (Manner(), Manner(0.5), Manner(0.501), Manner(photos=2), Manner(photos=1, pooling="mean")):
        calibrations.of(shot, manner)
    assert asked == [Manner(), Manner(0.5), Manner(photos=2)]


def test_a_catalogue_that_grew_is_asked_again_and_one_item_more_changes_nothing(store, asked):
    calibrations = Calibrations(store, CARD)
    first = calibrations.of(clustered(items=40, spread=0.3))
    assert calibrations.of(clustered(items=41, spread=0.3, version=2)) is first
    assert calibrations.of(clustered(items=60, spread=0.3, version=3)).items == 60
    assert len(asked) == 2


def test_a_damaged_file_is_made_again(store, asked):
    shot = clustered(items=40, spread=0.3)
    Calibrations(store, CARD).of(shot)
    (store.home / FILE).write_text('{"format": 2, "absent_share": 0.5, "known": {"None/1/best": {}}}')
    assert Calibrations(store, CARD).of(shot) is not None
    assert len(asked) == 2
    assert json.loads((store.home / FILE).read_text())["known"]["None/1/best"]["items"] == 40


def test_a_store_that_is_only_read_is_left_as_it_is(store, asked):
    read_only = Store.open(store.folder, read_only=True)
    assert Calibrations(read_only, CARD).of(clustered(items=40, spread=0.3)) is not None
    assert not (store.home / FILE).exists()


def test_the_share_of_absent_things_holds_from_then_on(store):
    shot = clustered(items=40, spread=0.5)
    usual = Calibrations(store, CARD).of(shot)
    Calibrations(store, CARD).renew(shot, absent_share=0.1)
    assert Calibrations(store, CARD).of(shot) != usual
    with pytest.raises(QueryError, match="share of absent"):
        Calibrations(store, CARD).renew(shot, absent_share=1.0)
