"""Derived files: believed only when whole and of this very version, rebuilt otherwise."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from lookalike.retrieval import loading
from lookalike.retrieval.indexing import index_catalogue
from lookalike.retrieval.loading import load_snapshot
from lookalike.retrieval.store import Store


@pytest.fixture
def home(catalogue, store, embedder):
    """The folder of derived files of a filled store."""
    index_catalogue(catalogue, store, embedder)
    load_snapshot(store)
    (home,) = (store.folder / "derived").iterdir()
    return home


def test_a_second_opening_does_not_read_the_vectors_from_the_store(home, store, monkeypatch):
    before = load_snapshot(store)
    monkeypatch.setattr(loading, "_read_vectors", None)
    again = load_snapshot(store)
    assert np.array_equal(again.matrix, before.matrix)
    assert again.ids == before.ids
    assert [again.item(place) for place in range(5)] == [before.item(place) for place in range(5)]


def test_damaged_files_are_rebuilt(home, store):
    truth = load_snapshot(store)
    rng = np.random.default_rng(0)
    for path in sorted(home.iterdir()):
        content = path.read_bytes()
        places = rng.integers(len(content), size=4)
        broken = [content[: len(content) // 2], b"", *(_flipped(content, place) for place in places)]
        for damage in broken:
            home.mkdir(exist_ok=True)
            path.write_bytes(damage)
            found = load_snapshot(store)
            assert np.array_equal(found.matrix, truth.matrix)
            assert [found.record(place) for place in range(5)] == [truth.record(place) for place in range(5)]


def _flipped(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 4]) + content[place + 1 :]


def test_files_of_an_older_version_are_not_used_and_go(home, store):
    with store.writing() as writer:
        writer.remove(["item-0"])
    assert "item-0" not in load_snapshot(store).ids
    assert [path.name for path in home.parent.iterdir()] == [f"version-{store.version}"]


def test_files_of_another_store_are_not_used(home, store, embedder, tmp_path):
    other = Store.create(tmp_path / "other", card=embedder.card)
    while other.version < store.version:
        with other.writing() as writer:
            writer.collect()
    shutil.copytree(home.parent, other.folder / "derived")
    assert len(load_snapshot(other)) == 0


def test_deleting_them_loses_nothing(home, store):
    ids = load_snapshot(store).ids
    shutil.rmtree(home.parent)
    assert load_snapshot(store).ids == ids


def test_a_disk_that_takes_no_derived_files_is_no_trouble(catalogue, store, embedder, monkeypatch):
    index_catalogue(catalogue, store, embedder)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    assert len(load_snapshot(store)) == 5
    assert list((store.folder / "derived").iterdir()) == []
