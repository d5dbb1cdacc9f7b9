"""A model is changed beside the one that answers: old or new at every moment, never both, and a way back."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from tests.retrieval.conftest import TinyEmbedder, draw

from lookalike.catalogue.items import Catalogue, Item, View
from lookalike.errors import FingerprintMismatch, StoreError
from lookalike.retrieval import embedders
from lookalike.retrieval.engine import SearchEngine
from lookalike.retrieval.indexing import index_catalogue
from lookalike.retrieval.loading import load_snapshot
from lookalike.retrieval.store import FILE_NAME, Store, holds_store
from lookalike.retrieval.upgrade import following, upgrading
from lookalike.retrieval.upgrade.upgrading import Upgrade
from lookalike.retrieval.versions import POINTER, Pointer, read_pointer, write_pointer


class MirrorEmbedder(TinyEmbedder):
    """Another model of the same width: the tiny one's coordinates, last first."""

    def __init__(self) -> None:
        super().__init__("mirror", blocks=False)

    def _embed(self, photos):
        return np.ascontiguousarray(super()._embed(photos)[:, ::-1])


@pytest.fixture
def new():
    return MirrorEmbedder()


@pytest.fixture(autouse=True)
def models(embedder, new, monkeypatch):
    """What can be opened by name."""
    known = {"tiny": embedder, "mirror": new}
    monkeypatch.setattr("lookalike.embedding.zoo.open_embedder", lambda name, **_: known[name])
    return known


@pytest.fixture
def folder(store, catalogue, embedder):
    """A store of five items under the tiny model."""
    index_catalogue(catalogue, store, embedder)
    return store.folder


def content(store):
    snapshot = load_snapshot(store)
    return {name: snapshot.record(place).checksum for place, name in enumerate(snapshot.ids)}


def add(folder, name, seed, embedder):
    photo = draw(folder.parent / "photos" / f"{name}.png", seed)
    return SearchEngine(embedder, Store.open(folder)).add(Item(name, (View(photo),)))


def test_the_new_version_is_filled_while_the_old_one_answers(folder, embedder, new):
    engine = SearchEngine(embedder, Store.open(folder))
    done = Upgrade(folder).start(new, "mirror")
    assert (done.items, done.embedded, done.missing) == (5, 15, ())
    assert Store.open(folder).fingerprint == embedder.card.fingerprint
    assert not engine.refresh()
    _, prepared = Upgrade(folder).both()
    assert content(prepared) == content(Store.open(folder))
    assert prepared.fingerprint == new.card.fingerprint


def test_a_switch_changes_model_and_vectors_together_and_a_running_engine_follows(folder, embedder, new):
    engine = SearchEngine(embedder, Store.open(folder))
    upgrade = Upgrade(folder)
    upgrade.start(new, "mirror")
    upgrade.switch()
    assert engine.serving.store.fingerprint == embedder.card.fingerprint  # until it looks
    assert engine.refresh()
    assert engine.embedder is new
    assert engine.snapshot.fingerprint == new.card.fingerprint
    query = folder.parent / "photos" / "item-3" / "1.png"
    found = engine.search(query, k=1)
    assert (found[0].item, found.fingerprint) == ("item-3", new.card.fingerprint)
    assert found[0].score == pytest.approx(1, abs=1e-5)


def test_an_answer_never_mixes_a_query_of_one_model_with_vectors_of_another(folder, embedder, new):
    engine = SearchEngine(embedder, Store.open(folder))
    old = engine.snapshot.vectors(0)
    query = _asking(engine)
    upgrade = Upgrade(folder)
    upgrade.start(new, "mirror")
    upgrade.switch()
    engine.refresh()
    with pytest.raises(FingerprintMismatch):
        engine.search_embedded(query, old, made_by=embedder.card.fingerprint)


def _asking(engine):
    from lookalike.retrieval.query import Query

    return Query(items=(engine.snapshot.ids[0],))


def test_what_changes_meanwhile_is_caught_up_with_at_the_switch(folder, embedder, new):
    upgrade = Upgrade(folder)
    upgrade.start(new, "mirror")
    add(folder, "late", 900, embedder)
    SearchEngine(embedder, Store.open(folder)).remove(["item-1"])
    assert upgrade.state().prepared.behind == 2
    seen = new.seen
    upgrade.switch()
    assert new.seen == seen + 1, "only the late photo is embedded"
    assert content(Store.open(folder)).keys() == {"item-0", "item-2", "item-3", "item-4", "late"}


