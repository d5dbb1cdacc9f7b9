"""What the store promises: whole items, one version, and clear words when something is wrong."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lookalike.errors import FingerprintMismatch, LookalikeError, StoreError
from lookalike.retrieval.database import SCHEMA
from lookalike.retrieval.loading import load_snapshot
from lookalike.retrieval.records import StoredItem, StoredView
from lookalike.retrieval.store import Store


def an_item(name: str, views: int = 2, **facts) -> tuple[StoredItem, dict]:
    """An item with random unit vectors."""
    seen = tuple(StoredView(f"{name}-{view}", Path(f"/photos/{name}/{view}.jpg")) for view in range(views))
    rng = np.random.default_rng(abs(hash(name)) % 2**32)
    vectors = rng.standard_normal((views, 20)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    item = StoredItem(name, seen, facts, "test")
    return item, {view.key: vector for view, vector in zip(seen, vectors, strict=True)}


def put(store: Store, *names: str, views: int = 2) -> None:
    with store.writing() as writer:
        for name in names:
            item, vectors = an_item(name, views)
            writer.put([item], vectors)


def test_what_is_put_is_there_after_reopening(store):
    put(store, "mug", "hat")
    snapshot = load_snapshot(Store.open(store.folder))
    assert snapshot.ids == ("hat", "mug")
    assert snapshot.item(1) == an_item("mug")[0]
    assert np.array_equal(snapshot.vectors(1), np.stack(list(an_item("mug")[1].values())))


def test_each_commit_is_a_new_version(store):
    versions = [store.version]
    for name in ("mug", "hat"):
        put(store, name)
        versions.append(store.version)
    assert versions == [0, 1, 2]


def test_an_item_that_lacks_a_vector_leaves_nothing_of_its_batch(store):
    good, vectors = an_item("mug")
    bad, _ = an_item("hat")
    with store.writing() as writer, pytest.raises(StoreError, match="no vector"):
        writer.put([good, bad], vectors)
    assert store.counts().items == 0
    assert store.version == 0


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0, 2.0])
def test_a_vector_that_is_no_unit_vector_is_refused(store, value):
    item, vectors = an_item("mug", 1)
    with store.writing() as writer, pytest.raises(StoreError, match="unit"):
        writer.put([item], {key: np.full(20, value, np.float32) for key in vectors})


def test_a_vector_of_another_width_is_refused(store):
    item, vectors = an_item("mug", 1)
    with store.writing() as writer, pytest.raises(StoreError, match="20 coordinates"):
        writer.put([item], {key: np.ones(1, np.float32) for key in vectors})


def test_a_missing_store_says_how_to_make_one(tmp_path):
    with pytest.raises(StoreError) as error:
        Store.open(tmp_path / "nowhere")
    assert "lookalike index PHOTOS --store" in error.value.hint
    assert not (tmp_path / "nowhere").exists()


def test_a_store_that_is_there_is_not_made_again(store, embedder):
    put(store, "mug")
    with pytest.raises(StoreError, match="already"):
        Store.create(store.folder, card=embedder.card)
    assert store.counts().items == 1


def test_another_model_is_refused_and_both_are_named(store, embedder, other_embedder):
    with pytest.raises(FingerprintMismatch) as error:
        Store.open_or_create(store.folder, card=other_embedder.card)
    assert embedder.card.fingerprint in str(error.value)
    assert other_embedder.card.fingerprint in str(error.value)


def test_a_half_made_store_is_made_again(tmp_path, embedder):
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "store.sqlite").touch()  # killed before its first commit
    with pytest.raises(StoreError, match="no store"):
        Store.open(tmp_path / "store")
    assert Store.open_or_create(tmp_path / "store", card=embedder.card).counts().items == 0


def test_another_programs_database_is_left_alone(tmp_path, embedder):
    path = tmp_path / "store.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="another program"):
        Store.open_or_create(tmp_path, card=embedder.card)
    assert path.read_bytes() == before


def test_a_newer_store_asks_for_an_update(store):
    with sqlite3.connect(store.path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreError, match="newer") as error:
        Store.open(store.folder)
    assert "pip install" in error.value.hint


def test_a_second_writer_is_told_who_holds_the_store(store):
    with store.writing(), pytest.raises(StoreError, match="process") as error, store.writing():
        pass
    import os

    assert str(os.getpid()) in error.value.message
    put(store, "mug")  # the lock is free again


def test_a_damaged_lock_file_keeps_nobody_out(store):
    (store.folder / "writer.lock").write_bytes(b"junk" * 100)
    put(store, "mug")
    assert store.counts().items == 1


def test_a_reader_sees_one_version_while_items_are_removed(store):
    put(store, "mug", "hat")
    with store.reading() as connection:
        (before,) = connection.execute("SELECT count(*) FROM items").fetchone()
        with store.writing() as writer:
            writer.remove(["mug"])
        (after,) = connection.execute("SELECT count(*) FROM items").fetchone()
    assert (before, after) == (2, 2)
    assert store.counts().items == 1


def test_a_store_to_be_read_only_is_not_written(store):
    put(store, "mug")
    reader = Store.open(store.folder, read_only=True)
    load_snapshot(reader)
    assert not (store.folder / "derived").exists()
    with pytest.raises(StoreError, match="read only"), reader.writing():
        pass


def test_removing_an_item_takes_its_photos_along_unless_others_use_them(store):
    item, vectors = an_item("mug")
    with store.writing() as writer:
        writer.put([item, replace(item, id="twin")], vectors)
        assert writer.remove(["mug", "nobody"]) == 1
        assert store.counts() == replace(store.counts(), items=1, views=2, photos=2)
        writer.remove(["twin"])
    assert store.counts().photos == 0


def test_a_full_disk_is_a_clean_error_and_the_old_version_stays(store):
    put(store, "mug")
    with store.writing() as writer:
        (pages,) = writer._connection.execute("PRAGMA page_count").fetchone()
        writer._connection.execute(f"PRAGMA max_page_count = {pages}")
        item, vectors = an_item("hat", 500)
        with pytest.raises(StoreError, match="full") as error:
            writer.put([item], vectors)
    assert "disk space" in error.value.hint
    assert load_snapshot(store).ids == ("mug",)


def test_a_file_that_is_no_database_is_named(store):
    store.path.write_bytes(b"not a database at all" * 1000)
    with pytest.raises(StoreError, match=r"store\.sqlite"):
        Store.open(store.folder)


def test_a_store_cut_or_flipped_anywhere_is_refused_or_reads_as_written(store, tmp_path):
    names = tuple(f"item-{number}" for number in range(30))
    put(store, *names)
    with sqlite3.connect(store.path) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    connection.close()
    sound, truth = store.path.read_bytes(), load_snapshot(store)
    rng = np.random.default_rng(0)
    refused = 0
    for trial in range(120):
        broken = bytearray(sound)
        if trial % 4 == 0:
            del broken[int(rng.integers(len(broken))) :]
        else:
            broken[int(rng.integers(len(broken)))] ^= 1 << int(rng.integers(8))
        folder = tmp_path / f"broken-{trial}"
        folder.mkdir()
        (folder / "store.sqlite").write_bytes(broken)
        try:
            snapshot = load_snapshot(Store.open(folder))
        except LookalikeError:
            refused += 1
            continue
        assert snapshot.ids == truth.ids
        assert np.array_equal(snapshot.matrix, truth.matrix)
        assert all(snapshot.record(place) == truth.record(place) for place in range(len(truth)))
    assert refused > 30


def test_a_damaged_index_leads_no_view_to_another_photo(store):
    put(store, "a", "b", "c")
    truth = load_snapshot(store)
    shutil.rmtree(store.folder / "derived")
    twin = SCHEMA[SCHEMA.index("CREATE TABLE views") : SCHEMA.index("CREATE INDEX")].replace("views", "twin")
    with sqlite3.connect(store.path) as connection:
        connection.execute(twin)
        connection.execute("INSERT INTO twin SELECT * FROM views")
        connection.execute("UPDATE twin SET photo = 1 WHERE item = 2")
        connection.execute("CREATE INDEX of_twin ON twin (photo)")
        connection.execute("PRAGMA writable_schema = ON")
        both = "WHERE name IN ('of_twin', 'views_of_photo')"  # exchanged: each stays in use, one tells lies
        total = f"(SELECT sum(rootpage) FROM sqlite_master {both})"
        connection.execute(f"UPDATE sqlite_master SET rootpage = {total} - rootpage {both}")
    connection.close()
    np.testing.assert_array_equal(load_snapshot(store).matrix, truth.matrix)
