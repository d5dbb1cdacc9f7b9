"""The front door: any source, found out or told."""

from __future__ import annotations

import pytest

from lookalike.catalogue.reading import LAYOUTS, Columns, read_catalogue
from lookalike.errors import CatalogueError

from .trees import kinds, names, plant


def test_a_table_beside_the_photos_is_read_and_that_is_told(tmp_path):
    plant(tmp_path, ["items/a/1.jpg"])
    (tmp_path / "images.csv").write_text("path,item_id\nitems/a/1.jpg,A\n")
    catalogue = read_catalogue(tmp_path)
    assert names(catalogue) == {"A": ["1.jpg"]}
    assert kinds(catalogue) == ["table_found"]


def test_the_folders_are_read_where_the_layout_says_so(tmp_path):
    plant(tmp_path, ["items/a/1.jpg"])
    (tmp_path / "images.csv").write_text("path,item_id\nitems/a/1.jpg,A\n")
    assert names(read_catalogue(tmp_path, layout="folder")) == {"items/a": ["1.jpg"]}


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("nothing", "does not exist"),
        ("1.jpg", "is one photo"),
        ("all.zip", "is an archive"),
        ("words.pdf", "neither a folder nor a table"),
    ],
)
def test_what_is_no_source_is_an_error_that_says_what_it_is(tmp_path, name, says):
    if name != "nothing":
        plant(tmp_path, [name])
    with pytest.raises(CatalogueError, match=says):
        read_catalogue(tmp_path / name)


def test_an_unknown_layout_is_an_error_that_names_the_known_ones(tmp_path):
    with pytest.raises(CatalogueError, match="There is no layout 'zip'") as caught:
        read_catalogue(tmp_path, layout="zip")
    assert all(layout in caught.value.hint for layout in LAYOUTS)


@pytest.mark.parametrize("layout", ["table", "shopify"])
def test_a_folder_without_a_table_read_as_one_is_an_error(tmp_path, layout):
    with pytest.raises(CatalogueError, match="is a folder"):
        read_catalogue(plant(tmp_path, ["a/1.jpg"]), layout=layout)


def test_a_table_read_as_folders_is_an_error(tmp_path):
    (tmp_path / "list.csv").write_text("path\na.jpg\n")
    with pytest.raises(CatalogueError, match="is no folder"):
        read_catalogue(tmp_path / "list.csv", layout="folder")


def test_a_photos_folder_that_is_not_there_is_an_error(tmp_path):
    (tmp_path / "list.csv").write_text("path\na.jpg\n")
    with pytest.raises(CatalogueError, match="is no folder"):
        read_catalogue(tmp_path / "list.csv", photos=tmp_path / "none")


def test_columns_told_for_a_layout_that_has_its_own_are_an_error(tmp_path):
    with pytest.raises(CatalogueError, match="has columns of its own"):
        read_catalogue(plant(tmp_path, ["a/1.jpg"]), columns=Columns(item="x"))


def test_columns_told_make_a_plain_table_of_what_looks_like_a_feed(tmp_path):
    plant(tmp_path, ["a.jpg"])
    (tmp_path / "list.csv").write_text("id,image_link,item_group_id,color\nx,http://s.test/a.jpg,G,red\n")
    assert read_catalogue(tmp_path / "list.csv")[0].id == "G/red"
    assert read_catalogue(tmp_path / "list.csv", columns=Columns(item="id"))[0].id == "x"
