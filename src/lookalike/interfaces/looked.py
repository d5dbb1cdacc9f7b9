"""What a client gets from the routes that look into photos, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Explained:
    """Why an item is like a photo.

    Args:
        item, view: that were compared with it.
        score: of the pair.
        method: ``contribution`` (exact) or ``occlusion``.
        shares: of the score, by colour, texture and shape; empty where the model does not tell.
        photo_heat, view_heat: over either photo, 0 to 1, shape (rows, columns).
    """

    item: str
    view: str
    score: float
    method: str
    shares: Mapping[str, float]
    photo_heat: NDArray[np.float32]
    view_heat: NDArray[np.float32]

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Explained:
        """From the server's JSON."""
        heats = (np.array(told[name], np.float32) for name in ("photo_heat", "view_heat"))
        return cls(told["item"], told["view"], told["score"], told["method"], told["shares"], *heats)


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
