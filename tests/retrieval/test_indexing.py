"""Indexing: only what is new or changed is embedded, what is gone goes, nothing is swallowed."""

from __future__ import annotations

import os
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from lookalike.catalogue.items import Catalogue, Item, View
from lookalike.errors import FingerprintMismatch, StoreError
from lookalike.retrieval.indexing import IndexStep, index_catalogue, index_items
from lookalike.retrieval.loading import load_snapshot
from lookalike.retrieval.records import StoredItem
from lookalike.retrieval.store import Store


def stored(store, name: str) -> StoredItem:
    snapshot = load_snapshot(store)
    return snapshot.item(snapshot.places[name])


def test_the_first_run_adds_everything(catalogue, store, embedder):
    report = index_catalogue(catalogue, store, embedder)
    assert (report.added, report.changed, report.unchanged, report.removed) == (5, 0, 0, 0)
    assert report.embedded == embedder.seen == 15
    counts = store.counts()
    assert (counts.items, counts.views, counts.photos) == (5, 15, 15)


def test_unchanged_files_are_not_even_read(catalogue, store, embedder, monkeypatch):
    index_catalogue(catalogue, store, embedder)
    version = store.version
    monkeypatch.setattr("lookalike.embedding.pipeline.read_file", None)
    report = index_catalogue(catalogue, store, embedder)
    assert (report.unchanged, report.embedded) == (5, 0)
    assert store.version == version


def test_a_changed_photo_alone_is_embedded_again(catalogue, store, embedder, photo):
    index_catalogue(catalogue, store, embedder)
    photo("item-3/1.png", 777)
    report = index_catalogue(catalogue, store, embedder)
    assert (report.changed, report.unchanged, report.embedded) == (1, 4, 1)
    assert store.counts().photos == 15  # the old vector is gone


def test_a_touched_or_moved_photo_is_not_embedded_again(catalogue, store, embedder):
    index_catalogue(catalogue, store, embedder)
    touched = catalogue[1].views[0].path
    os.utime(touched, (1, 1))
    old = catalogue[2].views[0].path
    moved = old.rename(old.with_name("moved.png"))
    views = (View(moved, role="front"), *catalogue[2].views[1:])
    changed = replace(
        catalogue, items=(*catalogue[:2], Item("item-2", views, catalogue[2].attributes), *catalogue[3:])
    )
    report = index_catalogue(changed, store, embedder)
    assert (report.embedded, report.changed) == (0, 2)
    assert stored(store, "item-2").views[0].path == moved


def test_new_attributes_are_kept_without_embedding(catalogue, store, embedder):
    index_catalogue(catalogue, store, embedder)
    first = Item("item-0", catalogue[0].views, {"price": 99})
    report = index_catalogue(replace(catalogue, items=(first, *catalogue[1:])), store, embedder)
    assert (report.changed, report.embedded) == (1, 0)
    assert stored(store, "item-0").attributes == {"price": 99}


def test_items_and_views_that_left_the_catalogue_leave_the_store(catalogue, store, embedder):
    index_catalogue(catalogue, store, embedder)
    shorter = Item("item-4", catalogue[4].views[:2], catalogue[4].attributes)
    report = index_catalogue(replace(catalogue, items=(*catalogue[:3], shorter)), store, embedder)
    assert (report.removed, report.changed) == (1, 1)
    assert (store.counts().items, store.counts().photos) == (4, 8)


def test_items_of_another_catalogue_stay(catalogue, store, embedder):
    index_catalogue(replace(catalogue, items=catalogue[:2], source="one"), store, embedder)
    report = index_catalogue(replace(catalogue, items=catalogue[2:], source="two"), store, embedder)
    assert report.removed == 0
    assert store.counts().items == 5


def test_a_bad_photo_is_listed_with_its_reason_and_the_run_goes_on(catalogue, store, embedder):
    catalogue[3].views[1].path.write_bytes(b"no photo at all")
    catalogue[4].views[0].path.unlink()
    report = index_catalogue(catalogue, store, embedder)
    assert [(one.item, one.reason) for one in report.failed] == [
        ("item-3", "not_a_photo"),
        ("item-4", "unreadable"),
    ]
    assert report.added == 5
    assert len(stored(store, "item-3").views) == 3


def test_an_item_whose_photos_all_broke_keeps_what_the_store_has(catalogue, store, embedder):
    index_catalogue(catalogue, store, embedder)
    catalogue[0].views[0].path.write_bytes(b"")
    report = index_catalogue(catalogue, store, embedder)
    assert len(report.failed) == 1
    assert store.counts().items == 5


def failed(store: Store) -> list[tuple[str, str]]:
    return [(one.item, Path(one.photo).name) for one in store.failures()]


def test_the_store_remembers_which_photos_failed_until_they_are_mended_or_gone(
    catalogue, store, embedder, photo
):
    broken, gone = catalogue[3].views[1].path, catalogue[4].views[0].path
    sound = broken.read_bytes()
    broken.write_bytes(b"no photo at all")
    gone.write_bytes(b"")
    index_catalogue(catalogue, store, embedder)
    index_catalogue(replace(catalogue, items=catalogue[:1], source="another"), store, embedder)
    assert failed(Store.open(store.folder)) == [("item-3", broken.name), ("item-4", gone.name)]
    assert store.counts().failed == 2
    assert store.failures()[0].reason == "not_a_photo"
    broken.write_bytes(sound)
    index_catalogue(catalogue, store, embedder)
    assert failed(store) == [("item-4", gone.name)]
    index_catalogue(replace(catalogue, items=catalogue[:4]), store, embedder)
    assert failed(store) == []


