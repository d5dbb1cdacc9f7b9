"""A catalogue from a table with one row per photo."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lookalike.catalogue.columns import Columns, plain
from lookalike.catalogue.crops import Crop, box, numbers_in
from lookalike.catalogue.finding import PhotoFinder, pixel_size
from lookalike.catalogue.gathering import Entry, gather
from lookalike.catalogue.items import Attribute, Catalogue, Oddity
from lookalike.catalogue.roles import role_of
from lookalike.catalogue.rows import Table, read_table
from lookalike.catalogue.values import text_of, typed

# What these columns say is true of a photo, even where every item has one photo only.
_OF_THE_PHOTO = frozenset({"split", "partition", "subset", "evaluation_status", "width", "height"})

Values = Sequence[Attribute | None]


def read_table_catalogue(
    path: Path, *, photos: Path | None = None, columns: Columns | None = None
) -> Catalogue:
    """Read a table of photos: CSV, TSV, JSON lines, JSON or Parquet.

    Every column that is no path, item, angle or crop is an attribute: of the item where it is constant
    inside every item, else of the photo. Without an item column each photo is an item of its own.

    Args:
        path: the table.
        photos: the folder that relative paths start from; None for the table's own.
        columns: which column says what, where the usual names do not tell.

    Raises:
        CatalogueError: no table, no column of paths, an unknown column, no photo that exists.
        MissingExtra: a Parquet file without the ``parquet`` extra.
    """
    oddities: list[Oddity] = []
    table = read_table(path, oddities)
    found = (columns or Columns()).found_in(table.columns, table=path.name)
    assert found.path is not None  # found_in has seen to it
    if found.item is None:
        message = "no column names items; each photo is an item of its own (else name it: --item-column NAME)"
        oddities.append(Oddity("no_item_column", path.name, message))
    ids = [text_of(cell) for cell in table.columns[found.item or found.path]]
    of_items, of_photos = _attributes(table, found, ids)
    if found.category is not None:
        _set_categories(of_items, ids, typed(table.columns[found.category]), (table, oddities))
    rows = _Rows(table, found, ids, of_photos, PhotoFinder(photos or path.parent), oddities)
    return gather(rows.entries(), items=of_items, oddities=oddities, source=path)


def _attributes(
    table: Table, columns: Columns, ids: list[str]
) -> tuple[dict[str, dict[str, Attribute]], dict[str, Values]]:
    """The attributes of items, and the columns whose values differ between photos of one item."""
    of_items: dict[str, dict[str, Attribute]] = {name: {} for name in ids if name}
    of_photos: dict[str, Values] = {}
    for name in (each for each in table.columns if each not in columns.said()):
        values = typed(table.columns[name])
        first, differing = _by_item(ids, values)
        if differing or name == columns.role or plain(name) in _OF_THE_PHOTO:
            of_photos[name] = values
            continue
        for item, value in first.items():
            of_items[item][name] = value
    return of_items, of_photos


def _by_item(ids: list[str], values: Values) -> tuple[dict[str, Attribute], list[str]]:
    """The first value of each item, and the items that have others beside it."""
    first: dict[str, Attribute] = {}
    differing: dict[str, None] = {}
    for item, value in zip(ids, values, strict=True):
        if item and value is not None and first.setdefault(item, value) != value:
            differing[item] = None
    return first, list(differing)


def _set_categories(
    of_items: dict[str, dict[str, Attribute]],
    ids: list[str],
    values: Values,
    report: tuple[Table, list[Oddity]],
) -> None:
    """Give each item its first category: one slip of the pen must not take the category from all."""
    table, oddities = report
    first, differing = _by_item(ids, values)
    for item, value in first.items():
        of_items[item].setdefault("category", value)
    for item in differing:
        message = f"has several categories in {table.name}; the first, {first[item]!r}, counts"
        oddities.append(Oddity("category_differs", item, message))


@dataclass(frozen=True)
class _Rows:
    """The rows of one table on their way to entries."""

    table: Table
    columns: Columns
    ids: list[str]
    facts: dict[str, Values]
    finder: PhotoFinder
    oddities: list[Oddity]

    def entries(self) -> Iterator[Entry]:
        """One entry for each row that names an item and a photo."""
        paths = self._texts(self.columns.path)
        roles, crops = self._texts(self.columns.role), self._crops()
        azimuths, elevations = self._texts(self.columns.azimuth), self._texts(self.columns.elevation)
        for row, (item, path) in enumerate(zip(self.ids, paths, strict=True)):
            if not path or not item:
                what = "names no photo" if not path else f"says of no item that {path} shows it"
                self._note("no_path" if not path else "no_id", row, f"{what}; left out")
                continue
            photo = self.finder.find(path)
            yield Entry(
                item,
                photo,
                self.table.where(row),
                role=role_of(roles[row]),
                azimuth_deg=self._degrees(azimuths[row], row),
                elevation_deg=self._degrees(elevations[row], row),
                crop=self._crop(crops[row], photo, row),
                facts={
                    name: value for name, values in self.facts.items() if (value := values[row]) is not None
                },
            )

    def _texts(self, column: str | None) -> list[str]:
        """A column's cells as text; nothing in each row where there is no such column."""
        if column is None:
            return [""] * len(self.table)
        return [text_of(cell) for cell in self.table.columns[column]]

    def _crops(self) -> list[str]:
        """Each row's crop as text, from one column or from four."""
        name = self.columns.crop
        if name is None or name in self.table.columns:
            return self._texts(name)
        corners = (self._texts(each) for each in name.split(","))
        return [",".join(row) if all(row) else "" for row in zip(*corners, strict=True)]

    def _degrees(self, text: str, row: int) -> float | None:
        try:
            return float(text) if text else None
        except ValueError:
            self._note("bad_angle", row, f"{text!r} is no angle in degrees; left out")
            return None

    def _crop(self, text: str, photo: Path, row: int) -> Crop | None:
        if not text:
            return None
        crop = box(numbers_in(text), pixel_size(photo))
        if crop is None:
            self._note(
                "bad_crop", row, f"{text!r} is no box (left, top, right, bottom) in the photo; taken whole"
            )
        return crop

    def _note(self, kind: str, row: int, message: str) -> None:
        self.oddities.append(Oddity(kind, self.table.where(row), message))
