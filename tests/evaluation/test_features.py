from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from lookalike.catalogue.items import Catalogue, Item, View
from lookalike.catalogue.photos import Photo
from lookalike.catalogue.reading import read_catalogue
from lookalike.embedding.card import Card
from lookalike.embedding.embedder import Embedder
from lookalike.embedding.vectors import Vectors
from lookalike.errors import EvaluationError
from lookalike.evaluation import features
from lookalike.evaluation.evaluated import Evaluated
from lookalike.evaluation.features import embed_catalogue


class Counting(Embedder):
    """The mean colour, and how many photos it was asked for."""

    def __init__(self) -> None:
        self.photos = 0

    @property
    def card(self) -> Card:
        return Card(name="counting", width=4, size_px=8, model_digest="1")

    def _embed(self, photos: Sequence[Photo]) -> np.ndarray:
        self.photos += len(photos)
        means = np.stack([photo.pixels.mean(axis=(0, 1)) for photo in photos])
        return np.concatenate([means, np.ones((len(photos), 1))], axis=1).astype(np.float32)


def test_every_view_gets_its_vector_in_catalogue_order(item_folder: Path):
    catalogue, told = read_catalogue(item_folder), []
    seen = embed_catalogue(catalogue, Counting(), progress=lambda done, total: told.append((done, total)))
    assert [item.id for item in seen.items] == [item.id for item, _ in catalogue.views()]
    assert seen.ids == tuple(view.id for _, view in catalogue.views())
    assert told[-1] == (18, 18)
    again = embed_catalogue(catalogue, Counting())
    assert np.array_equal(seen.matrix, again.matrix)


def test_a_cache_saves_the_work_and_only_for_photos_that_did_not_change(item_folder: Path, tmp_path: Path):
    catalogue = read_catalogue(item_folder)
    first = embed_catalogue(catalogue, Counting(), cache=tmp_path / "cache")
    idle = Counting()
    second = embed_catalogue(catalogue, idle, cache=tmp_path / "cache")
    assert idle.photos == 0
    assert np.array_equal(first.matrix, second.matrix)
    view = catalogue[0].views[0]
    view.path.write_bytes(catalogue[1].views[0].path.read_bytes() + b"\0")
    third = Counting()
    embed_catalogue(read_catalogue(item_folder), third, cache=tmp_path / "cache")
    assert third.photos == 1


def test_what_was_embedded_before_an_interruption_is_not_embedded_again(item_folder: Path, tmp_path: Path):
    catalogue = read_catalogue(item_folder)

    def interrupt(done: int, _: int) -> None:
        if done == 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        embed_catalogue(catalogue, Counting(), cache=tmp_path / "cache", progress=interrupt)
    rest = Counting()
    seen = embed_catalogue(catalogue, rest, cache=tmp_path / "cache")
    assert rest.photos == 18 - 7
    assert np.array_equal(seen.matrix, embed_catalogue(catalogue, Counting()).matrix)


def test_a_kill_costs_only_the_work_since_the_cache_was_last_written(
    item_folder: Path, tmp_path: Path, monkeypatch
):
    monkeypatch.setattr(features, "EVERY_S", 0.0)
    kept = []

    def look(done: int, _: int) -> None:
        (file,) = (tmp_path / "cache").iterdir()
        with np.load(file) as arrays:
            kept.append((done, len(arrays["ids"])))

    embed_catalogue(read_catalogue(item_folder), Counting(), cache=tmp_path / "cache", progress=look)
    assert kept == [(done, done) for done in range(1, 19)]


def test_a_damaged_cache_is_made_again(item_folder: Path, tmp_path: Path):
    catalogue = read_catalogue(item_folder)
    first = embed_catalogue(catalogue, Counting(), cache=tmp_path / "cache")
    (file,) = (tmp_path / "cache").iterdir()
    file.write_bytes(file.read_bytes()[:200])
    assert np.array_equal(
        embed_catalogue(catalogue, Counting(), cache=tmp_path / "cache").matrix, first.matrix
    )


def test_photos_that_cannot_be_used_are_left_out_and_counted(item_folder: Path):
    good = read_catalogue(item_folder)
    bad = Item("bad", (View(b"not a photo"),))
    seen = embed_catalogue(Catalogue((*good.items, bad)), Counting())
    assert len(seen) == 18
    assert seen.without_vector == 1
    with pytest.raises(EvaluationError, match="None of the 1 photos"):
        embed_catalogue(Catalogue((bad,)), Counting())


def test_two_crops_of_one_photo_have_vectors_of_their_own(item_folder: Path, tmp_path: Path):
    path = next(item_folder.rglob("*.png"))
    views = (View(path, crop=(0.0, 0.0, 0.3, 0.3)), View(path, crop=(0.3, 0.3, 0.7, 0.7)))
    catalogue = Catalogue((Item("a", views),))
    for _ in range(2):
        seen = embed_catalogue(catalogue, Counting(), cache=tmp_path / "cache")
        assert not np.array_equal(seen.matrix[0], seen.matrix[1])


def test_vectors_are_matched_to_views_by_photo(item_folder: Path):
    catalogue = read_catalogue(item_folder)
    seen = embed_catalogue(catalogue, Counting())
    some = Vectors(seen.ids[::-1][:10], np.ascontiguousarray(seen.matrix[::-1][:10]), "counting@0")
    matched = Evaluated.of(catalogue, some)
    assert matched.ids == seen.ids[8:]
    assert np.array_equal(matched.matrix, seen.matrix[8:])
    assert matched.without_vector == 8
