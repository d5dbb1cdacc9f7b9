"""Shopify's product CSV."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from lookalike.catalogue.reading import read_catalogue
from lookalike.errors import CatalogueError

from .trees import kinds, names, plant

HEADER = (  # noqa: SIM905 (as it stands in an export)
    "Handle,Title,Vendor,Type,Tags,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant Price,"
    "Image Src,Image Position,Image Alt Text,Variant Image"
).split(",")
CDN = "https://cdn.shopify.com/s/files/1/products/"


def export(root: Path, *rows: dict[str, str], header: list[str] = HEADER) -> Path:
    path = root / "products_export.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, header, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def image(name: str) -> str:
    return f"{CDN}{name}?v=1571438"


def test_a_product_of_one_look_is_an_item_with_its_images_in_position_order(tmp_path):
    plant(tmp_path, ["pics/mug-2.jpg", "pics/mug-1.jpg"])
    table = export(
        tmp_path,
        {"Handle": "mug", "Title": "Mug", "Type": "Cups", "Variant Price": "12.50", "Option1 Name": "Size",
         "Option1 Value": "S", "Image Src": image("mug-2.jpg"), "Image Position": "2"},
        {"Handle": "mug", "Option1 Value": "L", "Image Src": image("mug-1.jpg"), "Image Position": "1",
         "Image Alt Text": "Mug, back"},
    )  # fmt: skip
    catalogue = read_catalogue(table)
    assert names(catalogue) == {"mug": ["mug-1.jpg", "mug-2.jpg"]}
    assert dict(catalogue[0].attributes) == {
        "title": "Mug",
        "category": "Cups",
        "price": 12.5,
        "handle": "mug",
    }
    assert catalogue[0].views[0].role == "back"
    assert not catalogue.oddities


def shirts(root: Path) -> Path:
    plant(root, [f"{name}.jpg" for name in ("shirt-red", "shirt-navy", "shirt-red-back", "size-chart")])
    common = {"Handle": "shirt", "Option1 Name": "Color", "Option2 Name": "Size"}
    later = {"Handle": "shirt"}
    return export(
        root,
        common | {"Title": "Shirt", "Option1 Value": "Red", "Option2 Value": "S",
                  "Image Src": image("shirt-red.jpg"), "Image Position": "1",
                  "Variant Image": image("shirt-red.jpg")},
        later | {"Option1 Value": "Red", "Option2 Value": "M", "Image Src": image("shirt-red-back.jpg"),
                 "Image Position": "2", "Variant Image": image("shirt-red.jpg")},
        later | {"Option1 Value": "Navy", "Option2 Value": "S", "Image Src": image("size-chart.jpg"),
                 "Image Position": "3", "Variant Image": image("shirt-navy.jpg")},
        later | {"Option1 Value": "Green", "Option2 Value": "S"},
    )  # fmt: skip


def test_colours_with_images_of_their_own_are_items_of_their_own(tmp_path):
    catalogue = read_catalogue(shirts(tmp_path))
    assert names(catalogue) == {
        "shirt/Red": ["shirt-red.jpg", "shirt-red-back.jpg"],
        "shirt/Navy": ["shirt-navy.jpg"],
    }
    assert [item.attributes["colour"] for item in catalogue] == ["Red", "Navy"]
    assert {item.attributes["handle"] for item in catalogue} == {"shirt"}


def test_images_that_speak_of_no_colour_and_colours_without_images_are_told(tmp_path):
    assert kinds(read_catalogue(shirts(tmp_path))) == ["shared_image", "no_photos"]


def test_the_newer_column_names_are_known(tmp_path):
    plant(tmp_path, ["mug.jpg"])
    header = ["Title", "URL handle", "Price", "Product image URL", "Image position"]
    row = {"Title": "Mug", "URL handle": "mug", "Price": "3", "Product image URL": image("mug.jpg")}
    assert names(read_catalogue(export(tmp_path, row, header=header))) == {"mug": ["mug.jpg"]}


def test_rows_without_a_handle_and_missing_images_are_told(tmp_path):
    plant(tmp_path, ["mug.jpg"])
    table = export(
        tmp_path,
        {"Handle": "mug", "Image Src": image("mug.jpg")},
        {"Title": "Nameless", "Image Src": image("mug.jpg")},
        {"Handle": "cup", "Image Src": image("cup.jpg")},
    )
    assert kinds(read_catalogue(table)) == ["no_id", "missing_photo", "no_photos"]


def test_another_table_read_as_shopify_is_an_error(tmp_path):
    table = export(tmp_path, {"Handle": "x"}, header=["Handle", "Colour"])
    with pytest.raises(CatalogueError, match="no Handle and Image Src"):
        read_catalogue(table, layout="shopify")
