"""What only the photos' bytes can tell."""

from __future__ import annotations

from lookalike.catalogue.checks import find_shared_photos, find_wrong_extensions
from lookalike.catalogue.items import Catalogue, Item, View
from lookalike.catalogue.reading import read_catalogue

from .trees import JPEG, PNG, plant


def test_the_same_photo_in_two_items_and_twice_in_one_is_told(tmp_path):
    plant(tmp_path, ["a/1.jpg", "b/1.jpg", "c/3.jpg"])
    for name in ("a/2.jpg", "a/3.jpg", "b/2.jpg"):
        (tmp_path / name).write_bytes(JPEG + b"shared")
    found = find_shared_photos(read_catalogue(tmp_path))
    assert [(oddity.kind, oddity.where) for oddity in found] == [
        ("same_photo_twice", "a"),
        ("same_photo_in_two_items", str(tmp_path / "a/2.jpg")),
    ]
    assert "2 items: a, b" in found[1].message


def test_photos_that_differ_are_not_told(tmp_path):
    assert find_shared_photos(read_catalogue(plant(tmp_path, ["a/1.jpg", "b/1.jpg"]))) == ()


def test_a_photo_that_vanished_is_told_and_the_rest_is_compared(tmp_path):
    catalogue = read_catalogue(plant(tmp_path, ["a/1.jpg", "b/1.jpg"]))
    (tmp_path / "a/1.jpg").unlink()
    assert [oddity.kind for oddity in find_shared_photos(catalogue)] == ["unreadable_photo"]


def test_photos_held_as_bytes_are_compared_too():
    catalogue = Catalogue((Item("a", (View(b"x"),)), Item("b", (View(b"x"),))))
    assert [oddity.kind for oddity in find_shared_photos(catalogue)] == ["same_photo_in_two_items"]


def test_files_that_are_not_what_their_names_say_are_told(tmp_path):
    plant(tmp_path, ["a/right.jpg"])
    plant(tmp_path, ["a/png.jpg"], PNG)
    plant(tmp_path, ["a/text.jpg"], b"words")
    (tmp_path / "a/void.jpg").write_bytes(b"")
    found = {
        oddity.where.rpartition("/")[2]: oddity.kind
        for oddity in find_wrong_extensions(read_catalogue(tmp_path))
    }
    assert found == {"png.jpg": "wrong_extension", "text.jpg": "not_a_photo", "void.jpg": "not_a_photo"}
