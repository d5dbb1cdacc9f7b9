"""Opening a store by its folder alone: the model is the one that it was made with."""

from __future__ import annotations

from dataclasses import replace

import pytest

import lookalike
from lookalike.embedding import zoo
from lookalike.errors import FingerprintMismatch, StoreError
from lookalike.retrieval.opening import open_for_indexing
from lookalike.retrieval.store import Store


def test_photos_are_indexed_and_searched_in_two_lines(item_folder, tmp_path):
    engine = lookalike.index(item_folder, tmp_path / "store", model="descriptor")
    assert len(engine) == 6
    query = next(item_folder.rglob("*.png"))
    ranking = lookalike.open(tmp_path / "store").search(query, k=3)
    assert len(ranking) == 3
    assert ranking[0].path == query
    assert ranking[0].score == pytest.approx(1, abs=1e-4)


def test_a_store_remembers_its_model(tmp_path):
    open_for_indexing(tmp_path / "store", model="histogram")
    assert Store.open(tmp_path / "store").model == "histogram"
    _, embedder = open_for_indexing(tmp_path / "store")
    assert embedder.card.name == "histogram"


def test_another_model_is_refused(tmp_path):
    open_for_indexing(tmp_path / "store", model="histogram")
    with pytest.raises(FingerprintMismatch):
        lookalike.open(tmp_path / "store", model="pixels")
    with pytest.raises(FingerprintMismatch):
        open_for_indexing(tmp_path / "store", model="pixels")


def test_the_default_is_remembered_by_its_own_name(tmp_path):
    store, _ = open_for_indexing(tmp_path / "store")
    assert store.model == zoo.default_embedder_name() != "default"


def test_a_model_folder_is_remembered_wherever_we_are(tmp_path, monkeypatch, embedder):
    (tmp_path / "model").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(zoo, "open_embedder", lambda *_, **__: embedder)
    store, _ = open_for_indexing("store", model="model")
    assert store.model == str(tmp_path / "model")


def test_a_model_that_runs_faster_in_another_precision_is_opened_in_the_stores(
    tmp_path, monkeypatch, embedder, other_embedder
):
    class Elsewhere(type(embedder)):
        @property
        def card(self):
            return replace(embedder.card, precision="bf16")

    opened = []

    def open_embedder(name, *, precision=None):
        opened.append(precision)
        return embedder if precision == "f32" else Elsewhere()

    Store.create(tmp_path / "store", card=embedder.card)
    monkeypatch.setattr(zoo, "open_embedder", open_embedder)
    assert lookalike.open(tmp_path / "store").embedder is embedder
    assert opened == [None, "f32"]


def test_a_missing_store_is_not_made_by_opening(tmp_path):
    with pytest.raises(StoreError):
        lookalike.open(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()
