"""What a protocol works on: the views of a catalogue with one model's vectors, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lookalike.catalogue.items import Attribute, Catalogue, Item, View
from lookalike.embedding.vectors import Vectors
from lookalike.errors import EvaluationError


@dataclass(frozen=True, eq=False)
class Evaluated:
    """Views, the items they belong to, and their vectors: one row each.

    Args:
        items: the item of each row.
        views: the view of each row.
        ids: the content hash of each row's photo.
        matrix: unit vectors, float32, shape (rows, width).
        fingerprint: of the embedder that made them.
        without_vector: views that are not here because their photo could not be used.

    Raises:
        EvaluationError: there are no rows, or the parts differ in length.
    """

    items: tuple[Item, ...]
    views: tuple[View, ...]
    ids: tuple[str, ...]
    matrix: NDArray[np.float32] = field(repr=False)
    fingerprint: str
    without_vector: int = 0

    def __post_init__(self) -> None:
        lengths = {len(self.items), len(self.views), len(self.ids), len(self.matrix)}
        if len(lengths) != 1 or lengths == {0}:
            raise EvaluationError(
                f"There is nothing to evaluate: items, views, ids and vectors number {sorted(lengths)}.",
                hint="Give a catalogue with at least one usable photo, one vector a view.",
            )

    @classmethod
    def of(cls, catalogue: Catalogue, vectors: Vectors) -> Evaluated:
        """The views of a catalogue that have a vector, matched by photo id; the others are counted.

        Raises:
            EvaluationError: no view of the catalogue has a vector.
        """
        row_of = {name: row for row, name in enumerate(vectors.ids)}
        pairs = [(item, view) for item, view in catalogue.views() if view.id in row_of]
        return cls(
            items=tuple(item for item, _ in pairs),
            views=tuple(view for _, view in pairs),
            ids=tuple(view.id for _, view in pairs),
            matrix=vectors.matrix[[row_of[view.id] for _, view in pairs]],
            fingerprint=vectors.fingerprint,
            without_vector=catalogue.view_count - len(pairs),
        )

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def codes(self) -> NDArray[np.int64]:
        """A number for each row's item, shape (rows,)."""
        return codes_of([item.id for item in self.items])

    @cached_property
    def azimuth_deg(self) -> NDArray[np.float64]:
        """The horizontal angle of each row, NaN where unknown, shape (rows,)."""
        return _angles([view.azimuth_deg for view in self.views])

    @cached_property
    def elevation_deg(self) -> NDArray[np.float64]:
        """The vertical angle of each row, NaN where unknown, shape (rows,)."""
        return _angles([view.elevation_deg for view in self.views])

    def column(self, name: str) -> list[str | None]:
        """One value a row: ``role``, ``item``, or an attribute of the view, else of its item.

        Raises:
            EvaluationError: no row has such a column.
        """
        if name == "item":
            return [item.id for item in self.items]
        if name == "role":
            return [view.role for view in self.views]
        values = [_text(view.attributes.get(name, item.attributes.get(name))) for item, view in self._pairs()]
        if all(value is None for value in values):
            known = {key for item, view in self._pairs() for key in (*item.attributes, *view.attributes)}
            raise EvaluationError(
                f"No view and no item has a column {name!r}.",
                hint=f"Choose one of: {', '.join(['item', 'role', *sorted(known)])}.",
            )
        return values

    def rows(self, keep: NDArray[np.bool_]) -> Evaluated:
        """The rows where ``keep`` is true, as a set of their own.

        Raises:
            EvaluationError: no row is left.
        """
        chosen = np.flatnonzero(keep)
        return Evaluated(
            items=tuple(self.items[row] for row in chosen),
            views=tuple(self.views[row] for row in chosen),
            ids=tuple(self.ids[row] for row in chosen),
            matrix=self.matrix[chosen],
            fingerprint=self.fingerprint,
            without_vector=self.without_vector,
        )

    def _pairs(self) -> zip[tuple[Item, View]]:
        return zip(self.items, self.views, strict=True)


def codes_of(values: Sequence[str | None]) -> NDArray[np.int64]:
    """A number for each distinct value, in sorted order; None gets -1.

    >>> codes_of(["b", "a", None, "b"])
    array([ 1,  0, -1,  1])
    """
    number = {
        value: code for code, value in enumerate(sorted({value for value in values if value is not None}))
    }
    return np.array([-1 if value is None else number[value] for value in values], np.int64)


def _angles(values: Sequence[float | None]) -> NDArray[np.float64]:
    return np.array([np.nan if value is None else value for value in values], np.float64)


def _text(value: Attribute | None) -> str | None:
    return None if value is None or value == "" else str(value)
