"""View ids, a matrix, and the fingerprint of the embedder that made it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.errors import EmbedderError


@dataclass(frozen=True, eq=False)
class Vectors:
    """Unit vectors of views.

    Args:
        ids: one view id a row.
        matrix: float32, shape (len(ids), width), rows of length one.
        fingerprint: of the embedder that made them.
    """

    ids: tuple[str, ...]
    matrix: NDArray[np.float32]
    fingerprint: str

    def __post_init__(self) -> None:
        if self.matrix.ndim != 2 or len(self.ids) != len(self.matrix):
            raise EmbedderError(
                f"{len(self.ids)} ids do not fit a matrix of shape {self.matrix.shape}.",
                hint="Give one row a view.",
            )

    def __len__(self) -> int:
        return len(self.ids)
