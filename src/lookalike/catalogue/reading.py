"""The front door of reading: any source, found out or told, as a catalogue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from lookalike.catalogue.benchmarks import in_shop_lists, read_in_shop, read_stanford_online_products
from lookalike.catalogue.columns import Columns
from lookalike.catalogue.files import is_photo_name, suffix_of
from lookalike.catalogue.folder import read_folder_catalogue
from lookalike.catalogue.items import Catalogue, Oddity
from lookalike.catalogue.merchant import is_merchant, read_merchant
from lookalike.catalogue.product_search import is_product_search, read_product_search
from lookalike.catalogue.rows import TABLE_SUFFIXES, first_rows
from lookalike.catalogue.shopify import is_shopify, read_shopify
from lookalike.catalogue.tables import read_table_catalogue
from lookalike.errors import CatalogueError

__all__ = ["LAYOUTS", "Columns", "detect_layout", "read_catalogue"]

_FEEDS = (".xml", ".rss", ".atom")
_TABLE_STEMS = ("images", "photos", "views", "catalogue", "catalog")
_STANFORD = ("Ebay_train.txt", "Ebay_test.txt", "Ebay_info.txt")

_BY_FILE: dict[str, Callable[..., Catalogue]] = {
    "product-search": read_product_search,
    "shopify": read_shopify,
    "merchant": read_merchant,
}
_BY_FOLDER: dict[str, Callable[..., Catalogue]] = {
    "stanford-online-products": read_stanford_online_products,
    "in-shop": read_in_shop,
}
LAYOUTS = ("folder", "flat", "table", *_BY_FOLDER, *_BY_FILE)
"""The layouts that ``read_catalogue`` knows."""


def read_catalogue(
    source: str | Path,
    *,
    layout: str | None = None,
    photos: Path | None = None,
    columns: Columns | None = None,
) -> Catalogue:
    """Read a catalogue: items, their views, and a line for everything odd about them.

    Args:
        source: a folder of photos, a table (CSV, TSV, JSON, JSON lines, Parquet), a shop's feed, or the
            folder of a published benchmark.
        layout: one of ``LAYOUTS``; None to find out from what is there.
        photos: the folder that paths start from or that images lie in; None for the source's own.
        columns: which column of a table says what, where the usual names do not tell.

    Raises:
        CatalogueError: there is nothing there, it cannot be read, or it holds no photo.
        MissingExtra: a Parquet file without the ``parquet`` extra.
    """
    path = Path(source)
    if not path.exists():
        raise CatalogueError(f"{path}: does not exist.", hint="Give a folder of photos, or a table of them.")
    if photos is not None and not Path(photos).is_dir():
        raise CatalogueError(f"{photos}: is no folder.", hint="Give the folder that the photos lie in.")
    if layout is not None and layout not in LAYOUTS:
        raise CatalogueError(f"There is no layout {layout!r}.", hint=f"Choose one of: {', '.join(LAYOUTS)}.")
    chosen = layout or detect_layout(path, told=columns is not None)
    return _read(path, chosen, None if photos is None else Path(photos), columns)


def detect_layout(path: Path, *, told: bool = False) -> str:
    """The layout of a source, by the files that are there and by a table's first line.

    Args:
        path: the source.
        told: its columns are told, so a file is a plain table.

    Raises:
        CatalogueError: a file of no known kind.
    """
    if path.is_dir():
        return _layout_of_folder(path)
    if path.name in _STANFORD:
        return "stanford-online-products"
    if path.name == "list_eval_partition.txt":
        return "in-shop"
    suffix = suffix_of(path.name)
    if suffix in _FEEDS:
        return "merchant"
    if suffix not in TABLE_SUFFIXES:
        raise _not_a_source(path)
    return "table" if told or suffix not in (".csv", ".tsv", ".txt") else _layout_of_text(path)


def _layout_of_folder(path: Path) -> str:
    if any((path / name).is_file() for name in _STANFORD):
        return "stanford-online-products"
    if any(partition.is_file() for partition in in_shop_lists(path)):
        return "in-shop"
    return "table" if _table_in(path) else "folder"


def _layout_of_text(path: Path) -> str:
    rows = first_rows(path, 1)
    first = rows[0] if rows else []
    if is_product_search(first):
        return "product-search"
    if is_shopify(first):
        return "shopify"
    return "merchant" if is_merchant(first) else "table"


def _table_in(folder: Path) -> Path | None:
    """The table that lies in a folder beside the photos, where it is called as such tables are."""
    names = (
        folder / f"{stem}{suffix}" for stem in _TABLE_STEMS for suffix in TABLE_SUFFIXES if suffix != ".txt"
    )
    return next((path for path in names if path.is_file()), None)


def _read(path: Path, layout: str, photos: Path | None, columns: Columns | None) -> Catalogue:
    if columns is not None and layout != "table":
        raise CatalogueError(
            f"{path}: the layout {layout!r} has columns of its own.",
            hint="Leave the columns out, or layout='table'.",
        )
    if layout in _BY_FOLDER:
        folder = path if path.is_dir() else _root_of(path)
        return _BY_FOLDER[layout](folder, photos=photos)
    if layout in ("folder", "flat"):
        _require_folder(path)
        return read_folder_catalogue(path, flat=layout == "flat")
    if path.is_dir():
        return _read_table_in(path, layout, photos, columns)
    if layout == "table":
        return read_table_catalogue(path, photos=photos, columns=columns)
    return _BY_FILE[layout](path, photos=photos)


def _read_table_in(folder: Path, layout: str, photos: Path | None, columns: Columns | None) -> Catalogue:
    """Read the table that lies in a folder, and say so."""
    table = _table_in(folder)
    if table is None:
        raise CatalogueError(f"{folder}: is a folder, not a {layout} file.", hint="Give the file itself.")
    found = _read(table, layout, photos, columns)
    message = f"the table {table.name} was read; to read the folders instead, choose layout='folder'"
    return replace(found, oddities=(Oddity("table_found", str(folder), message), *found.oddities))


def _root_of(partition: Path) -> Path:
    """The root of a benchmark's copy whose list was given."""
    return partition.parent.parent if partition.parent.name.lower() in ("eval", "anno") else partition.parent


def _require_folder(path: Path) -> None:
    if not path.is_dir():
        raise CatalogueError(f"{path}: is no folder.", hint="Give the folder that holds the items' folders.")


def _not_a_source(path: Path) -> CatalogueError:
    if is_photo_name(path.name):
        return CatalogueError(f"{path}: is one photo.", hint="Give the folder it lies in.")
    if suffix_of(path.name) in (".zip", ".tar", ".gz", ".tgz", ".7z"):
        return CatalogueError(f"{path}: is an archive.", hint="Unpack it and give the folder.")
    return CatalogueError(
        f"{path}: is neither a folder nor a table.",
        hint="Give a folder, or CSV, TSV, JSON lines, Parquet or XML.",
    )
