from __future__ import annotations

import csv

import pytest

from lookalike.demo.rooms import COOL, SCENES, WARM, draw_rooms
from lookalike.errors import CatalogueError


@pytest.fixture
def table(tmp_path):
    """Things of all departments in a warm, a cool and a neutral colour each, two kinds a department."""
    path = tmp_path / "images.csv"
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("path", "item_id", "category", "department", "colour"))
        for department in (one for several in SCENES.values() for one in several):
            for kind in ("a", "b"):
                for colour in ("rust", "navy", "chalk"):
                    item = f"{department}-{kind}-{colour}"
                    rows.writerow((f"{item}.jpg", item, f"{department}-{kind}", department, colour))
    return path


def baskets(path):
    found = {}
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["basket_id"], []).append(row["item_id"].split("-"))
    return found


def test_a_room_holds_different_kinds_of_its_departments_mostly_in_one_mood(table):
    drawn = baskets(draw_rooms(table, baskets=200))
    mixed = 0
    for name, things in drawn.items():
        assert len({(department, kind) for department, kind, _ in things}) == len(things) >= 3
        assert {department for department, _, _ in things} <= set(SCENES[name.partition("-")[0]])
        colours = {colour for _, _, colour in things}
        mixed += bool(colours & WARM) and bool(colours & COOL)
    assert len(drawn) == 200
    assert mixed < 70


def test_the_same_seed_draws_the_same_rooms(table):
    first = draw_rooms(table, seed=3).read_text()
    assert draw_rooms(table, seed=3).read_text() == first
    assert draw_rooms(table, seed=4).read_text() != first


def test_a_table_that_was_not_drawn_is_refused(tmp_path):
    other = tmp_path / "images.csv"
    other.write_text("path,item_id\na.jpg,a\n")
    with pytest.raises(CatalogueError, match="not the table of a drawn catalogue"):
        draw_rooms(other)