def test_going_back_brings_the_old_model_and_keeps_what_was_added_since(folder, embedder, new):
    upgrade = Upgrade(folder)
    upgrade.start(new, "mirror")
    upgrade.switch()
    add(folder, "later", 901, new)
    seen = embedder.seen
    upgrade.rollback()
    assert embedder.seen == seen + 1
    back = Store.open(folder)
    assert back.fingerprint == embedder.card.fingerprint
    assert "later" in content(back)
    assert upgrade.state().prepared.fingerprint == new.card.fingerprint
    upgrade.switch()  # and forth again
    assert Store.open(folder).fingerprint == new.card.fingerprint


def test_a_run_that_was_stopped_is_taken_up_where_it_was(folder, new, monkeypatch):
    monkeypatch.setattr(following, "ITEMS_PER_COMMIT", 1)
    seen = 0

    def stop(done, total):
        if done >= 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Upgrade(folder).start(new, "mirror", progress=stop)
    state = Upgrade(folder).state()
    assert 0 < state.prepared.items < 5
    seen = new.seen
    Upgrade(folder).start(new, "mirror")
    assert new.seen - seen < 15
    assert Upgrade(folder).state().prepared.behind == 0


def test_photos_that_are_gone_are_listed_and_a_switch_without_them_must_be_asked_for(folder, new):
    (folder.parent / "photos" / "item-2" / "0.png").unlink()
    shutil.rmtree(folder.parent / "photos" / "item-0")
    draw(folder.parent / "photos" / "item-4" / "4.png", 777)  # another photo in its place
    upgrade = Upgrade(folder)
    done = upgrade.start(new, "mirror")
    assert [(one.item, one.reason) for one in done.missing] == [
        ("item-0", "unreadable"),
        ("item-2", "unreadable"),
        ("item-4", "changed"),
    ]
    with pytest.raises(StoreError, match="3 photos could not be embedded") as refused:
        upgrade.switch()
    assert "--without-missing" in refused.value.hint
    assert Store.open(folder).fingerprint.startswith("tiny")
    upgrade.switch(without_missing=True)
    assert content(Store.open(folder)).keys() == {"item-1", "item-2", "item-3", "item-4"}
    upgrade.rollback(without_missing=True)


def test_without_any_photo_nothing_is_switched(folder, new):
    shutil.rmtree(folder.parent / "photos")
    with pytest.raises(StoreError, match="None of the 15 photos can be read"):
        Upgrade(folder).start(new, "mirror")
    with pytest.raises(StoreError):
        Upgrade(folder).switch(without_missing=True)
    assert Store.open(folder).fingerprint.startswith("tiny")


def test_the_model_that_answers_and_a_third_one_are_refused(folder, embedder, new):
    upgrade = Upgrade(folder)
    with pytest.raises(StoreError, match="already"):
        upgrade.start(embedder, "tiny")
    for step in (upgrade.switch, upgrade.rollback, upgrade.both):
        with pytest.raises(StoreError, match="no version") as none:
            step()
        assert "upgrade start" in none.value.hint
    upgrade.start(new, "mirror")
    with pytest.raises(StoreError, match="is under way"):
        upgrade.start(TinyEmbedder("third"), "third")


def test_a_model_that_cannot_be_opened_is_not_switched_to(folder, new, models):
    upgrade = Upgrade(folder)
    upgrade.start(new, "mirror")
    models["mirror"] = TinyEmbedder("an impostor")
    with pytest.raises(FingerprintMismatch):
        upgrade.switch()
    assert Store.open(folder).fingerprint.startswith("tiny")


