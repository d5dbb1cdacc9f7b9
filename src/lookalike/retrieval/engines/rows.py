"""Items as rows of a vector database, one a view: what a search there needs, and the item itself."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookalike.catalogue.items import Attribute, Attributes
from lookalike.errors import QueryError
from lookalike.retrieval.filters import Between, Where, same_word, wanted_values
from lookalike.retrieval.records import StoredItem, StoredView
from lookalike.retrieval.snapshot import Identity, Row, Snapshot, assemble

FIELDS = ("item", "position", "vector", "view", "attributes", "source")
"""What is read back of a view."""


def item_key(identity: str) -> int:
    """A number for an item's id: filters on it need no quoting, whatever the id holds."""
    return int.from_bytes(blake2b(identity.encode(), digest_size=8).digest(), "big") >> 1


def rows_of(item: StoredItem, vectors: NDArray[np.float32], checksum: int) -> list[dict[str, Any]]:
    """The rows of an item.

    Args:
        item: its views' paths absolute.
        vectors: of its views, shape (views, width).
        checksum: of the item as its store has it, by which a change is seen.
    """
    key = item_key(item.id)
    attributes = json.dumps(dict(item.attributes))
    facets = _facets(item.attributes)
    return [
        {
            "key": f"{key}-{position}",
            "item_key": key,
            "item": item.id,
            "position": position,
            "checksum": checksum,
            "vector": vector,
            "view": json.dumps(view.facts()),
            "attributes": attributes,
            "facets": facets,
            "source": item.source,
        }
        for position, (view, vector) in enumerate(zip(item.views, vectors, strict=True))
    ]


def snapshot_of(rows: Iterable[Mapping[str, Any]], identity: Identity, width: int) -> Snapshot:
    """The items that some rows describe, all of them, whole."""
    ordered = sorted(rows, key=lambda row: (row["item"], row["position"]))
    items = [_item(list(group)) for _, group in groupby(ordered, key=lambda row: row["item"])]
    matrix = np.array([row["vector"] for row in ordered], np.float32).reshape(len(ordered), width)
    return assemble(identity, [Row.of(item) for item in items], matrix)


def _item(rows: Sequence[Mapping[str, Any]]) -> StoredItem:
    first = rows[0]
    views = tuple(StoredView.from_facts(json.loads(row["view"])) for row in rows)
    return StoredItem(first["item"], views, json.loads(first["attributes"]), first["source"])


def columns_of(attributes: Iterable[Attributes], known: Mapping[str, bool]) -> dict[str, bool]:
    """The items' attributes by name, each with whether all its values are numbers."""
    columns = dict(known)
    for one in attributes:
        for name, value in one.items():
            columns[str(name)] = columns.get(str(name), True) and _number(value) is not None
    return columns


def condition(where: Where, columns: Mapping[str, bool]) -> str:
    """The filter as an expression over ``facets``; only our own names and numbers stand in it.

    Args:
        where: as ``allowed_items`` takes it.
        columns: what there is, as ``columns_of`` gives it.

    Raises:
        QueryError: no item has that attribute, or a range is asked of text.
    """
    parts = []
    for column, wanted in where.items():
        if column not in columns:
            raise QueryError(
                f"No item has an attribute {column!r}.",
                hint=f"Filter by one of: {', '.join(sorted(columns))}." if columns else "There is none.",
            )
        if isinstance(wanted, Between):
            parts.append(_between(column, wanted, numeric=columns[column]))
        else:
            words = sorted({_code(same_word(value)) for value in wanted_values(column, wanted)})
            any_of = " or ".join(f'facets["{_name("w", column)}"] == {word}' for word in words)
            parts.append(f"({any_of})" if any_of else "position < 0")
    return " and ".join(parts)


def _between(column: str, wanted: Between, *, numeric: bool) -> str:
    if not numeric:
        raise QueryError(
            f"The attribute {column!r} has text; a range needs numbers.",
            hint="Filter it by a value or a list of values.",
        )
    name = f'facets["{_name("n", column)}"]'
    low = -1e300 if wanted.low is None else wanted.low
    ends = [f"{name} >= {low!r}"]
    if wanted.high is not None:
        ends.append(f"{name} <= {wanted.high!r}")
    return f"({' and '.join(ends)})"


def _facets(attributes: Attributes) -> dict[str, int | float]:
    facets: dict[str, int | float] = {}
    for name, value in attributes.items():
        facets[_name("w", str(name))] = _code(same_word(value))
        number = _number(value)
        if number is not None:
            facets[_name("n", str(name))] = number
    return facets


def _name(kind: str, column: str) -> str:
    return f"{kind}{blake2b(column.encode(), digest_size=8).hexdigest()}"


def _code(word: str) -> int:
    """A number for a word, small enough for JSON's numbers."""
    return int.from_bytes(blake2b(word.encode(), digest_size=6).digest(), "big")


def _number(value: Attribute) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def absolute(item: StoredItem, folder: Path) -> StoredItem:
    """The item with the paths of its views absolute: they are read by others than its store."""
    views = tuple(view.under(folder) for view in item.views)
    return StoredItem(item.id, views, item.attributes, item.source)
