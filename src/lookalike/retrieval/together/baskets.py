"""Baskets, rooms, outfits: which items were together, from a table or a column of the catalogue."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from lookalike.errors import CatalogueError, QueryError
from lookalike.retrieval.snapshot import Snapshot

BASKET_NAMES = (
    "basket_id",
    "basket",
    "order_id",
    "order",
    "outfit_id",
    "outfit",
    "room_id",
    "room",
    "set_id",
)
ITEM_NAMES = ("item_id", "item", "product_id", "product", "sku", "id")
SEPARATOR = ";"
"""Between several values of one cell."""


@dataclass(frozen=True)
class Baskets:
    """Sets of items that were together.

    Args:
        baskets: the ids of each, every item once.
        unknown: items that the baskets name and the catalogue does not have.
    """

    baskets: tuple[tuple[str, ...], ...]
    unknown: int = 0

    def __len__(self) -> int:
        return len(self.baskets)


def read_baskets(path: Path, snapshot: Snapshot) -> Baskets:
    """The baskets of a CSV with a row for each item of each: columns such as ``basket_id`` and ``item_id``.

    Raises:
        CatalogueError: the table cannot be read, or has no such columns, or no basket of two known items.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file)
            basket, item = (
                _column(rows.fieldnames or [], names, path) for names in (BASKET_NAMES, ITEM_NAMES)
            )
            pairs = [(row[basket] or "", row[item] or "") for row in rows]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CatalogueError(
            f"{path} cannot be read ({error}).", hint="Give a CSV with columns basket_id and item_id."
        ) from error
    return _gathered(pairs, snapshot, str(path))


def baskets_of(snapshot: Snapshot, column: str) -> Baskets:
    """Items that share a value of an attribute, such as ``room`` or ``outfit``; several stand apart by ``;``.

    Raises:
        QueryError: no item has it.
        CatalogueError: no two items share a value.
    """
    pairs = [
        (value.strip(), identity)
        for identity, attributes in zip(snapshot.ids, snapshot.attributes, strict=True)
        if column in attributes
        for value in str(attributes[column]).split(SEPARATOR)
    ]
    if not pairs:
        known = sorted({name for attributes in snapshot.attributes for name in attributes})
        raise QueryError(
            f"No item has a column {column!r}.", hint=f"There are: {', '.join(known) or 'none'}."
        )
    return _gathered(pairs, snapshot, f"Column {column!r}")


def _column(present: object, wanted: tuple[str, ...], path: Path) -> str:
    names = {str(name).strip().lower(): str(name) for name in present} if isinstance(present, list) else {}
    for name in wanted:
        if name in names:
            return names[name]
    raise CatalogueError(
        f"{path} has no column {wanted[0]}.", hint=f"Name a column one of: {', '.join(wanted)}."
    )


def _gathered(pairs: list[tuple[str, str]], snapshot: Snapshot, source: str) -> Baskets:
    gathered: dict[str, dict[str, None]] = defaultdict(dict)
    unknown = set()
    for basket, item in pairs:
        if item in snapshot.places and basket:
            gathered[basket][item] = None
        elif item not in snapshot.places:
            unknown.add(item)
    baskets = tuple(tuple(items) for items in gathered.values() if len(items) > 1)
    if not baskets:
        raise CatalogueError(
            f"{source} has no two items of the catalogue together ({len(unknown)} items are unknown).",
            hint="Check that its item ids are those of the catalogue: lookalike info --store STORE --items",
        )
    return Baskets(baskets, len(unknown))
