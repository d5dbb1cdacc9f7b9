"""Derived files: believed only when whole and of this very version, rebuilt otherwise."""

from __future__ import annotations

import mmap
import os
import shutil
from dataclasses import replace

import numpy as np
import pytest

from lookalike.errors import StoreError
from lookalike.retrieval import loading, merging
from lookalike.retrieval.database import connect
from lookalike.retrieval.indexing import index_catalogue
from lookalike.retrieval.layered import LayeredMatrix
from lookalike.retrieval.loading import load_snapshot
from lookalike.retrieval.memory import let_go
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


def test_the_first_opening_too_maps_the_vectors_rather_than_holding_them(catalogue, store, embedder):
    index_catalogue(catalogue, store, embedder)
    assert isinstance(_owner(load_snapshot(store).matrix), mmap.mmap)
    assert [path.name for path in (store.folder / "derived").iterdir()] == [f"version-{store.version}"]


def _owner(array: object) -> object:
    return _owner(array.base) if isinstance(array, np.ndarray) else array


def test_a_disk_without_room_for_the_vectors_is_known_before_they_are_written(
    catalogue, store, embedder, monkeypatch
):
    index_catalogue(catalogue, store, embedder)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    assert len(load_snapshot(store)) == 5


def test_a_damaged_store_leaves_no_draft_behind(catalogue, store, embedder):
    index_catalogue(catalogue, store, embedder)
    with connect(store.path) as connection:
        connection.execute("UPDATE photos SET vector = zeroblob(length(vector)) WHERE number = 3")
    with pytest.raises(StoreError, match="not what was written"):
        load_snapshot(store)
    assert list((store.folder / "derived").iterdir()) == []


def test_pages_that_are_handed_back_are_there_again_when_looked_at(home, store):
    matrix = load_snapshot(store).matrix
    before = matrix.copy()
    let_go(matrix)
    let_go(before)  # which is mapped from nowhere
    assert np.array_equal(matrix, before)


@pytest.mark.parametrize("meanwhile", ["added", "removed", "changed", "nothing", "written back"])
def test_a_large_store_that_changed_is_opened_over_its_earlier_files_and_is_what_reading_it_whole_gives(
    home, store, monkeypatch, meanwhile
):
    monkeypatch.setattr(merging, "LAYERED_FROM", 0)
    monkeypatch.setattr(loading, "MOST_CHANGED", 1.0)
    first = load_snapshot(store).item(0)
    with store.writing() as writer:
        if meanwhile == "added":
            writer.put([replace(first, id="new")], {})
        elif meanwhile == "changed":
            writer.put([replace(first, attributes={"price": 3})], {})
        elif meanwhile == "nothing":
            writer.collect()
        else:
            writer.remove([first.id])
        if meanwhile == "written back":
            later = load_snapshot(store).item(1)
            vectors = {view.key: load_snapshot(store).vectors(1)[n] for n, view in enumerate(later.views)}
            writer.put([replace(later, id=first.id)], vectors)
    reads = []
    vectors_read = loading._read_vectors
    monkeypatch.setattr(
        loading,
        "_read_vectors",
        lambda *given, **into: reads.append(len(given[2])) or vectors_read(*given, **into),
    )
    found = load_snapshot(store)
    assert sum(reads) <= 3, "only what differs is read"
    assert isinstance(found.matrix, LayeredMatrix)
    shutil.rmtree(home.parent)
    whole = load_snapshot(store)
    assert (found.ids, found.attributes) == (whole.ids, whole.attributes)
    assert np.array_equal(np.asarray(found.matrix), whole.matrix)
    assert np.array_equal(found.encoded().records, whole.records)


def test_a_large_store_of_which_much_changed_is_laid_out_anew(home, store, monkeypatch):
    monkeypatch.setattr(merging, "LAYERED_FROM", 0)
    with store.writing() as writer:
        writer.remove(["item-0"])
    assert not isinstance(load_snapshot(store).matrix, LayeredMatrix)
    assert [path.name for path in home.parent.iterdir()] == [f"version-{store.version}"]
