"""Tables with one row per photo, and the real ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from lookalike.catalogue.reading import Columns, read_catalogue
from lookalike.errors import CatalogueError, MissingExtra

from .trees import kinds, names, plant


def written(root: Path, text: str, name: str = "list.csv", encoding: str = "utf-8") -> Path:
    path = root / name
    path.write_bytes(text.encode(encoding))
    return path


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return plant(tmp_path, [f"p/{name}.jpg" for name in ("a1", "a2", "b1", "c1")])


ROWS = """\
image,sku,view,colour,price,grade
p/a1.jpg,A,main,red,3,1
p/a2.jpg,A,back,red,3,2
p/b1.jpg,B,main,blue,2.5,1
"""


def test_usual_names_are_found_and_columns_become_attributes_of_items_or_views(photos):
    catalogue = read_catalogue(written(photos, ROWS))
    assert names(catalogue) == {"A": ["a1.jpg", "a2.jpg"], "B": ["b1.jpg"]}
    assert dict(catalogue[0].attributes) == {"colour": "red", "price": 3.0}
    assert [view.role for view in catalogue[0].views] == ["front", "back"]
    assert dict(catalogue[0].views[1].attributes) == {"view": "back", "grade": 2}
    assert not catalogue.oddities


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_delimiters_and_marks_make_no_difference(photos, delimiter, encoding):
    text = ROWS.replace(",", delimiter).replace("red", "rosé")
    catalogue = read_catalogue(written(photos, text, encoding=encoding))
    assert names(catalogue) == {"A": ["a1.jpg", "a2.jpg"], "B": ["b1.jpg"]}
    assert catalogue[0].attributes["colour"] == "rosé"
    assert not catalogue.oddities


def test_windows_text_is_read_and_told(photos):
    catalogue = read_catalogue(written(photos, ROWS.replace("red", "rosé"), encoding="cp1252"))
    assert catalogue[0].attributes["colour"] == "rosé"
    assert kinds(catalogue) == ["encoding"]


def test_json_lines_json_and_parquet_say_the_same_as_csv(photos):
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    header, *rows = [line.split(",") for line in ROWS.splitlines()]
    records = [dict(zip(header, row, strict=True)) for row in rows]
    for record in records:
        record.update(price=float(record["price"]), grade=int(record["grade"]))
    sources = [
        written(photos, ROWS),
        written(photos, "\n".join(map(json.dumps, records)), "list.jsonl"),
        written(photos, json.dumps(records), "list.json"),
        photos / "list.parquet",
    ]
    parquet.write_table(arrow.Table.from_pylist(records), sources[3])
    first, *others = (read_catalogue(source) for source in sources)
    assert all(other.items == first.items for other in others)


@pytest.mark.parametrize("name", ["list.jsonl", "list.json"])
def test_attributes_stand_in_the_order_of_the_file_in_every_process(photos, name):
    columns = [f"column_{letter}" for letter in "qwertyuiop"]
    row = {"image": "p/a1.jpg", "sku": "A"} | dict.fromkeys(columns, "x")
    catalogue = read_catalogue(written(photos, json.dumps(row if name.endswith("l") else [row]), name))
    assert list(catalogue[0].attributes) == columns  # in another order each item would count as changed


def test_a_bad_line_of_json_is_left_out_with_a_line(photos):
    text = '{"path": "p/a1.jpg", "item": 7}\nnot json\n[1]\n{"path": "p/b1.jpg", "item": 8, "new": true}\n'
    catalogue = read_catalogue(written(photos, text, "list.jsonl"))
    assert names(catalogue) == {"7": ["a1.jpg"], "8": ["b1.jpg"]}
    assert catalogue[1].attributes["new"] is True
    assert [oddity.where for oddity in catalogue.oddities] == ["list.jsonl:2", "list.jsonl:3"]


def test_parquet_without_the_extra_names_the_install_line(photos, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(MissingExtra, match="parquet"):
        read_catalogue(written(photos, "", "list.parquet"))


def test_columns_are_taken_as_told(photos):
    text = "where,what,kind,az,l,t,r,b\np/a1.jpg,A,cup,30,0.1,0,0.9,1\n"
    told = Columns(path="where", item="what", category="kind", azimuth="az", crop="l,t,r,b")
    item = read_catalogue(written(photos, text), columns=told)[0]
    assert (item.id, item.category, item.views[0].azimuth_deg) == ("A", "cup", 30.0)
    assert item.views[0].crop == (0.1, 0.0, 0.9, 1.0)


@pytest.mark.parametrize(
    "corners", ["left,top,right,bottom", "x_min,y_min,x_max,y_max", "xmin,ymin,xmax,ymax", "x1,y1,x2,y2"]
)
def test_corners_in_four_columns_are_found_by_their_usual_names(photos, corners):
    (item,) = read_catalogue(written(photos, f"path,item,{corners}\np/a1.jpg,A,0.1,0.2,0.9,1\n"))
    assert item.views[0].crop == (0.1, 0.2, 0.9, 1.0)
    assert not item.attributes


def test_an_unknown_column_is_an_error_that_names_those_there_are(photos):
    with pytest.raises(CatalogueError, match=r"no column 'ref'.*image, sku, view"):
        read_catalogue(written(photos, ROWS), columns=Columns(item="ref"))


def test_a_table_without_paths_is_an_error(photos):
    with pytest.raises(CatalogueError, match="no column holds the photos' paths"):
        read_catalogue(written(photos, "sku,colour\nA,red\n"))


@pytest.mark.parametrize("text", ["", "path,item\n", "\n\n"])
def test_a_table_without_rows_is_an_error(photos, text):
    with pytest.raises(CatalogueError, match="holds no rows"):
        read_catalogue(written(photos, text))


@pytest.mark.parametrize(
    ("name", "content"),
    [("x.csv", b"a\0b\0"), ("x.parquet", b"PAR1 no"), ("x.json", b"{"), ("x.json", b'{"a": 1}')],
)
def test_an_unreadable_table_is_an_error_that_names_it(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CatalogueError, match=name):
        read_catalogue(tmp_path / name)


def test_without_an_item_column_each_photo_is_an_item_and_that_is_told(photos):
    catalogue = read_catalogue(written(photos, "file,label\np/a1.jpg,cup\np/b1.jpg,hat\n"))
    assert [(item.id, item.category) for item in catalogue] == [("p/a1.jpg", "cup"), ("p/b1.jpg", "hat")]
    assert catalogue[0].attributes["label"] == "cup"
    assert kinds(catalogue) == ["no_item_column"]


def test_missing_photos_empty_cells_and_items_without_photos_get_a_line_each(photos):
    text = "path,item\np/a1.jpg,A\np/none.jpg,A\np/gone.jpg,G\n,A\np/b1.jpg,\np,A\n"
    catalogue = read_catalogue(written(photos, text))
    assert names(catalogue) == {"A": ["a1.jpg"]}
    told = {(oddity.kind, oddity.where) for oddity in catalogue.oddities}
    assert told == {
        ("missing_photo", "list.csv:3"),
        ("missing_photo", "list.csv:4"),
        ("no_path", "list.csv:5"),
        ("no_id", "list.csv:6"),
        ("unreadable_photo", "list.csv:7"),
        ("no_photos", "G"),
    }


def test_a_photo_named_twice_counts_once_in_an_item_and_stays_in_two_items(photos):
    rows = ["p/a1.jpg,A,1", "p/a1.jpg,A,1", "p/a1.jpg,A,2", "p/a1.jpg,B,1"]
    catalogue = read_catalogue(written(photos, "path,item,note\n" + "\n".join(rows)))
    assert names(catalogue) == {"A": ["a1.jpg"], "B": ["a1.jpg"]}
    assert kinds(catalogue) == ["duplicate_row", "same_photo_twice", "same_path_in_two_items"]


def test_when_no_photo_exists_the_error_tells_where_it_looked_and_what_to_do(tmp_path):
    with pytest.raises(CatalogueError, match="none of the photos") as caught:
        read_catalogue(written(tmp_path, ROWS))
    assert "photos=" in caught.value.hint


def test_paths_start_from_the_photos_folder_where_it_is_told(tmp_path):
    plant(tmp_path / "elsewhere", ["p/a1.jpg", "p/a2.jpg", "p/b1.jpg"])
    assert len(read_catalogue(written(tmp_path, ROWS), photos=tmp_path / "elsewhere")) == 2


def test_paths_may_be_absolute_or_written_with_backslashes(photos):
    catalogue = read_catalogue(written(photos, f"path,item\np\\a1.jpg,A\n{photos}/p/b1.jpg,B\n"))
    assert names(catalogue) == {"A": ["a1.jpg"], "B": ["b1.jpg"]}


@pytest.mark.parametrize(
    "name",
    ["http://[::1/a1.png", "\\\\srv\\" + 5000 * "x", "//"],
    ids=["half an address", "too long a name", "no name"],
)
def test_a_path_that_no_file_can_have_is_a_missing_photo(photos, name):
    catalogue = read_catalogue(written(photos, f"image,sku\n{name},A\np/b1.jpg,B\n"))
    assert names(catalogue) == {"B": ["b1.jpg"]}
    assert {"missing_photo", "unreadable_photo"} & set(kinds(catalogue))


def test_one_slip_does_not_take_the_category_from_every_item(photos):
    catalogue = read_catalogue(
        written(photos, "path,item,category\np/a1.jpg,A,cup\np/a2.jpg,A,cpu\np/b1.jpg,B,hat\n")
    )
    assert [item.category for item in catalogue] == ["cup", "hat"]
    assert kinds(catalogue) == ["category_differs"]


def test_ragged_rows_and_odd_headers_are_told(photos):
    text = "path,item,,item\np/a1.jpg,A,x,y\np/b1.jpg\np/c1.jpg,C,1,2,3\n"
    catalogue = read_catalogue(written(photos, text))
    assert names(catalogue) == {"A": ["a1.jpg"], "C": ["c1.jpg"]}
    assert kinds(catalogue) == ["unnamed_column", "repeated_column", "ragged_row", "ragged_row", "no_id"]


def test_boxes_in_pixels_become_shares_and_bad_ones_are_told(tmp_path):
    Image.new("RGB", (200, 100)).save(tmp_path / "wide.png")
    text = 'path,item,bbox\nwide.png,A,"20,10,120,60"\nwide.png,B,"[5, 5]"\n'
    catalogue = read_catalogue(written(tmp_path, text))
    assert catalogue[0].views[0].crop == (0.1, 0.1, 0.6, 0.6)
    assert catalogue[1].views[0].crop is None
    assert "bad_crop" in kinds(catalogue)


def test_an_angle_that_is_no_number_is_told(photos):
    catalogue = read_catalogue(written(photos, "path,item,azimuth_deg\np/a1.jpg,A,left\np/a2.jpg,A,45\n"))
    assert [view.azimuth_deg for view in catalogue[0].views] == [None, 45.0]
    assert kinds(catalogue) == ["bad_angle"]


@pytest.mark.shared
@pytest.mark.parametrize(
    ("table", "items", "views", "with_several"),
    [
        ("luma", 466, 723, 152),
        ("turntable", 105, 2520, 105),
        ("shop_samples", 100, 125, 18),
        ("clothing", 3845, 3845, 0),
        ("grocery", 2936, 2936, 0),
    ],
)
def test_the_real_tables_open_as_they_are(shared, table, items, views, with_several):
    catalogue = read_catalogue(shared / table / "images.csv")
    assert (len(catalogue), catalogue.view_count) == (items, views)
    assert sum(len(item.views) > 1 for item in catalogue) == with_several
    assert set(kinds(catalogue)) <= {"no_item_column"}


@pytest.mark.shared
def test_grocery_opens_by_its_classes(shared):
    catalogue = read_catalogue(
        shared / "grocery/images.csv", columns=Columns(item="class_id", category="coarse_class")
    )
    assert (len(catalogue), catalogue.view_count) == (81, 2936)
    assert catalogue[0].category == "Apple"
    assert catalogue[0].views[0].attributes["split"] == "train"


@pytest.mark.shared
def test_luma_keeps_its_roles_and_turntable_its_angles(shared):
    luma = read_catalogue(shared / "luma/images.csv")
    assert {"front", "back", "angle"} <= {view.role for _, view in luma.views()}
    assert luma[0].attributes["style_id"] == "lt01"
    angles = {
        (view.azimuth_deg, view.elevation_deg) for _, view in read_catalogue(shared / "turntable").views()
    }
    assert len(angles) == 24
