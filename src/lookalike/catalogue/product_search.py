"""A catalogue from the bulk import CSV of Google's Vision Product Search."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lookalike.catalogue.columns import plain
from lookalike.catalogue.crops import Crop, numbers_in, polygon
from lookalike.catalogue.finding import PhotoFinder, pixel_size
from lookalike.catalogue.gathering import Entry, gather
from lookalike.catalogue.items import Catalogue, Oddity
from lookalike.catalogue.rows import Table, first_rows, read_table
from lookalike.catalogue.values import text_of, typed_records
from lookalike.errors import CatalogueError

COLUMNS = (
    "image-uri",
    "image-id",
    "product-set-id",
    "product-id",
    "product-category",
    "product-display-name",
    "labels",
    "bounding-poly",
)
"""The eight columns in their order; the published format has no header line."""

Row = dict[str, str]


def read_product_search(path: Path, *, photos: Path | None = None) -> Catalogue:
    """Read a Product Search import file; the photos lie in a local folder, found by their names.

    A product is an item; labels such as ``color=black,style=formal`` become attributes, and the bounding
    polygon the view's crop. A photo with two polygons is two views.

    Args:
        path: the CSV file, with or without a header line.
        photos: the folder of the photos that ``gs://`` addresses name; None for the file's own.

    Raises:
        CatalogueError: the file is no such table, an image id occurs twice, or no photo exists.
    """
    oddities: list[Oddity] = []
    rows = list(_rows(path, oddities))
    _require_single_ids(rows)
    records: dict[str, dict[str, str]] = {}
    for where, row in rows:
        if row["product-id"]:
            _describe(records.setdefault(row["product-id"], {}), row, (where, oddities))
    finder = PhotoFinder(photos or path.parent)
    entries = (entry for where, row in rows if (entry := _entry(where, row, finder, oddities)))
    return gather(entries, items=typed_records(records), oddities=oddities, source=path)


def is_product_search(first_row: list[str]) -> bool:
    """Whether a file's first row is one of this format, header or not."""
    names = [plain(cell) for cell in first_row]
    return names[:1] == ["image_uri"] or (len(first_row) >= 5 and first_row[0].strip().startswith("gs://"))


def _rows(path: Path, oddities: list[Oddity]) -> Iterator[tuple[str, Row]]:
    """Each row with its place, by the published column names; optional columns may be absent."""
    start = first_rows(path, 1)
    titled = bool(start) and plain(start[0][0]) == "image_uri"
    header = None if titled or not start else COLUMNS[: len(start[0])]
    table: Table = read_table(path, oddities, header=header)
    columns = {plain(name): cells for name, cells in table.columns.items()}
    lacking = [name for name in (COLUMNS[0], *COLUMNS[3:5]) if plain(name) not in columns]
    if lacking:
        raise CatalogueError(
            f"{path}: lacks the columns {', '.join(lacking)} of a Product Search import.",
            hint=f"The columns are: {', '.join(COLUMNS)}.",
        )
    nothing = [None] * len(table)
    for at in range(len(table)):
        yield table.where(at), {name: text_of(columns.get(plain(name), nothing)[at]) for name in COLUMNS}


def _require_single_ids(rows: list[tuple[str, Row]]) -> None:
    """An image id stands for one photo, though the photo may be in several product sets."""
    photo_of: dict[str, str] = {}
    for where, row in rows:
        name = row["image-id"]
        if name and photo_of.setdefault(name, row["image-uri"]) != row["image-uri"]:
            raise CatalogueError(
                f"{where}: the image id {name!r} stands for two photos.",
                hint="Give each photo an id of its own, or leave the column empty.",
            )


def _describe(record: dict[str, str], row: Row, report: tuple[str, list[Oddity]]) -> None:
    """Add to an item what one row says of it; the first row that says something counts."""
    where, oddities = report
    for key, value in (
        ("category", row["product-category"]),
        ("title", row["product-display-name"]),
        ("product_set", row["product-set-id"]),
    ):
        if value:
            record.setdefault(key, value)
    for label in filter(None, (part.strip() for part in row["labels"].split(","))):
        key, sign, value = (part.strip() for part in label.partition("="))
        if not sign or not key:
            oddities.append(Oddity("bad_label", where, f"{label!r} is not of the form key=value; left out"))
        elif value not in record.setdefault(key, value).split(", "):
            record[key] += f", {value}"


def _entry(where: str, row: Row, finder: PhotoFinder, oddities: list[Oddity]) -> Entry | None:
    if not row["product-id"] or not row["image-uri"]:
        kind = "no_id" if row["image-uri"] else "no_path"
        oddities.append(Oddity(kind, where, "names no product or no photo; left out"))
        return None
    photo = finder.find(row["image-uri"])
    return Entry(row["product-id"], photo, where, crop=_crop(row["bounding-poly"], photo, where, oddities))


def _crop(text: str, photo: Path, where: str, oddities: list[Oddity]) -> Crop | None:
    crop = polygon(numbers_in(text), pixel_size(photo)) if text else None
    if text and crop is None:
        oddities.append(Oddity("bad_crop", where, f"{text!r} is no polygon in the photo; taken whole"))
    return crop
