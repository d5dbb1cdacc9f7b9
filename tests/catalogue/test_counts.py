"""The counts of a catalogue, as a value and as text."""

from __future__ import annotations

from lookalike.catalogue.counts import AttributeColumn, summary
from lookalike.catalogue.items import Catalogue, Item, Oddity, View


def shop() -> Catalogue:
    items = (
        Item(
            "a",
            (View(b"1", role="front"), View(b"2", attributes={"split": "query"})),
            {"category": "cup", "price": 2},
        ),
        Item("b", (View(b"3", role="front"),), {"category": "cup"}),
        Item("c", (View(b"4"),), {"price": 3.5}),
    )
    return Catalogue(items, (Oddity("no_photos", "d", "left out"),))


def test_a_summary_counts_items_views_categories_roles_attributes_and_oddities():
    counts = summary(shop())
    assert (counts.items, counts.views, counts.multi_view_items) == (3, 4, 1)
    assert counts.categories == {"cup": 2, "": 1}
    assert counts.views_per_item == {1: 2, 2: 1}
    assert counts.roles == {"front": 2, "": 2}
    assert counts.oddities == {"no_photos": 1}
    assert counts.attributes == (
        AttributeColumn("category", "item", "text", 2, 1),
        AttributeColumn("price", "item", "mixed", 2, 2),
        AttributeColumn("split", "view", "text", 1, 1),
    )


def test_the_text_says_what_the_value_says():
    lines = str(summary(shop())).splitlines()
    assert lines[0] == "3 items, 4 views, 1 items with two views or more"
    assert "views per item  1 2, 2 1" in lines
    assert "categories (2)  cup 2, (none) 1" in lines
    assert "item attribute  price: mixed, 2 values, 2 known" in lines
    assert lines[-1] == "odd  no_photos 1"


def test_long_lists_are_cut_and_say_so():
    items = tuple(Item(str(n), (View(b"%d" % n),), {"category": f"kind {n:02d}"}) for n in range(20))
    assert "and 8 more" in str(summary(Catalogue(items)))


def test_an_empty_catalogue_has_counts_too():
    assert str(summary(Catalogue(()))).startswith("0 items, 0 views")
