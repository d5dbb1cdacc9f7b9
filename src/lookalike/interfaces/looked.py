"""What a client gets from the routes that look into photos, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Spot = tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Explained:
    """Why an item is like a photo.

    Args:
        item, view: that were compared with it.
        score: of the pair.
        method: ``contribution`` (exact) or ``occlusion``.
        shares: of the score, by colour, texture and shape; empty where the model does not tell.
        places: that are like each other, best first: (across, down) on the photo and on the view, as shares.
        photo_heat, view_heat: over either photo, 0 to 1, shape (rows, columns).
    """

    item: str
    view: str
    score: float
    method: str
    shares: Mapping[str, float]
    places: tuple[tuple[Spot, Spot], ...]
    photo_heat: NDArray[np.float32]
    view_heat: NDArray[np.float32]

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Explained:
        """From the server's JSON."""
        heats = (np.array(told[name], np.float32) for name in ("photo_heat", "view_heat"))
        places = tuple((_spot(one["photo"]), _spot(one["view"])) for one in told["places"])
        return cls(told["item"], told["view"], told["score"], told["method"], told["shares"], places, *heats)


def _spot(told: Sequence[float]) -> Spot:
    across, down = told
    return across, down


@dataclass(frozen=True, slots=True)
class SeenMark:
    """A place of a scene where an item seems to be.

    Args:
        box: left, top, right, bottom as shares of the scene.
        score: of the item's closest view.
        item, view: which.
    """

    box: tuple[float, float, float, float]
    score: float
    item: str
    view: str

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> SeenMark:
        """From the server's JSON."""
        left, top, right, bottom = told["box"]
        return cls((left, top, right, bottom), told["score"], told["item"], told["view"])
