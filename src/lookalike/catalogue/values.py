"""A column of cells as attribute values of one type."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lookalike.catalogue.items import Attribute

# No leading zeros: 007 and a bar code are names, not numbers. 18 digits still fit 64 bits.
_WHOLE = re.compile(r"[+-]?(0|[1-9]\d{0,17})")
_DECIMAL = re.compile(r"[+-]?((0|[1-9]\d{0,17})(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
_TRUTH = {"true": True, "false": False}
_NOT_A_NUMBER = frozenset({"nan", "null", "none", "n/a"})


def typed(cells: Sequence[Any]) -> list[Attribute | None]:
    """The cells as values of one type for the whole column; None where nothing stands.

    Text becomes bool (true/false), int or float only where every cell of the column can; in a column of
    numbers ``nan``, ``null``, ``none`` and ``n/a`` stand for nothing. Cells of several types become text.

    >>> typed(["1", "2", ""]), typed(["1", "2.5"]), typed(["007", "8"]), typed(["True", "false"])
    ([1, 2, None], [1.0, 2.5], ['007', '8'], [True, False])
    """
    values = [scalar(cell) for cell in cells]
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {str}:
        return _typed_text(values)
    if len(kinds) == 1:
        return values
    if kinds == {int, float}:
        return [None if value is None else float(value) for value in values]
    return [None if value is None else text_of(value) for value in values]


def typed_records(records: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Attribute]]:
    """Records by their ids, each field typed over all of them; what is empty is left out.

    >>> typed_records({"a": {"price": "3"}, "b": {"price": "2.5", "note": ""}})
    {'a': {'price': 3.0}, 'b': {'price': 2.5}}
    """
    made: dict[str, dict[str, Attribute]] = {name: {} for name in records}
    for key in dict.fromkeys(key for record in records.values() for key in record):
        values = typed([record.get(key) for record in records.values()])
        for name, value in zip(records, values, strict=True):
            if value is not None:
                made[name][key] = value
    return made


def scalar(cell: Any) -> Attribute | None:
    """One cell as a plain value: NaN and empty text are nothing, dates and lists become text."""
    if isinstance(cell, np.generic):
        cell = cell.item()
    if cell is None or isinstance(cell, bool):
        return cell
    if isinstance(cell, int):
        return cell if abs(cell) < 2**63 else str(cell)
    if isinstance(cell, float):
        return cell if math.isfinite(cell) else None
    if isinstance(cell, str):
        return cell.strip() or None
    if isinstance(cell, list | dict):
        return json.dumps(cell, ensure_ascii=False, default=str) if cell else None
    return str(cell)


def text_of(value: Any) -> str:
    """A value as text, for ids and names: whole floats without their point, truth in lower case.

    >>> text_of(12.0), text_of(True), text_of(None), text_of(" a ")
    ('12', 'true', '', 'a')
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value).strip()


def _typed_text(values: list[Any]) -> list[Attribute | None]:
    distinct = {value for value in values if value is not None}
    numbers = {text for text in distinct if text.lower() not in _NOT_A_NUMBER}
    if distinct and all(text.lower() in _TRUTH for text in distinct):
        return [None if value is None else _TRUTH[value.lower()] for value in values]
    if numbers and all(_WHOLE.fullmatch(text) for text in numbers):
        return _converted(values, numbers, int)
    if numbers and all(_DECIMAL.fullmatch(text) for text in numbers):
        return _converted(values, numbers, float)
    return values


def _converted(values: list[Any], numbers: set[str], kind: type[int] | type[float]) -> list[Attribute | None]:
    made = {text: kind(text) for text in numbers}
    if any(math.isinf(number) for number in made.values()):  # 1e999 is a name, then
        return values
    return [made.get(value) for value in values]
