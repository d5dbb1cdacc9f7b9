"""Vectors in one .npz file with the model's card beside it."""

from __future__ import annotations

import numpy as np
import pytest
from tests.conftest import drawn_photo, encoded

from lookalike.catalogue.items import Catalogue, Item, View
from lookalike.embedding.archive import write_archive
from lookalike.embedding.card import Card
from lookalike.embedding.zoo import open_embedder
from lookalike.errors import CatalogueError, SettingsError


@pytest.fixture
def catalogue(tmp_path):
    views = []
    for number in range(3):
        path = tmp_path / f"{number}.png"
        path.write_bytes(encoded(drawn_photo(number)))
        views.append(View(path))
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no photo")
    return Catalogue((Item("cup", (views[0], views[1])), Item("hat", (views[2], View(broken)))))


def test_the_archive_holds_paths_items_and_vectors_and_the_card_lies_beside(catalogue, tmp_path):
    embedder = open_embedder("pixels")
    seen = []
    report = write_archive(
        catalogue, embedder, tmp_path / "out" / "shop.npz", progress=lambda *step: seen.append(step)
    )
    with np.load(report.path, allow_pickle=False) as archive:
        assert archive["items"].tolist() == ["cup", "cup", "hat"]
        assert [path.endswith(f"{n}.png") for n, path in enumerate(archive["paths"])] == [True] * 3
        assert archive["vectors"].shape == (3, embedder.card.width)
        assert np.linalg.norm(archive["vectors"], axis=1) == pytest.approx(1, abs=1e-5)
    assert Card.from_json(report.card_path.read_text()).fingerprint == embedder.card.fingerprint
    assert [failure.reason for failure in report.failed] == ["not_a_photo"]
    assert seen[-1] == (4, 4)


def test_a_catalogue_without_a_usable_photo_writes_nothing(tmp_path):
    catalogue = Catalogue((Item("cup", (View(b"no photo"),)),))
    with pytest.raises(CatalogueError, match="None of the 1 photos"):
        write_archive(catalogue, open_embedder("pixels"), tmp_path / "shop.npz")
    assert not list(tmp_path.iterdir())


def test_a_name_without_the_ending_is_refused(catalogue, tmp_path):
    with pytest.raises(SettingsError, match=r"\.npz"):
        write_archive(catalogue, open_embedder("pixels"), tmp_path / "shop")


def test_a_place_that_cannot_be_written_is_told_before_anything_is_embedded(catalogue, tmp_path):
    (tmp_path / "file").write_text("")
    seen = []
    with pytest.raises(SettingsError, match="cannot be written"):
        write_archive(
            catalogue,
            open_embedder("pixels"),
            tmp_path / "file" / "shop.npz",
            progress=lambda *step: seen.append(step),
        )
    assert not seen
