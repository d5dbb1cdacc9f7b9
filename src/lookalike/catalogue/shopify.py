"""A catalogue from Shopify's product CSV, with the photos in a local folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lookalike.catalogue.columns import plain
from lookalike.catalogue.finding import PhotoFinder
from lookalike.catalogue.gathering import Entry, gather
from lookalike.catalogue.items import Catalogue, Oddity
from lookalike.catalogue.roles import role_of_name
from lookalike.catalogue.rows import read_table
from lookalike.catalogue.values import text_of, typed_records
from lookalike.catalogue.variants import is_look, names_it
from lookalike.errors import CatalogueError

# What we call a column: what Shopify has called it over the years.
_NAMES: dict[str, str] = {
    "handle": "handle url_handle",
    "image": "image_src product_image_url",
    "position": "image_position",
    "alt": "image_alt_text",
    "variant_image": "variant_image variant_image_url",
    "title": "title",
    "vendor": "vendor",
    "category": "type product_category",
    "product_category": "product_category",
    "tags": "tags",
    "price": "variant_price price",
    "status": "status",
    **{f"option{n}_name": f"option{n}_name" for n in (1, 2, 3)},
    **{f"option{n}_value": f"option{n}_value" for n in (1, 2, 3)},
}
_ATTRIBUTES = ("title", "vendor", "category", "product_category", "tags", "price", "status")

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class _Image:
    address: str
    where: str
    position: int = 0
    alt: str = ""


@dataclass
class _Product:
    """The rows of one handle."""

    handle: str
    images: dict[str, _Image] = field(default_factory=dict)
    of_looks: dict[str, dict[str, _Image]] = field(default_factory=dict)
    options: dict[str, str] = field(default_factory=dict)  # option's number -> its name
    record: dict[str, str] = field(default_factory=dict)


def read_shopify(path: Path, *, photos: Path | None = None) -> Catalogue:
    """Read a Shopify product export; images are found in a local folder by the names in their addresses.

    A product is an item, its handle the id. Where variants of several colours (or patterns, materials)
    have images of their own, each of these looks is an item ``handle/look``; it takes the images whose name
    or alternative text speaks of it, and those that speak of none are left out with a line. ``handle``
    stays an attribute, to keep the looks of one product together in a split.

    Args:
        path: the CSV file.
        photos: the folder of the images; None for the file's own.

    Raises:
        CatalogueError: the file is no such table, or no photo exists.
    """
    oddities: list[Oddity] = []
    products = _products(path, oddities)
    finder = PhotoFinder(photos or path.parent)
    entries: list[Entry] = []
    records: dict[str, dict[str, str]] = {}
    for product in products:
        for item, look, images in _items(product, oddities):
            records[item] = product.record | look | {"handle": product.handle}
            for image in images:
                photo = finder.find(image.address)
                entries.append(Entry(item, photo, image.where, role=role_of_name(image.alt)))
    return gather(entries, items=typed_records(records), oddities=oddities, source=path)


def is_shopify(header: list[str]) -> bool:
    """Whether a header line is that of a Shopify product CSV."""
    names = {plain(name) for name in header}
    return bool(names & {"handle", "url_handle"}) and bool(names & {"image_src", "product_image_url"})


def _products(path: Path, oddities: list[Oddity]) -> list[_Product]:
    """The products in the file's order, each with all its rows taken in."""
    products: dict[str, _Product] = {}
    for where, row in _rows(path, oddities):
        if not row["handle"]:
            oddities.append(Oddity("no_id", where, "has no handle; left out"))
            continue
        _take_in(products.setdefault(row["handle"], _Product(row["handle"])), row, where)
    return list(products.values())


def _rows(path: Path, oddities: list[Oddity]) -> Iterator[tuple[str, Row]]:
    table = read_table(path, oddities)
    if not is_shopify(list(table.columns)):
        raise CatalogueError(
            f"{path}: has no Handle and Image Src columns; there are: {', '.join(table.columns)}.",
            hint="Export the products from Shopify as CSV, or read it with layout='table'.",
        )
    columns = {plain(name): cells for name, cells in table.columns.items()}
    for at in range(len(table)):
        yield table.where(at), {name: _first(columns, known, at) for name, known in _NAMES.items()}


def _first(columns: dict[str, list[object]], names: str, at: int) -> str:
    """The first of several columns that says something in this row."""
    return next(
        (text for name in names.split() if name in columns and (text := text_of(columns[name][at]))), ""
    )


def _take_in(product: _Product, row: Row, where: str) -> None:
    """Add one row: product facts stand in its first row only, option names too, and the rest are variants."""
    for name in _ATTRIBUTES:
        if row[name]:
            product.record.setdefault(name, row[name])
    for number in "123":
        if row[f"option{number}_name"]:
            product.options.setdefault(number, row[f"option{number}_name"])
    if row["image"]:
        position = int(row["position"]) if row["position"].isdigit() else len(product.images) + 1
        product.images.setdefault(row["image"], _Image(row["image"], where, position, row["alt"]))
    look = _look(product, row)
    if look:
        images = product.of_looks.setdefault(look, {})
        if row["variant_image"]:
            images.setdefault(row["variant_image"], _Image(row["variant_image"], where))


def _look(product: _Product, row: Row) -> str:
    """The values of the row's options that change how the product looks ("Navy / Striped")."""
    values = (row[f"option{number}_value"] for number, name in product.options.items() if is_look(name))
    return " / ".join(filter(None, values))


def _items(product: _Product, oddities: list[Oddity]) -> Iterator[tuple[str, dict[str, str], list[_Image]]]:
    """The items of a product: id, look, and images in their order."""
    shown = {look: images for look, images in product.of_looks.items() if images}
    general = sorted(product.images.values(), key=lambda image: image.position)
    if len({address for images in shown.values() for address in images}) < 2:
        every = {image.address: image for images in shown.values() for image in images.values()}
        only = {"colour": next(iter(product.of_looks))} if len(product.of_looks) == 1 else {}
        yield product.handle, only, list(({image.address: image for image in general} | every).values())
        return
    for image in general:
        taken = any(image.address in images for images in shown.values())
        owner = next((look for look in shown if names_it(f"{image.alt} {image.address}", look)), None)
        if owner:
            shown[owner].setdefault(image.address, image)
        elif not taken:
            message = f"{image.address} speaks of none of the looks of {product.handle}; left out"
            oddities.append(Oddity("shared_image", image.where, message))
    for look, images in shown.items():
        yield f"{product.handle}/{look}", {"colour": look}, list(images.values())
    message = "has no image of its own; left out"
    bare = (look for look in product.of_looks if look not in shown)
    oddities.extend(Oddity("no_photos", f"{product.handle}/{look}", message) for look in bare)
