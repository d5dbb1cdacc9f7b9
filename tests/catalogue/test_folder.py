"""A folder of photos for each item."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lookalike.catalogue.reading import read_catalogue
from lookalike.errors import CatalogueError

from .trees import JPEG, kinds, names, plant


def test_a_folder_with_photos_is_an_item_and_the_folders_above_are_its_category(tmp_path):
    plant(tmp_path, ["cups/tea/red/1.jpg", "cups/tea/red/2.PNG", "hats/top/a.webp"])
    catalogue = read_catalogue(tmp_path)
    assert names(catalogue) == {"cups/tea/red": ["1.jpg", "2.PNG"], "hats/top": ["a.webp"]}
    assert [item.category for item in catalogue] == ["cups/tea", "hats"]
    assert not catalogue.oddities


def test_items_right_below_the_root_have_no_category(tmp_path):
    catalogue = read_catalogue(plant(tmp_path, ["a/1.jpg", "b/1.jpg"]))
    assert [item.category for item in catalogue] == [None, None]


def test_roles_and_angles_are_told_from_file_names(tmp_path):
    plant(tmp_path, ["mug/0_front.jpg", "mug/az030_el-12.jpg"])
    front, turned = read_catalogue(tmp_path)[0].views
    assert front.role == "front"
    assert (turned.role, turned.azimuth_deg, turned.elevation_deg) == (None, 30.0, -12.0)


def test_loose_photos_in_the_root_are_items_of_their_own_with_one_line(tmp_path):
    catalogue = read_catalogue(plant(tmp_path, ["x.jpg", "y.jpg", "mug/1.jpg"]))
    assert names(catalogue) == {"x.jpg": ["x.jpg"], "y.jpg": ["y.jpg"], "mug": ["1.jpg"]}
    assert kinds(catalogue) == ["loose_photos"]
    assert "2 photos" in str(catalogue.oddities[0])


def test_stray_files_are_left_out_with_a_line_each(tmp_path):
    stray = [
        ".DS_Store",
        "Thumbs.db",
        "a/._1.jpg",
        "a/2.jpg.part",
        "a/~$list.xlsx",
        ".git/x.jpg",
        "__MACOSX/y.jpg",
    ]
    plant(tmp_path, ["a/1.jpg", *stray])
    catalogue = read_catalogue(tmp_path)
    assert names(catalogue) == {"a": ["1.jpg"]}
    assert sorted(kinds(catalogue)) == ["stray_file"] * 7


def test_other_files_are_named_one_by_one(tmp_path):
    plant(tmp_path, ["a/1.jpg"])
    plant(tmp_path, ["a/notes.txt", "readme.md"], b"words ")
    catalogue = read_catalogue(tmp_path)
    assert {(oddity.kind, oddity.where) for oddity in catalogue.oddities} == {
        ("not_a_photo", "a/notes.txt"),
        ("not_a_photo", "readme.md"),
    }


def test_a_photo_without_a_photos_suffix_is_taken_and_told(tmp_path):
    catalogue = read_catalogue(plant(tmp_path, ["a/1.jpg", "a/second", "a/third.data"]))
    assert names(catalogue) == {"a": ["1.jpg", "second", "third.data"]}
    assert kinds(catalogue) == ["wrong_extension"] * 2


def test_a_loop_of_links_ends_and_no_photo_is_read_twice(tmp_path):
    plant(tmp_path, ["a/1.jpg", "b/1.jpg"])
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    (tmp_path / "b" / "other").symlink_to(tmp_path / "a")
    catalogue = read_catalogue(tmp_path)
    assert names(catalogue) == {"a": ["1.jpg"], "b": ["1.jpg"]}
    assert kinds(catalogue) == ["link_ignored"] * 2


def test_a_loop_outside_the_catalogue_ends_too(tmp_path):
    plant(tmp_path, ["home/a/1.jpg", "away/item/1.jpg"])
    (tmp_path / "home" / "linked").symlink_to(tmp_path / "away")
    (tmp_path / "away" / "again").symlink_to(tmp_path / "away")
    catalogue = read_catalogue(tmp_path / "home")
    assert names(catalogue) == {"a": ["1.jpg"], "linked/item": ["1.jpg"]}
    assert kinds(catalogue) == ["folder_twice"]


def test_broken_links_and_pipes_are_left_out_with_a_line_each(tmp_path):
    plant(tmp_path, ["a/1.jpg"])
    (tmp_path / "a" / "gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    os.mkfifo(tmp_path / "a" / "pipe.jpg")
    catalogue = read_catalogue(tmp_path)
    assert names(catalogue) == {"a": ["1.jpg"]}
    assert sorted(kinds(catalogue)) == ["broken_link", "not_a_file"]


@pytest.mark.parametrize(
    ("error", "kind"),
    [(PermissionError(13, "denied"), "unreadable_folder"), (FileNotFoundError(2, "gone"), "vanished")],
)
def test_folders_that_cannot_be_read_or_vanish_are_told_and_the_rest_is_read(
    tmp_path, monkeypatch, error, kind
):
    plant(tmp_path, ["a/1.jpg", "b/1.jpg"])
    scan = os.scandir

    def refuse(path):
        if Path(path).name == "b":
            raise error
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    catalogue = read_catalogue(tmp_path, layout="folder")
    assert names(catalogue) == {"a": ["1.jpg"]}
    assert kinds(catalogue) == [kind]


def test_a_folder_with_photos_above_others_is_told(tmp_path):
    catalogue = read_catalogue(plant(tmp_path, ["cups/1.jpg", "cups/red/1.jpg"]))
    assert set(names(catalogue)) == {"cups", "cups/red"}
    assert kinds(catalogue) == ["item_in_item"]


def test_flat_makes_every_photo_an_item_and_its_folder_the_category(tmp_path):
    plant(tmp_path, ["hat/1.jpg", "hat/2.jpg", "shoe/1.jpg"])
    catalogue = read_catalogue(tmp_path, layout="flat")
    assert [(item.id, item.category) for item in catalogue] == [
        ("hat/1.jpg", "hat"),
        ("hat/2.jpg", "hat"),
        ("shoe/1.jpg", "shoe"),
    ]


def test_folders_of_very_many_photos_hint_at_the_flat_layout(tmp_path):
    plant(tmp_path, [f"{label}/{n}.jpg" for label in ("hat", "shoe") for n in range(51)])
    assert kinds(read_catalogue(tmp_path)) == ["perhaps_flat"]
    plant(tmp_path, ["mug/1.jpg"])
    assert kinds(read_catalogue(tmp_path)) == []


def test_ids_that_differ_in_case_only_are_told(tmp_path):
    assert kinds(read_catalogue(plant(tmp_path, ["Mug/1.jpg", "mug/1.jpg"]))) == ["similar_ids"]


def test_a_name_that_is_not_utf8_gives_an_id_that_can_be_stored(tmp_path):
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    folder.mkdir()
    (folder / "1.jpg").write_bytes(JPEG)
    item = read_catalogue(tmp_path)[0]
    assert item.id == "caf\\xe9"
    assert item.views[0].read() == JPEG


def test_a_folder_without_photos_is_an_error_with_the_next_step(tmp_path):
    plant(tmp_path, ["a/notes.txt"], b"words")
    with pytest.raises(CatalogueError, match="holds no photos") as caught:
        read_catalogue(tmp_path)
    assert "folder of photos" in caught.value.hint


_NAME = st.text(st.sampled_from("abcxyz019 _-é"), min_size=1, max_size=6).map(str.strip).filter(bool)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    tree=st.dictionaries(
        st.tuples(_NAME, _NAME), st.sets(_NAME, min_size=1, max_size=3), min_size=1, max_size=5
    )
)
def test_every_photo_of_a_tree_becomes_one_view_of_its_folders_item(tmp_path_factory, tree):
    root = tmp_path_factory.mktemp("tree")
    wanted = {f"{top}/{item}/{photo}.jpg" for (top, item), photos in tree.items() for photo in photos}
    catalogue = read_catalogue(plant(root, wanted))
    found = [view.path.relative_to(root).as_posix() for _, view in catalogue.views()]
    assert sorted(found) == sorted(wanted)
    assert {item.id for item in catalogue} == {name.rpartition("/")[0] for name in wanted}
