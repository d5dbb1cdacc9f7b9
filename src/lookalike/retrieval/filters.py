"""Filters on the items' attributes: which items may be found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
from numpy.typing import NDArray

from lookalike.catalogue.items import Attribute, Attributes
from lookalike.errors import QueryError


@dataclass(frozen=True, slots=True)
class Between:
    """A range of numbers, both ends included.

    Args:
        low, high: the ends; an open end is None.

    Raises:
        QueryError: the lower end lies above the upper one.
    """

    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        if self.low is not None and self.high is not None and not self.low <= self.high:
            raise QueryError(f"The range {self.low}..{self.high} is empty.", hint="Give the lower end first.")

    def holds(self, value: float) -> bool:
        """Whether a number lies within."""
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


SHOWN = 12
"""Values of a column that are named where none fits."""

Condition = Attribute | Sequence[Attribute] | Between
Where = Mapping[str, Condition]


def allowed_items(items: Sequence[Attributes], where: Where) -> NDArray[np.bool_]:
    """Which items meet every condition, shape (items,); an item without the attribute does not.

    Args:
        items: their attributes.
        where: for each attribute a value, a list of values of which one must fit, or a range.
            Text is compared without regard to case; a number fits its own text.

    Raises:
        QueryError: no item has that attribute, or a range is asked of text.
    """
    allowed = np.ones(len(items), np.bool_)
    for column, condition in where.items():
        test = _test(column, condition)
        if not any(column in attributes for attributes in items):
            raise _unknown(column, items)
        allowed &= np.fromiter(
            (column in attributes and test(attributes[column]) for attributes in items),
            np.bool_,
            len(items),
        )
    return allowed


def unmet(items: Sequence[Attributes], where: Where) -> list[str]:
    """A sentence for each value of a filter that no item has, with values that there are.

    Args:
        items: their attributes.
        where: as in ``allowed_items``; ranges say nothing.
    """
    told = []
    for column, condition in where.items():
        if isinstance(condition, Between):
            continue
        known = {same_word(item[column]): str(item[column]) for item in items if column in item}
        for value in wanted_values(column, condition):
            if same_word(value) in known:
                continue
            near = get_close_matches(same_word(value), known, 1)
            some = f"Do you mean {known[near[0]]}?" if near else f"There are: {', '.join(_first(known))}."
            told.append(f"No item has {value!r} in {column!r}. {some}")
    return told


def _first(known: Mapping[str, str]) -> list[str]:
    return [*sorted(known.values())[:SHOWN], *(["..."] if len(known) > SHOWN else [])]


def _test(column: str, condition: Condition) -> Callable[[Attribute], bool]:
    if isinstance(condition, Between):
        return lambda value: condition.holds(_number(column, value))
    words = {same_word(one) for one in wanted_values(column, condition)}
    return lambda value: same_word(value) in words


def wanted_values(column: str, condition: Condition) -> Sequence[Attribute]:
    """The values of which one must fit.

    Raises:
        QueryError: it is neither a value nor a list of values.
    """
    wanted = [condition] if isinstance(condition, str | int | float) else condition
    if not isinstance(wanted, list | tuple | set | frozenset):
        raise QueryError(
            f"The filter on {column!r} is a {type(condition).__name__}.",
            hint="Give a value, a list of values, or Between(low, high).",
        )
    return list(wanted)


def same_word(value: Attribute) -> str:
    """Equal for values that a person would call the same: 3 and 3.0 and '3', Red and red."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip().casefold()


def _number(column: str, value: Attribute) -> float:
    try:
        return float(value)
    except ValueError as error:
        raise QueryError(
            f"The attribute {column!r} has text such as {value!r}; a range needs numbers.",
            hint="Filter it by a value or a list of values.",
        ) from error


def _unknown(column: str, items: Iterable[Attributes]) -> QueryError:
    known = sorted({name for attributes in items for name in attributes})
    return QueryError(
        f"No item has an attribute {column!r}.",
        hint=f"Filter by one of: {', '.join(known)}." if known else "These items have no attributes.",
    )


def parse_where(conditions: Iterable[str]) -> dict[str, Condition]:
    """Filters from text: ``colour=red``, ``colour=red,blue``, ``price=10..20``, ``price=..20``.

    Raises:
        QueryError: a condition has another form.

    >>> parse_where(["colour=red,blue", "price=10..20"])
    {'colour': ['red', 'blue'], 'price': Between(low=10.0, high=20.0)}
    """
    where: dict[str, Condition] = {}
    for text in conditions:
        column, sign, wanted = (part.strip() for part in text.partition("="))
        if not (column and sign and wanted):
            raise QueryError(
                f"{text!r} is no filter.", hint="Write column=value, column=one,other or column=low..high."
            )
        low, dots, high = wanted.partition("..")
        if dots:
            where[column] = _range(text, low, high)
        else:
            where[column] = wanted.split(",") if "," in wanted else wanted
    return where


def _range(text: str, low: str, high: str) -> Between:
    try:
        return Between(float(low) if low else None, float(high) if high else None)
    except ValueError as error:
        raise QueryError(f"{text!r} is no range of numbers.", hint="Write column=low..high.") from error
