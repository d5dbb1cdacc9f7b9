"""Vectors whose products are a kernel: near things count as near, all others alike as far.

The Gaussian kernel of unit vectors, ``exp(sharpness (cos - 1))``, approximated on landmarks
(Nyström method; Williams and Seeger, "Using the Nyström Method to Speed Up Kernel Machines", 2001)
and cut to its strongest directions.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class KernelMap(nn.Module):
    """Unit vectors in, unit vectors out.

    Args:
        landmarks: unit vectors that stand for all, shape (landmarks, inputs).
        width: of the vectors that come out; at most the number of landmarks.
        sharpness: how fast likeness falls with the angle.

    Raises:
        ValueError: fewer landmarks than ``width``.
    """

    landmarks: Tensor
    directions: Tensor

    def __init__(self, landmarks: Tensor, *, width: int, sharpness: float) -> None:
        super().__init__()
        if len(landmarks) < width:
            raise ValueError(f"{len(landmarks)} landmarks span fewer than {width} directions")
        self.sharpness = sharpness
        self.register_buffer("landmarks", landmarks)
        variances, axes = torch.linalg.eigh(self._likeness(landmarks).double())
        kept, axes = variances.flip(0)[:width].clamp(min=1e-6), axes.flip(1)[:, :width]
        self.register_buffer("directions", (axes * kept.rsqrt()).float())

    def forward(self, vectors: Tensor) -> Tensor:
        """Shape (n, inputs) to (n, width)."""
        return functional.normalize(self._likeness(vectors) @ self.directions, dim=1)

    def _likeness(self, vectors: Tensor) -> Tensor:
        return torch.exp(self.sharpness * (vectors @ self.landmarks.T - 1))
