"""The photos of our own model: sources in one table, splits that never move, pixels decoded once."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from tests.conftest import drawn_photo, encoded

from lookalike.errors import TrainingError
from lookalike.training.own_model.photos import OTHER_SPLITS, open_table

STYLES, COLOURS, VIEWS = 12, 2, 2


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """One of the sources, in its layout: items of one style in several colours."""
    folder = tmp_path_factory.mktemp("data") / "luma"
    folder.mkdir()
    with (folder / "images.csv").open("w", newline="") as file:
        rows = csv.DictWriter(file, ["path", "item_id", "style_id", "category", "view"])
        rows.writeheader()
        for number in range(STYLES * COLOURS):
            for view in range(VIEWS):
                path = f"{number}-{view}.png"
                (folder / path).write_bytes(encoded(drawn_photo(number, size=(20, 24))))
                style = f"style {number // COLOURS}"
                rows.writerow(
                    {"path": path, "item_id": number, "style_id": style, "category": "hat", "view": view}
                )
    return folder.parent


def test_every_photo_is_an_entry_with_its_pixels(data, tmp_path):
    table = open_table(data, tmp_path, size_px=16)
    assert table.pixels.shape == (STYLES * COLOURS * VIEWS, 16, 16, 3)
    assert set(table.column("source")) == {"luma"}
    assert len(set(table.column("item"))) == STYLES * COLOURS


def test_a_style_is_on_one_side_of_every_split(data, tmp_path):
    table = open_table(data, tmp_path, size_px=16)
    groups = table.column("group")
    for split in ("split", *OTHER_SPLITS):
        held = table.held_out(split)
        assert 0 < held.sum() < len(held)
        for group in set(groups):
            assert len(set(held[groups == group])) == 1


def test_splits_differ_from_one_another_and_never_move(data, tmp_path):
    table = open_table(data, tmp_path, size_px=16)
    held = {split: tuple(table.held_out(split)) for split in OTHER_SPLITS}
    assert len(set(held.values())) > 1
    again = open_table(data, tmp_path, size_px=16)
    assert held == {split: tuple(again.held_out(split)) for split in OTHER_SPLITS}


def test_pixels_are_decoded_once(data, tmp_path):
    first = open_table(data, tmp_path, size_px=16)
    (cache,) = tmp_path.glob("photos-16-*.npy")
    written = cache.stat().st_mtime_ns
    again = open_table(data, tmp_path, size_px=16)
    assert cache.stat().st_mtime_ns == written
    assert np.array_equal(first.pixels, again.pixels)


def test_a_folder_without_any_source_is_named(tmp_path):
    with pytest.raises(TrainingError, match="holds none of luma"):
        open_table(tmp_path, tmp_path, size_px=16)
