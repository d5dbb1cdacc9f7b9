"""How much is lost between one way of seeing an item and another: by role, and by angle."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.errors import EvaluationError
from lookalike.evaluation.evaluated import Evaluated
from lookalike.evaluation.metrics import recall_at
from lookalike.evaluation.outcome import Measure, Outcome, Protocol
from lookalike.evaluation.protocols import Mask, answered, places_of

Found = tuple[NDArray[np.int64], NDArray[np.float64]]  # rows of the queries, place of the right item


@dataclass(frozen=True)
class ViewGap(Protocol):
    """Item recall from each role to each other role, and by angle difference where angles are known.

    Roles: queries of one role, the gallery all views of another. Angles: queries from one direction,
    the gallery the views from one other direction at the same elevation, so one view an item;
    differences are folded to 0..180°. The headline pools every pair of differing roles and angles.

    Args:
        k: place at which recall is measured.
        step_deg: angles are rounded to multiples of this.
        fewest: pairs of roles that fewer items share are left out, with a count.
    """

    k: int = 1
    step_deg: float = 15.0
    fewest: int = 5

    @property
    def name(self) -> str:
        """The protocol in words."""
        return f"view gap, item R@{self.k}"

    def check(self, seen: Evaluated) -> None:
        """Whether enough items are seen in two roles, or one from two known angles."""
        roles = (self._enough(seen, asked) for _, asked, _ in _role_pairs(seen))
        angles = (answered(seen.codes, query, gallery).any() for _, query, gallery in self._directions(seen))
        if not any(roles) and not any(angles):
            raise EvaluationError(
                f"No item is seen from two known angles, and no {self.fewest} items in the same two roles.",
                hint="Give the catalogue a role column (front, back, ...) or azimuth_deg.",
            )

    def measure(self, seen: Evaluated) -> Outcome:
        """Ask every query; see the class."""
        self.check(seen)
        roles, few = self._by_role(seen)
        angles = self._by_angle(seen)
        across = [found for label, found in roles.items() if label[0] != label[1]]
        across += [found for difference, found in angles.items() if difference > 0]
        measures = [self._measure(found, "role", " → ".join(label)) for label, found in roles.items()]
        measures += [
            self._measure(angles[difference], "angle", f"{difference:g}°") for difference in sorted(angles)
        ]
        if across:
            measures.insert(0, self._measure(_pooled(across), "overall", ""))
        return Outcome(
            measures=tuple(measures),
            counts={"pairs of roles": len(roles), "angle differences": len(angles)},
            excluded={f"pairs of roles shared by fewer than {self.fewest} items": few} if few else {},
        )

    def _measure(self, found: Found, section: str, label: str) -> Measure:
        rows, place = found
        return Measure.mean(
            f"R@{self.k}", rows, recall_at(self.k, place[:, None]), section=section, label=label
        )

    def _by_role(self, seen: Evaluated) -> tuple[dict[tuple[str, str], Found], int]:
        found, few = {}, 0
        for label, asked, gallery in _role_pairs(seen):
            if self._enough(seen, asked):
                found[label] = _ask(seen, asked, gallery)
            else:
                few += bool(asked.any())
        return found, few

    def _enough(self, seen: Evaluated, asked: Mask) -> bool:
        return len(np.unique(seen.codes[asked])) >= self.fewest

    def _by_angle(self, seen: Evaluated) -> dict[float, Found]:
        pooled: dict[float, list[Found]] = defaultdict(list)
        for difference, query, gallery in self._directions(seen):
            asked = answered(seen.codes, query, gallery)
            if asked.any():
                pooled[difference].append(_ask(seen, asked, gallery))
        return {difference: _pooled(parts) for difference, parts in pooled.items()}

    def _directions(self, seen: Evaluated) -> Iterator[tuple[float, Mask, Mask]]:
        """Every pair of different directions at one elevation: difference, query rows, gallery rows."""
        azimuth = np.round(seen.azimuth_deg / self.step_deg) * self.step_deg % 360
        elevation = np.nan_to_num(np.round(seen.elevation_deg), nan=0.0)
        known = np.isfinite(azimuth)
        for level in np.unique(elevation[known]):
            at_level = known & (elevation == level)
            for one in np.unique(azimuth[at_level]):
                for other in np.unique(azimuth[at_level]):
                    apart = abs(one - other) % 360
                    if apart:
                        yield (
                            min(apart, 360 - apart),
                            at_level & (azimuth == one),
                            at_level & (azimuth == other),
                        )


def _role_pairs(seen: Evaluated) -> Iterator[tuple[tuple[str, str], Mask, Mask]]:
    """Every pair of roles: their names, the queries whose item is in the gallery, the gallery rows."""
    present = seen.column("role")
    roles = sorted({role for role in present if role is not None})
    masks = {role: np.array([each == role for each in present]) for role in roles}
    for query in roles:
        for gallery in roles:
            yield (query, gallery), answered(seen.codes, masks[query], masks[gallery]), masks[gallery]


def _ask(seen: Evaluated, query: Mask, gallery: Mask) -> Found:
    return np.flatnonzero(query), places_of(seen, query, gallery).item


def _pooled(parts: list[Found]) -> Found:
    return np.concatenate([rows for rows, _ in parts]), np.concatenate([place for _, place in parts])
