"""Photos that were asked a moment ago, as vectors: the dial asks them again without their upload."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.interfaces.http.problems import Problem
from lookalike.retrieval.query import QueryPhoto

MOST = 512
"""Queries remembered; each is at most eight vectors, and never the photos themselves."""


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """The photos of a query without their bytes, and their vectors.

    Args:
        photos: with their crops.
        vectors: shape (photos, width).
        made_by: fingerprint of the model that made the vectors.
        parts: how many parts of the one photo were asked for; these are pooled by the best of them.
    """

    photos: tuple[QueryPhoto, ...]
    vectors: NDArray[np.float32]
    made_by: str
    parts: int = 0


class RecentQueries:
    """The last queries by photo, each under a name that nobody can guess; for many threads."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._known: OrderedDict[str, Looks] = OrderedDict()
        self._turn = threading.Lock()

    def keep(self, looks: Looks) -> str:
        """Remember a query; its name."""
        name = secrets.token_urlsafe(12)
        with self._turn:
            self._known[name] = looks
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return name

    def again(self, name: str, *, made_by: str) -> Looks:
        """The query of that name.

        Args:
            name: that ``keep`` gave.
            made_by: the model that is searched with now.

        Raises:
            Problem: (404) it is forgotten, or of another model.
        """
        with self._turn:
            looks = self._known.get(name)
            if looks is None or looks.made_by != made_by:
                raise Problem(404, "That query is forgotten.", "Send its photos again.")
            self._known.move_to_end(name)
            return looks
