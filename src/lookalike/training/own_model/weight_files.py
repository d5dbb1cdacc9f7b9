"""Tensors on disk as safetensors, written whole or not at all."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor

from lookalike.atomic import replacing


def save_weights(weights: dict[str, Tensor], file: Path) -> None:
    """Write tensors so that a kill at any moment leaves the old file or the new one."""
    from safetensors.torch import save_file

    with replacing(file, alone=True) as draft:
        save_file({name: value.contiguous() for name, value in weights.items()}, draft)


def load_weights(file: Path) -> dict[str, Tensor]:
    """Read tensors back."""
    from safetensors.torch import load_file

    weights: dict[str, Tensor] = load_file(file)
    return weights
