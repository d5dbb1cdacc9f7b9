"""The bulk import CSV of Google's Vision Product Search."""

from __future__ import annotations

from pathlib import Path

import pytest

from lookalike.catalogue.reading import read_catalogue
from lookalike.errors import CatalogueError

from .trees import kinds, names, plant

ROWS = """\
gs://bucket/shoes/a.jpg,img1,set1,P1,apparel-v2,Red,"color=red,style=formal,color=white",
gs://bucket/shoes/b.jpg,img2,set1,P1,apparel-v2,Red,,"0.1,0.2,0.8,0.2,0.8,0.9,0.1,0.9"
gs://bucket/shoes/b.jpg,img2,set1,P1,apparel-v2,Red,,"0,0,0.5,0.5"
gs://bucket/c.jpg,,set1,P2,homegoods-v2,,broken,
"""
HEADER = (
    "image-uri,image-id,product-set-id,product-id,product-category,product-display-name,"
    "labels,bounding-poly\n"
)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return plant(tmp_path, ["a.jpg", "b.jpg", "c.jpg"])


@pytest.mark.parametrize("header", ["", HEADER])
def test_products_labels_and_polygons_are_read_with_and_without_a_header(photos, header):
    (photos / "import.csv").write_text(header + ROWS)
    catalogue = read_catalogue(photos / "import.csv")
    assert names(catalogue) == {"P1": ["a.jpg", "b.jpg", "b.jpg"], "P2": ["c.jpg"]}
    assert dict(catalogue[0].attributes) == {
        "category": "apparel-v2",
        "title": "Red",
        "product_set": "set1",
        "color": "red, white",
        "style": "formal",
    }
    assert [view.crop for view in catalogue[0].views] == [None, (0.1, 0.2, 0.8, 0.9), (0.0, 0.0, 0.5, 0.5)]
    assert kinds(catalogue) == ["bad_label"]


def test_an_image_id_that_stands_for_two_photos_is_an_error(photos):
    (photos / "import.csv").write_text(ROWS.replace("c.jpg,,", "c.jpg,img1,"))
    with pytest.raises(CatalogueError, match="'img1' stands for two photos"):
        read_catalogue(photos / "import.csv")


def test_rows_without_product_and_polygons_that_are_none_are_told(photos):
    (photos / "import.csv").write_text('gs://b/a.jpg,,s,,c,,,\ngs://b/b.jpg,,s,P,c,,,"0.5,0.5,0.5"\n')
    catalogue = read_catalogue(photos / "import.csv")
    assert sorted(kinds(catalogue)) == ["bad_crop", "no_id"]


def test_a_table_without_the_needed_columns_is_an_error(photos):
    (photos / "import.csv").write_text("image-uri,image-id\ngs://b/a.jpg,1\n")
    with pytest.raises(CatalogueError, match="lacks the columns product-id, product-category"):
        read_catalogue(photos / "import.csv")
