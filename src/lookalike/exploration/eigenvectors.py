"""The seed study's eigenvector projection: how the views of one item spread and turn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lookalike.errors import ExplorationError
from lookalike.evaluation.evaluated import Evaluated
from lookalike.exploration.features import Points, checked
from lookalike.exploration.pca import Principal, fit_pca


@dataclass(frozen=True, slots=True)
class ItemSpread:
    """How far the views of one item lie apart.

    Args:
        item: its id.
        rows: its views.
        spread: mean cosine distance between its views in the full space, 0 (same) to 2.
        angle_deg: largest angle between the arrows of two views on the first two eigenvectors, 0 to 180.
        farthest: the row that is least like the item's other views.
    """

    item: str
    rows: tuple[int, ...]
    spread: float
    angle_deg: float
    farthest: int


@dataclass(frozen=True, eq=False)
class EigenvectorView:
    """Every photo as an arrow from the mean on the first two eigenvectors of the covariance.

    Args:
        principal: those eigenvectors.
        arrows: the arrows' tips, shape (photos, 2).
        spreads: the items of several views, most divergent first.
    """

    principal: Principal
    arrows: Points
    spreads: tuple[ItemSpread, ...]

    @property
    def mean_spread(self) -> float:
        """Mean spread of the items that have several views."""
        return float(np.mean([one.spread for one in self.spreads]))

    @property
    def mean_angle_deg(self) -> float:
        """Mean angle of the items that have several views."""
        return float(np.mean([one.angle_deg for one in self.spreads]))


def eigenvector_view(seen: Evaluated) -> EigenvectorView:
    """The projection of the study, with what it was for: the items whose views diverge most.

    Raises:
        ExplorationError: no item has two views, or the features are not finite.
    """
    matrix = checked(seen.matrix)
    principal = fit_pca(matrix, components=2)
    arrows = principal.transform(matrix)
    spreads = [
        _spread(seen, np.flatnonzero(seen.codes == code), arrows)
        for code in np.flatnonzero(np.bincount(seen.codes) > 1)
    ]
    if not spreads:
        raise ExplorationError(
            "No item has two views, so none can diverge.", hint="Add views to the items of the catalogue."
        )
    return EigenvectorView(principal, arrows, tuple(sorted(spreads, key=lambda one: -one.spread)))


def largest_angle_deg(arrows: Points) -> float:
    """The largest angle between two arrows from the origin, in degrees; arrows of no length point nowhere.

    >>> largest_angle_deg(np.array([[1.0, 0.0], [0.0, 2.0]]))
    90.0
    """
    lengths = np.linalg.norm(arrows, axis=1)
    unit = arrows[lengths > 1e-9] / lengths[lengths > 1e-9][:, None]
    if len(unit) < 2:
        return 0.0
    return float(np.round(np.degrees(np.arccos(np.clip(unit @ unit.T, -1, 1).min())), 9))


def _spread(seen: Evaluated, rows: np.ndarray, arrows: Points) -> ItemSpread:
    likeness = (seen.matrix[rows] @ seen.matrix[rows].T).astype(np.float64)
    others = (likeness.sum(axis=1) - likeness.diagonal()) / (len(rows) - 1)
    return ItemSpread(
        item=seen.items[rows[0]].id,
        rows=tuple(int(row) for row in rows),
        spread=float(1.0 - others.mean()),
        angle_deg=largest_angle_deg(arrows[rows]),
        farthest=int(rows[others.argmin()]),
    )
