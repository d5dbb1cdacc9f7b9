"""The published layouts of Stanford Online Products and DeepFashion In-shop, on small trees."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lookalike.catalogue.reading import read_catalogue
from lookalike.errors import CatalogueError

from .trees import kinds, names, plant

HEADER = "image_id class_id super_class_id path\n"


@pytest.fixture
def stanford(tmp_path: Path) -> Path:
    paths = ["bicycle_final/11_0.JPG", "bicycle_final/11_1.JPG", "lamp_final/22_0.JPG", "lamp_final/33_0.JPG"]
    plant(tmp_path, paths)
    (tmp_path / "Ebay_train.txt").write_text(f"{HEADER}1 1 1 {paths[0]}\n2 1 1 {paths[1]}\n")
    (tmp_path / "Ebay_test.txt").write_text(f"{HEADER}3 2 7 {paths[2]}\n4 3 7 {paths[3]}\n")
    (tmp_path / "Ebay_info.txt").write_text(f"{HEADER}1 1 1 {paths[0]}\n")
    return tmp_path


@pytest.mark.parametrize("source", [".", "Ebay_train.txt"])
def test_stanford_online_products_opens_by_its_lists(stanford, source):
    catalogue = read_catalogue(stanford / source)
    assert names(catalogue) == {"1": ["11_0.JPG", "11_1.JPG"], "2": ["22_0.JPG"], "3": ["33_0.JPG"]}
    assert [item.category for item in catalogue] == ["bicycle", "lamp", "lamp"]
    assert [view.attributes["split"] for _, view in catalogue.views()] == ["train", "train", "test", "test"]
    assert catalogue[2].attributes["super_class_id"] == 7
    assert not catalogue.oddities


def test_the_info_list_serves_where_the_split_lists_are_absent(stanford):
    (stanford / "Ebay_train.txt").unlink()
    (stanford / "Ebay_test.txt").unlink()
    assert "split" not in read_catalogue(stanford)[0].views[0].attributes


def test_a_malformed_list_is_an_error_that_names_the_line(stanford):
    (stanford / "Ebay_test.txt").write_text(f"{HEADER}3 2 lamp\n")
    with pytest.raises(CatalogueError, match=r"Ebay_test.txt: line 2 has 3 words"):
        read_catalogue(stanford)


def test_a_list_with_letters_for_numbers_is_an_error(stanford):
    (stanford / "Ebay_test.txt").write_text(f"{HEADER}x 2 7 lamp_final/22_0.JPG\n")
    with pytest.raises(CatalogueError, match="'x' is no number"):
        read_catalogue(stanford)


@pytest.fixture
def in_shop(tmp_path: Path) -> Path:
    rows = [
        ("img/WOMEN/Dresses/id_00000002/02_1_front.jpg", "id_00000002", "train"),
        ("img/WOMEN/Dresses/id_00000002/02_3_back.jpg", "id_00000002", "train"),
        ("img/MEN/Denim/id_00000080/01_1_front.jpg", "id_00000080", "query"),
        ("img/MEN/Denim/id_00000080/01_7_additional.jpg", "id_00000080", "gallery"),
    ]
    plant(tmp_path, [name for name, _, _ in rows])
    (tmp_path / "Eval").mkdir()
    lines = "".join(f"{name}      {item}   {split}\n" for name, item, split in rows)
    (tmp_path / "Eval/list_eval_partition.txt").write_text(
        f"4\nimage_name item_id evaluation_status\n{lines}"
    )
    return tmp_path


@pytest.mark.parametrize("source", [".", "Eval/list_eval_partition.txt"])
def test_in_shop_keeps_split_role_colour_and_category(in_shop, source):
    catalogue = read_catalogue(in_shop / source)
    assert {item.id: item.category for item in catalogue} == {
        "id_00000002": "WOMEN/Dresses",
        "id_00000080": "MEN/Denim",
    }
    views = [view for _, view in catalogue.views()]
    assert [view.attributes["split"] for view in views] == ["train", "train", "query", "gallery"]
    assert [view.role for view in views] == ["front", "back", "front", "additional"]
    assert [view.attributes["variant"] for view in views] == [2, 2, 1, 1]


def test_in_shop_annotations_name_items_without_photos_and_colours(in_shop):
    (in_shop / "Anno").mkdir()
    (in_shop / "Anno/list_item_inshop.txt").write_text(
        "2\nitem_id\nid_00000002\nid_00000099\n".replace("item_id\n", "")
    )
    described = [{"item": "id_00000002", "color": "Cream", "description": ["soft"]}]
    (in_shop / "Anno/list_description_inshop.json").write_text(json.dumps(described))
    catalogue = read_catalogue(in_shop)
    assert catalogue[0].attributes["colour"] == "Cream"
    assert kinds(catalogue) == ["unknown_id", "no_photos"]
    assert catalogue.oddities[1].where == "id_00000099"


def test_damaged_descriptions_are_an_error(in_shop):
    plant(in_shop, ["Anno/list_description_inshop.json"], b'{"a": ')
    with pytest.raises(CatalogueError, match="list_description_inshop"):
        read_catalogue(in_shop)


def test_in_shop_photos_may_lie_in_img_or_elsewhere(in_shop):
    (in_shop / "Img").mkdir()
    (in_shop / "img").rename(in_shop / "Img/img")
    assert len(read_catalogue(in_shop)) == 2
    (in_shop / "Img").rename(in_shop.parent / f"{in_shop.name}-photos")
    assert len(read_catalogue(in_shop, photos=in_shop.parent / f"{in_shop.name}-photos")) == 2


def test_a_chosen_benchmark_without_its_lists_is_an_error(tmp_path):
    plant(tmp_path, ["a/1.jpg"])
    for layout in ("in-shop", "stanford-online-products"):
        with pytest.raises(CatalogueError, match="cannot be read"):
            read_catalogue(tmp_path, layout=layout)
