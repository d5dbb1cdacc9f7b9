"""Features that may be explored: a finite matrix, one row a photo."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lookalike.embedding.card import Block
from lookalike.errors import ExplorationError, MissingExtra

Matrix = NDArray[np.float32]
Points = NDArray[np.float64]
Codes = NDArray[np.int64]


def checked(features: ArrayLike, *, fewest: int = 1, what: str = "This") -> Matrix:
    """The features as float32, shape (photos, width).

    Args:
        features: anything that numpy takes for a matrix.
        fewest: rows needed.
        what: what needs them, for the message.

    Raises:
        ExplorationError: no matrix, too few rows, or values that are NaN or infinite.
    """
    matrix = np.asarray(features, np.float32)
    if matrix.ndim != 2 or matrix.shape[1] == 0:
        raise ExplorationError(
            f"Features have the shape {matrix.shape}.", hint="Give one row a photo, one column a feature."
        )
    if len(matrix) < fewest:
        raise ExplorationError(
            f"{what} needs {fewest} photos at least, there are {len(matrix)}.",
            hint="Index more photos, or ask for less.",
        )
    bad = ~np.isfinite(matrix).all(axis=1)
    if bad.any():
        raise ExplorationError(
            f"{int(bad.sum())} of {len(matrix)} rows hold NaN or infinity, the first is row "
            f"{int(np.flatnonzero(bad)[0])}.",
            hint="Embed those photos again, or leave their rows out.",
        )
    return matrix


def unit_block(matrix: Matrix, block: Block) -> Matrix:
    """One block of all vectors, each row of length one; rows without it stay zero."""
    part = matrix[:, block.start : block.stop]
    lengths = np.linalg.norm(part, axis=1, keepdims=True)
    return np.asarray(part / np.where(lengths > 0, lengths, 1), np.float32)


def library(name: str, feature: str, *, extra: str = "explore") -> Any:
    """An optional library, imported when it is first needed.

    Args:
        name: of the module.
        feature: what needs it, as the beginning of a sentence.
        extra: that brings it.

    Raises:
        MissingExtra: it is not installed.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise MissingExtra(feature, extra=extra) from error
