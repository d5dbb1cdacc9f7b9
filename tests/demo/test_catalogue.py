"""The catalogue on disk: whole items, a table that matches them, resumption, and plain errors."""

from __future__ import annotations

import csv

import pytest
from PIL import Image

from lookalike.demo.catalogue import COLUMNS, Recipe, draw_catalogue
from lookalike.errors import CatalogueError, SettingsError

SMALL = Recipe(items=3, views=3, size_px=32)


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "shop"
    draw_catalogue(folder, SMALL)
    return folder


def test_every_row_names_a_photo_of_the_asked_size_and_every_photo_has_a_row(drawn):
    with (drawn / "images.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert {drawn / row["path"] for row in rows} == set(drawn.glob("items/*/*.jpg"))
    assert len(rows) == 9
    for row in rows:
        with Image.open(drawn / row["path"]) as picture:
            assert picture.size == (32, 32)
        assert row["view"] in row["path"]
        assert float(row["price"]) > 0
        assert -180 <= float(row["azimuth_deg"]) <= 180


def test_the_same_recipe_draws_the_same_bytes_with_one_process_or_two(drawn, tmp_path):
    draw_catalogue(tmp_path / "again", SMALL, processes=2)
    assert contents(tmp_path / "again") == contents(drawn)


def test_a_stopped_run_goes_on_and_ends_the_same(drawn, tmp_path):
    class Stopped(Exception):
        pass

    def stop(done, total):
        raise Stopped

    with pytest.raises(Stopped):
        draw_catalogue(tmp_path / "shop", SMALL, progress=stop)
    assert not (tmp_path / "shop" / "images.csv").exists()
    (tmp_path / "shop" / "items" / ".mug-0001.77.part").mkdir()
    steps = []
    draw_catalogue(tmp_path / "shop", SMALL, progress=lambda done, total: steps.append((done, total)))
    assert steps == [(2, 3), (3, 3)]
    assert contents(tmp_path / "shop") == contents(drawn)
    assert not list((tmp_path / "shop" / "items").glob(".*"))


def test_a_whole_catalogue_is_not_drawn_again(drawn):
    steps = []
    before = {path: path.stat().st_mtime_ns for path in drawn.glob("items/*/*.jpg")}
    draw_catalogue(drawn, SMALL, progress=lambda done, total: steps.append(done))
    assert steps == []
    assert before == {path: path.stat().st_mtime_ns for path in drawn.glob("items/*/*.jpg")}


def test_another_recipe_replaces_the_photos(tmp_path):
    draw_catalogue(tmp_path / "shop", Recipe(items=2, views=1, size_px=16))
    draw_catalogue(tmp_path / "shop", Recipe(items=1, views=2, size_px=16))
    assert sorted(p.name for p in tmp_path.glob("shop/items/*/*")) == ["00_front.jpg", "01_room.jpg"]


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path):
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(CatalogueError, match="not empty"):
        draw_catalogue(tmp_path, SMALL)
    assert [p.name for p in tmp_path.iterdir()] == ["letter.txt"]


def test_a_folder_that_cannot_be_made_is_a_plain_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CatalogueError, match="cannot be written"):
        draw_catalogue(tmp_path / "file" / "shop", SMALL)


@pytest.mark.parametrize("wrong", [{"items": 0}, {"views": 0}, {"size_px": 4}, {"seed": -1}])
def test_numbers_out_of_range_are_refused(wrong):
    with pytest.raises(SettingsError, match=next(iter(wrong))):
        Recipe(**wrong)