def test_a_damaged_version_is_not_switched_to(folder, new):
    upgrade = Upgrade(folder)
    upgrade.start(new, "mirror")
    _, prepared = upgrade.both()
    damaged = bytearray(prepared.path.read_bytes())
    damaged[len(damaged) // 2 :: 997] = bytes(len(damaged[len(damaged) // 2 :: 997]))
    for end in ("-wal", "-shm"):
        prepared.path.with_name(FILE_NAME + end).unlink(missing_ok=True)
    prepared.path.write_bytes(damaged)
    with pytest.raises(StoreError, match="damaged"):
        upgrade.switch()
    assert Store.open(folder).fingerprint.startswith("tiny")


def test_who_opened_the_store_before_the_switch_writes_nothing_into_the_old_version(folder, embedder, new):
    stale = SearchEngine(embedder, Store.open(folder))
    upgrade = Upgrade(folder)
    upgrade.start(new, "mirror")
    upgrade.switch()
    with pytest.raises(StoreError, match="another model's version"):
        stale.remove(["item-1"])
    stale.refresh()
    assert stale.remove(["item-1"]) == 1


def test_a_writer_at_work_holds_the_switch_off(folder, new):
    upgrade = Upgrade(folder)
    upgrade.start(new, "mirror")
    with Store.open(folder).writing(), pytest.raises(StoreError, match="is being written by"):
        upgrade.switch()
    upgrade.switch()


def test_a_full_disk_leaves_the_old_version_and_a_run_to_go_on_with(folder, new, monkeypatch):
    from lookalike.retrieval.writing import Writer

    put, room = Writer.put, [2]

    def full(self, items, vectors):
        room[0] -= 1
        if room[0] < 0:
            raise StoreError("the disk is full", hint="Free some.")
        put(self, items, vectors)

    monkeypatch.setattr(following, "ITEMS_PER_COMMIT", 1)
    monkeypatch.setattr(Writer, "put", full)
    with pytest.raises(StoreError, match="full"):
        Upgrade(folder).start(new, "mirror")
    assert len(SearchEngine(TinyEmbedder(), Store.open(folder))) == 5
    monkeypatch.setattr(Writer, "put", put)
    Upgrade(folder).start(new, "mirror")
    Upgrade(folder).switch()
    assert Store.open(folder).fingerprint == new.card.fingerprint


def test_a_pointer_that_cannot_be_written_leaves_the_old_version(folder, new, monkeypatch):
    upgrade = Upgrade(folder)
    upgrade.start(new, "mirror")

    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("lookalike.atomic.os.fsync", refuse)
    with pytest.raises(StoreError, match="cannot be written"):
        upgrade.switch()
    monkeypatch.undo()
    assert Store.open(folder).fingerprint.startswith("tiny")
    assert not list(folder.glob("draft-*"))


def test_dropping_leaves_only_the_version_that_answers(folder, new):
    upgrade = Upgrade(folder)
    upgrade.start(new, "mirror")
    upgrade.switch()
    kept = content(Store.open(folder))
    assert upgrade.drop() > 0
    assert not (folder / FILE_NAME).exists()
    assert holds_store(folder)
    assert content(Store.open(folder)) == kept
    with pytest.raises(StoreError, match="no version to go back to"):
        upgrade.rollback()


def test_photos_that_came_as_bytes_are_embedded_from_the_stores_own_copies(tmp_path, embedder, new):
    store = Store.create(tmp_path / "kept", card=embedder.card)
    photo = draw(tmp_path / "one.png", 5).read_bytes()
    index_catalogue(Catalogue((Item("one", (View(photo),)),), source="sent"), store, embedder)
    upgrade = Upgrade(store.folder)
    assert upgrade.start(new, "mirror").missing == ()
    upgrade.switch()
    snapshot = load_snapshot(Store.open(store.folder))
    assert snapshot.item(0).views[0].path.is_file()
    SearchEngine(new, Store.open(store.folder)).remove(["one"])
    assert not list((store.folder / "photos").iterdir())


@pytest.mark.parametrize(
    "text",
    ["", "{}", "null", '{"format": 1, "serving": "../../etc", "before": null, "prepared": null}',
     '{"format": 2, "serving": ".", "before": null, "prepared": null}',
     '{"format": 1, "serving": ".", "before": ".", "prepared": null}',
     '{"format": 1, "serving": "models/..", "before": null, "prepared": null}',
     '{"format": 1, "serving": ".", "before": 5, "prepared": null}'],
)  # fmt: skip
def test_a_damaged_pointer_is_refused_by_name(folder, text):
    (folder / POINTER).write_text(text)
    with pytest.raises(StoreError, match=POINTER):
        Store.open(folder)


def test_a_pointer_is_read_as_it_was_written(tmp_path):
    assert read_pointer(tmp_path) == Pointer()
    pointer = Pointer("models/new-1", ".", None)
    write_pointer(tmp_path, pointer)
    assert read_pointer(tmp_path) == pointer


def test_a_store_of_one_model_is_opened_with_the_embedder_at_hand(folder, embedder):
    assert embedders.embedder_of(Store.open(folder), known=embedder) is embedder
    assert upgrading.Upgrade(folder).state().before is None
