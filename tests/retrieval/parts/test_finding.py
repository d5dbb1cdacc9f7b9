"""Finding an item in a scene."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from tests.conftest import drawn_photo, encoded

import lookalike
from lookalike.errors import PhotoError, QueryError, SettingsError
from lookalike.interfaces.cli.find import find as find_verb
from lookalike.retrieval.engine import SearchEngine
from lookalike.retrieval.parts.boxes import around, overlaps, unlapped, windows
from lookalike.retrieval.parts.finding import find
from lookalike.retrieval.parts.scene import Looking

QUICK = Looking(scales=(0.6, 0.3), rounds=1, refined=2)

shares = st.floats(0, 1)
boxes = st.tuples(shares, shares, shares, shares).map(
    lambda c: (min(c[0], c[2]), min(c[1], c[3]), max(c[0], c[2]) + 0.01, max(c[1], c[3]) + 0.01)
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory) -> SearchEngine:
    """Six items of one view, by the descriptor: quick."""
    folder = tmp_path_factory.mktemp("finding")
    for item in range(6):
        (folder / "photos" / f"item-{item}").mkdir(parents=True)
        drawn_photo(item, size=(96, 96)).save(folder / "photos" / f"item-{item}" / "front.png")
    return lookalike.index(folder / "photos", folder / "store", model="descriptor")


def scene(*placed: tuple[int, int, int], size: tuple[int, int] = (480, 360)) -> Image.Image:
    """A light ground with items pasted at (item, left, top), each 96 px wide."""
    ground = Image.new("RGB", size, "white")
    for item, left, top in placed:
        ground.paste(drawn_photo(item, size=(96, 96)), (left, top))
    return ground


@pytest.mark.parametrize(("item", "corner"), [(1, (60, 40)), (4, (330, 200))])
def test_the_best_mark_is_where_the_item_is(engine, item, corner):
    picture = encoded(scene((1, 60, 40), (4, 330, 200)))
    best = find(engine, picture, [f"item-{item}"], looking=QUICK).marks[0]
    x, y = (best.box[0] + best.box[2]) / 2 * 480, (best.box[1] + best.box[3]) / 2 * 360
    assert best.item == f"item-{item}"
    assert corner[0] < x < corner[0] + 96
    assert corner[1] < y < corner[1] + 96


def test_without_names_every_item_of_the_store_is_looked_for(engine):
    marks = find(engine, encoded(scene((1, 60, 40), (4, 330, 200))), looking=replace(QUICK, most=2)).marks
    assert {mark.item for mark in marks} == {"item-1", "item-4"}


def test_a_photo_of_the_thing_is_looked_for_too(engine):
    found = find(
        engine, encoded(scene((2, 60, 40), (4, 330, 200))), photos=[encoded(drawn_photo(4))], looking=QUICK
    )
    assert found.marks[0].item == "photo"
    assert found.marks[0].box[0] > 0.5


def test_marks_do_not_lie_on_one_another_and_can_be_drawn(engine, tmp_path):
    found = find(engine, encoded(scene((1, 60, 40), (4, 330, 200))), looking=replace(QUICK, most=8))
    corners = np.array([mark.box for mark in found.marks])
    assert all(overlaps(box, np.delete(corners, n, 0)).max() < 0.6 for n, box in enumerate(corners))
    with Image.open(found.save(tmp_path / "marked.png")) as drawn:
        assert drawn.size == (480, 360)
    assert found.above(2).marks == ()
    with pytest.raises(SettingsError, match="no kind of picture"):
        found.save(tmp_path / "marked.txt")


@pytest.mark.parametrize("size", [(1, 1), (600, 4), (16, 16)])
def test_a_scene_smaller_than_a_window_is_looked_at_as_a_whole(engine, size):
    found = find(engine, encoded(Image.new("RGB", size, "red")), ["item-1"], looking=QUICK)
    assert found.marks
    assert all(0 <= share <= 1 for mark in found.marks for share in mark.box)


def test_an_empty_scene_scores_lower_than_one_with_the_item(engine):
    empty = find(engine, encoded(Image.new("RGB", (300, 300), "white")), ["item-1"], looking=QUICK).marks[0]
    there = find(engine, encoded(scene((1, 60, 40))), ["item-1"], looking=QUICK).marks[0]
    assert empty.score < there.score - 0.1


def test_what_cannot_be_found_is_said(engine):
    picture = encoded(scene((1, 60, 40)))
    with pytest.raises(QueryError, match="no item 'nobody'"):
        find(engine, picture, ["nobody"])
    with pytest.raises(QueryError, match="0 marks"):
        Looking(most=0)
    with pytest.raises(PhotoError):
        find(engine, b"no photo")


def test_the_verb_prints_marks_and_draws_them(engine, tmp_path):
    (tmp_path / "scene.png").write_bytes(encoded(scene((1, 60, 40))))
    given_ = [str(tmp_path / "scene.png"), "--store", str(engine.store.folder), "--item", "item-1"]
    run = CliRunner().invoke(find_verb, [*given_, "--json", "--out", str(tmp_path / "marked.jpg")])
    assert run.exit_code == 0, run.output
    assert json.loads(run.stdout)["marks"][0]["item"] == "item-1"
    assert (tmp_path / "marked.jpg").is_file()
    assert json.loads(run.stdout)["marks"][0]["score"] > 0.8


@given(st.integers(1, 5000), st.integers(1, 5000), st.floats(0.1, 1), st.floats(0.4, 1))
def test_windows_lie_on_the_photo_and_reach_its_edges(width, height, scale, stride):
    made = windows(width, height, scales=[scale], stride=stride)
    assert 1 <= len(made) < 1000
    corners = np.array(made)
    assert corners.min() >= 0
    assert corners.max() <= 1 + 1e-9
    assert corners[:, :2].min() == 0
    assert corners[:, 2:].max() == pytest.approx(1)


@given(boxes, boxes)
def test_overlap_is_the_same_both_ways_and_one_with_itself(one, other):
    there, back = overlaps(one, np.array([other]))[0], overlaps(other, np.array([one]))[0]
    assert there == pytest.approx(back)
    assert 0 <= there <= 1 + 1e-9
    assert overlaps(one, np.array([one]))[0] == pytest.approx(1)


def test_the_better_of_two_nested_boxes_stays():
    found = [(0.0, 0.0, 1.0, 1.0), (0.4, 0.4, 0.6, 0.6), (0.7, 0.7, 0.9, 0.9)]
    assert unlapped(found, [0.5, 0.9, 0.1], most=3, overlap=0.3) == [1, 2]


def test_neighbours_of_a_box_stay_on_the_photo():
    assert all(0 <= share <= 1 for box in around((0.0, 0.9, 0.1, 1.0), shift=0.3, zoom=1.5) for share in box)
