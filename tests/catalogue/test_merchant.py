"""Google Merchant feeds, as text and as XML."""

from __future__ import annotations

from pathlib import Path

import pytest

from lookalike.catalogue.reading import read_catalogue
from lookalike.errors import CatalogueError

from .trees import kinds, names, plant

RSS = """<?xml version="1.0"?>
<rss xmlns:g="http://base.google.com/ns/1.0" version="2.0"><channel><title>Shop</title>
<item><g:id>TV1</g:id><title>plain title</title><g:title>Google's title</g:title>
  <g:image_link>https://shop.test/img/TV1.png</g:image_link>
  <g:additional_image_link>https://shop.test/img/TV1_back.png</g:additional_image_link>
  <g:additional_image_link>https://shop.test/img/TV1_side.png?w=800</g:additional_image_link>
  <g:product_type>Home &gt; TV</g:product_type>
  <g:shipping><g:price>9 EUR</g:price></g:shipping></item>
<item><g:id>S-red-M</g:id><g:item_group_id>S</g:item_group_id><g:color>Red</g:color>
  <g:image_link>https://shop.test/img/red.png</g:image_link></item>
<item><g:id>S-red-L</g:id><g:item_group_id>S</g:item_group_id><g:color>Red</g:color>
  <g:image_link>https://shop.test/img/red.png</g:image_link></item>
<item><g:id>S-blue-M</g:id><g:item_group_id>S</g:item_group_id><g:color>Blue</g:color>
  <g:image_link>https://shop.test/img/blue.png</g:image_link></item>
</channel></rss>"""
PHOTOS = ["TV1.png", "TV1_back.png", "TV1_side.png", "red.png", "blue.png"]


def feed(root: Path, text: str = RSS, name: str = "feed.xml") -> Path:
    plant(root / "img", PHOTOS)
    (root / name).write_text(text)
    return root / name


def test_a_feed_gives_an_item_for_each_product_and_for_each_look_of_a_group(tmp_path):
    catalogue = read_catalogue(feed(tmp_path))
    assert names(catalogue) == {
        "TV1": ["TV1.png", "TV1_back.png", "TV1_side.png"],
        "S/Red": ["red.png"],
        "S/Blue": ["blue.png"],
    }
    assert dict(catalogue[0].attributes) == {"title": "Google's title", "category": "Home > TV"}
    assert catalogue[1].attributes["item_group_id"] == "S"
    assert [view.role for view in catalogue[0].views] == [None, "back", "side"]
    assert not catalogue.oddities


def test_the_text_feed_says_the_same(tmp_path):
    rows = [
        "id\ttitle\timage link\tadditional image link\titem group id\tcolor",
        "TV1\tTV\thttps://s.test/TV1.png\thttps://s.test/TV1_back.png,https://s.test/TV1_side.png\t\t",
        "S1\tShirt\thttps://s.test/red.png\t\tS\tRed",
        "S2\tShirt\thttps://s.test/blue.png\t\tS\tBlue",
    ]
    catalogue = read_catalogue(feed(tmp_path, "\n".join(rows), "feed.txt"), photos=tmp_path / "img")
    assert {name: len(views) for name, views in names(catalogue).items()} == {
        "TV1": 3,
        "S/Red": 1,
        "S/Blue": 1,
    }


def test_an_atom_feed_is_read_too(tmp_path):
    entry = (
        "<entry><id>tag:other</id><g:id>TV1</g:id><g:image_link>http://s.test/TV1.png</g:image_link></entry>"
    )
    atom = f'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0">{entry}</feed>'
    assert names(read_catalogue(feed(tmp_path, atom, "feed.atom"))) == {"TV1": ["TV1.png"]}


def test_an_id_that_occurs_twice_is_an_error(tmp_path):
    with pytest.raises(CatalogueError, match="'TV1' occurs twice"):
        read_catalogue(feed(tmp_path, RSS.replace("S-red-M", "TV1")))


def test_products_without_id_are_told(tmp_path):
    assert kinds(read_catalogue(feed(tmp_path, RSS.replace("<g:id>TV1</g:id>", "")))) == ["no_id"]


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE rss SYSTEM "file:///etc/passwd">',
    ],
)
def test_a_feed_that_declares_a_document_type_is_refused(tmp_path, declaration):
    text = RSS.replace('<?xml version="1.0"?>', '<?xml version="1.0"?>' + declaration)
    with pytest.raises(CatalogueError, match="document type"):
        read_catalogue(feed(tmp_path, text))


def test_a_feed_that_is_cut_short_is_an_error(tmp_path):
    with pytest.raises(CatalogueError, match="not well-formed"):
        read_catalogue(feed(tmp_path, RSS[:-30]))


def test_a_table_without_the_columns_of_a_feed_is_an_error(tmp_path):
    with pytest.raises(CatalogueError, match="no id and image_link"):
        read_catalogue(feed(tmp_path, "a,b\n1,2\n", "feed.csv"), layout="merchant")


def test_of_two_files_of_one_name_the_one_in_the_addresss_folders_is_taken(tmp_path):
    plant(tmp_path, ["one/main.jpg", "two/main.jpg"])
    text = "id,image_link\nA,https://s.test/p/one/main.jpg\nB,https://s.test/p/two/MAIN.jpg\n"
    (tmp_path / "feed.csv").write_text(text)
    catalogue = read_catalogue(tmp_path / "feed.csv")
    assert [item.views[0].path.parent.name for item in catalogue] == ["one", "two"]
