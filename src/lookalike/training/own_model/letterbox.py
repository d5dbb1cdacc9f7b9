"""Which part of a letterboxed square is the photo, told from the pixels alone."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

WHITE = 254.5
"""Pixels of the added margins are at least this bright in every channel."""


def content_cells(photos: Tensor, cell_px: int) -> tuple[Tensor, Tensor]:
    """Rows and columns of cells that lie in the photo, as ones and zeros, shape (n, side) each.

    A letterbox adds white margins of one width on two opposite sides; what is white on both sides
    alike is taken for them, on the axis where there is more of it.

    Args:
        photos: pixels in 0..255, shape (n, 3, size, size).
        cell_px: side of a cell.
    """
    least = photos.amin(1)
    rows, columns = _margin(least.amin(2)), _margin(least.amin(1))
    wider = (columns.sum(1, keepdim=True) >= rows.sum(1, keepdim=True)).float()
    return _inside(rows * (1 - wider), cell_px), _inside(columns * wider, cell_px)


def _margin(least: Tensor) -> Tensor:
    """1 for lines that are white from the edge inwards on both sides, shape (n, size) as ``least``."""
    coloured = (least < WHITE).float()
    leading = (coloured.cumsum(1) == 0).float()
    trailing = (coloured.flip(1).cumsum(1) == 0).float().flip(1)
    alike = leading * trailing.flip(1)
    whole = (coloured.sum(1, keepdim=True) == 0).float()  # an empty photo has no margins
    return torch.maximum(alike, alike.flip(1)) * (1 - whole)


def _inside(margin: Tensor, cell_px: int) -> Tensor:
    """Cells without any margin."""
    return 1 - functional.max_pool1d(margin[:, None], cell_px)[:, 0]
