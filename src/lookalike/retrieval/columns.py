"""The items' attributes by column, so that a filter on many items takes no longer than a search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lookalike.catalogue.items import Attributes
from lookalike.retrieval.filters import Between, Where, allowed_items, same_word, wanted_values
from lookalike.retrieval.splicing import Splice


@dataclass(frozen=True, eq=False)
class _Column:
    """One attribute of all items.

    Args:
        codes: the number of each item's word, -1 where it has none; shape (items,).
        number_of: of each word.
        values: as numbers, NaN where there is none; None where any value is text; shape (items,).
    """

    codes: NDArray[np.int32]
    number_of: dict[str, int]
    values: NDArray[np.float64] | None

    @cached_property
    def is_there(self) -> bool:
        """Whether any item has it."""
        return bool((self.codes >= 0).any())


class Columns:
    """Answers filters on the attributes of a snapshot's items; a column is read when it is first asked for.

    Args:
        attributes: of the items, in their order.
    """

    def __init__(self, attributes: Sequence[Attributes]) -> None:
        self._attributes = attributes
        self._known: dict[str, _Column] = {}

    def allowed(self, where: Where) -> NDArray[np.bool_]:
        """Which items meet every condition, shape (items,), as ``allowed_items`` says it.

        Raises:
            QueryError: no item has that attribute, or a range is asked of text.
        """
        allowed = np.ones(len(self._attributes), np.bool_)
        for name, condition in where.items():
            column = self._column(name)
            if not column.is_there or (isinstance(condition, Between) and column.values is None):
                allowed_items(self._attributes, {name: condition})  # says what is wrong with it
            if isinstance(condition, Between):
                allowed &= _within(column, condition)
            else:
                words = {same_word(value) for value in wanted_values(name, condition)}
                codes = [column.number_of[word] for word in words if word in column.number_of]
                allowed &= np.isin(column.codes, codes)
        return allowed

    def after(self, attributes: Sequence[Attributes], splice: Splice) -> Columns:
        """The columns after a change: those that were read are gone on with.

        Args:
            attributes: of the items after it.
            splice: which items went, and where new ones came.
        """
        later = Columns(attributes)
        lost = [self._attributes[place] for place in splice.gone.tolist()]
        news = [attributes[place] for place in splice.news.tolist()]
        for name, column in self._known.items():
            text_left = column.values is None and any(name in one for one in lost)
            if not text_left:  # else the numbers that are left may be all there is: read anew
                later._known[name] = _spliced(name, column, splice, news)
        return later

    def _column(self, name: str) -> _Column:
        if name not in self._known:
            self._known[name] = self._read(name)
        return self._known[name]

    def _read(self, name: str) -> _Column:
        return _read(name, self._attributes, {})


def _read(name: str, items: Sequence[Attributes], number_of: dict[str, int]) -> _Column:
    """A column of items; words that have no number yet get the next one."""
    codes = np.full(len(items), -1, np.int32)
    values: NDArray[np.float64] | None = np.full(len(items), np.nan)
    for place, attributes in enumerate(items):
        if name not in attributes:
            continue
        value = attributes[name]
        codes[place] = number_of.setdefault(same_word(value), len(number_of))
        if values is not None:
            try:
                values[place] = float(value)
            except ValueError:
                values = None
    return _Column(codes, number_of, values)


def _spliced(name: str, column: _Column, splice: Splice, news: Sequence[Attributes]) -> _Column:
    fresh = _read(name, news, dict(column.number_of))
    values = None
    if column.values is not None and fresh.values is not None:
        values = splice.array(column.values, fresh.values)
    return _Column(splice.array(column.codes, fresh.codes), fresh.number_of, values)


def _within(column: _Column, condition: Between) -> NDArray[np.bool_]:
    values = column.values
    assert values is not None, "text was refused before"
    found: NDArray[np.bool_] = column.codes >= 0
    if condition.low is not None:
        found &= values >= condition.low
    if condition.high is not None:
        found &= values <= condition.high
    return found