def test_a_run_with_the_same_failures_is_no_new_version(catalogue, store, embedder):
    catalogue[3].views[1].path.write_bytes(b"no photo at all")
    index_catalogue(catalogue, store, embedder)
    versions = [store.version]
    with store.writing() as writer:
        writer.note_failures(store.failures(), source=catalogue.source)
    assert [store.version] == versions


def test_an_item_added_by_itself_is_remembered_with_its_bad_photos_if_it_has_good_ones(
    catalogue, store, embedder
):
    half, none = catalogue[3], catalogue[0]
    half.views[1].path.write_bytes(b"no photo at all")
    for view in none.views:
        view.path.write_bytes(b"neither")
    index_items([half, none], store, embedder, source="by hand")
    assert failed(store) == [("item-3", half.views[1].path.name)]
    with store.writing() as writer:
        writer.remove(["item-3"])
    assert failed(store) == []


def test_a_store_of_before_failures_were_kept_has_none_and_takes_them(catalogue, store, embedder):
    with sqlite3.connect(store.path) as connection:
        assert connection.execute("SELECT name FROM sqlite_master WHERE name = 'failures'").fetchall() == []
    index_catalogue(catalogue, store, embedder)
    assert (store.failures(), store.counts().failed) == ((), 0)
    store.check()
    catalogue[3].views[1].path.write_bytes(b"no photo at all")
    index_catalogue(catalogue, store, embedder)
    assert store.counts().failed == 1
    store.check()


def test_a_damaged_failure_is_told(catalogue, store, embedder):
    catalogue[3].views[1].path.write_bytes(b"no photo at all")
    index_catalogue(catalogue, store, embedder)
    with sqlite3.connect(store.path) as connection:
        connection.execute("UPDATE failures SET item = 'item-2'")
    with pytest.raises(StoreError, match="item-2"):
        store.check()


def test_the_same_photo_in_two_items_has_one_vector(catalogue, store, embedder):
    twin = Item("twin", catalogue[0].views)
    index_catalogue(replace(catalogue, items=(*catalogue.items, twin)), store, embedder)
    assert (store.counts().views, store.counts().photos) == (16, 15)


def test_two_crops_of_a_photo_are_two_views(store, embedder, photo):
    path = photo("shelf.png", 1)
    views = (View(path, crop=(0.0, 0.0, 0.5, 1.0)), View(path, crop=(0.5, 0.0, 1.0, 1.0)))
    halves = Catalogue((Item("shelf", views),), source="x")
    index_catalogue(halves, store, embedder)
    assert store.counts().photos == 2
    assert index_catalogue(halves, store, embedder).embedded == 0
    assert [view.crop for view in stored(store, "shelf").views] == [view.crop for view in views]


def test_names_that_are_no_utf8_are_kept(store, embedder, photo):
    odd = Path(os.fsdecode(os.fsencode(photo("plain.png", 1).parent) + b"/\xff.png"))
    photo("plain.png", 1).rename(odd)
    odd_items = Catalogue((Item("odd-\udcff", (View(odd),), {"title": "\udcff"}),), source="x")
    index_catalogue(odd_items, store, embedder)
    assert stored(store, "odd-\\udcff").views[0].path == odd
    assert index_catalogue(odd_items, store, embedder).unchanged == 1


def test_progress_counts_every_view_and_names_what_is_safe(catalogue, store, embedder):
    steps: list[IndexStep] = []
    index_catalogue(catalogue, store, embedder, progress=steps.append)
    assert steps[-1].views_done == steps[-1].views_total == 15
    assert [step.views_done for step in steps] == sorted(step.views_done for step in steps)
    assert sorted(name for step in steps for name in step.items) == [item.id for item in catalogue]


def test_ctrl_c_leaves_a_store_that_is_taken_up_again(catalogue, store, embedder, monkeypatch):
    monkeypatch.setattr("lookalike.retrieval.indexing.ITEMS_PER_COMMIT", 1)

    def interrupt(step: IndexStep) -> None:
        if step.items:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index_catalogue(catalogue, store, embedder, progress=interrupt)
    assert 0 < store.counts().items < 5
    report = index_catalogue(catalogue, store, embedder)
    assert report.added + report.unchanged == 5
    assert report.embedded < 15


def test_another_model_is_refused_before_anything_is_written(catalogue, store, other_embedder):
    with pytest.raises(FingerprintMismatch):
        index_catalogue(catalogue, store, other_embedder)
    assert store.version == 0
    assert other_embedder.seen == 0


def test_a_second_run_at_once_is_refused(catalogue, store, embedder):
    with store.writing(), pytest.raises(StoreError, match="being written by"):
        index_catalogue(catalogue, store, embedder)


def test_the_report_reads_as_json(catalogue, store, embedder):
    import json

    catalogue[0].views[0].path.write_bytes(b"")
    report = json.loads(json.dumps(index_catalogue(catalogue, store, embedder).to_dict()))
    assert report["added"] == 4
    assert report["failed"][0]["reason"] == "empty"
