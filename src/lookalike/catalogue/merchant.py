"""A catalogue from a Google Merchant product feed (text or XML), with the photos in a local folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lookalike.catalogue.columns import plain
from lookalike.catalogue.files import suffix_of
from lookalike.catalogue.finding import PhotoFinder
from lookalike.catalogue.gathering import Entry, gather
from lookalike.catalogue.items import Catalogue, Oddity
from lookalike.catalogue.rows import read_table
from lookalike.catalogue.values import text_of, typed_records
from lookalike.catalogue.xml_feed import Record, read_xml_records
from lookalike.errors import CatalogueError

_LOOKS = ("color", "pattern", "material")
_RENAMED = {"color": "colour", "product_type": "category"}
_NOT_ATTRIBUTES = frozenset(
    {"id", "image_link", "additional_image_link", "description", "link", "mobile_link"}
)


def read_merchant(path: Path, *, photos: Path | None = None) -> Catalogue:
    """Read a Merchant feed; images are found in a local folder by the names in their addresses.

    A product without a group is an item. Products of one ``item_group_id`` that look alike (same colour,
    pattern and material: they differ in size) are one item, ``group/look``. ``item_group_id`` stays an
    attribute, to keep the looks of one product together in a split.

    Args:
        path: the feed: RSS or Atom (.xml), or text with tabs or commas.
        photos: the folder of the images; None for the feed's own.

    Raises:
        CatalogueError: the file is no such feed, an id occurs twice, or no photo exists.
    """
    oddities: list[Oddity] = []
    finder = PhotoFinder(photos or path.parent)
    records: dict[str, dict[str, str]] = {}
    entries: list[Entry] = []
    for where, record in _unique(_records(path, oddities), path, oddities):
        item = _item_of(record)
        described = records.setdefault(item, {})
        for name, value in _attributes(record).items():
            described.setdefault(name, value)
        entries.extend(Entry(item, finder.find(address), where) for address in _images(record))
    # Sizes share their photos: said once, not once for each size.
    once = {(entry.item, entry.photo): entry for entry in reversed(entries)}
    return gather(reversed(once.values()), items=typed_records(records), oddities=oddities, source=path)


def is_merchant(header: list[str]) -> bool:
    """Whether a header line is that of a Merchant feed."""
    return {"id", "image_link"} <= {_name(name) for name in header}


def _records(path: Path, oddities: list[Oddity]) -> Iterator[tuple[str, Record]]:
    if suffix_of(path.name) in (".xml", ".rss", ".atom"):
        yield from read_xml_records(path)
        return
    table = read_table(path, oddities)
    if not is_merchant(list(table.columns)):
        raise CatalogueError(
            f"{path}: has no id and image_link columns; there are: {', '.join(table.columns)}.",
            hint="Give a Merchant feed, or read it with layout='table'.",
        )
    for at in range(len(table)):
        cells = ((_name(name), text_of(column[at])) for name, column in table.columns.items())
        yield table.where(at), {name: [text] for name, text in cells if text}


def _name(column: str) -> str:
    return plain(column).removeprefix("g:")


def _unique(
    records: Iterator[tuple[str, Record]], path: Path, oddities: list[Oddity]
) -> Iterator[tuple[str, Record]]:
    """The records that have an id.

    Raises:
        CatalogueError: an id occurs twice.
    """
    seen: dict[str, str] = {}
    for where, record in records:
        name = _one(record, "id")
        if not name:
            oddities.append(Oddity("no_id", where, "has no id; left out"))
            continue
        if name in seen:
            raise CatalogueError(
                f"{path}: the id {name!r} occurs twice ({seen[name]} and {where}).",
                hint="Give each product its own id; variants of one product share item_group_id.",
            )
        seen[name] = where
        yield where, record


def _item_of(record: Record) -> str:
    group = _one(record, "item_group_id")
    if not group:
        return _one(record, "id")
    look = " / ".join(filter(None, (_one(record, name) for name in _LOOKS)))
    return f"{group}/{look}" if look else group


def _attributes(record: Record) -> dict[str, str]:
    found = {
        _RENAMED.get(name, name): ", ".join(values)
        for name, values in record.items()
        if name not in _NOT_ATTRIBUTES
    }
    if "category" not in found and "google_product_category" in found:
        found["category"] = found["google_product_category"]
    return found


def _images(record: Record) -> list[str]:
    """The addresses of a product's images, the main one first. (A comma in an address is written %2C.)"""
    texts = (*record.get("image_link", ()), *record.get("additional_image_link", ()))
    return [address for text in texts for address in (part.strip() for part in text.split(",")) if address]


def _one(record: Record, name: str) -> str:
    return record.get(name, [""])[0]
