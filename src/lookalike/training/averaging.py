"""Several processes train one network: each for itself, and now and then they meet in the middle.

Local SGD (arXiv 1805.09767) through a folder: a process writes its weights, reads those that the
others wrote lately, and goes on from the mean. No process waits for another, and any may come,
go or be killed.
"""

from __future__ import annotations

import time
from pathlib import Path

import torch
from torch import Tensor, nn

FRESH_S = 600.0
"""Weights written longer ago than this belong to a process that is gone."""


def meet(network: nn.Module, folder: Path, *, worker: int) -> int:
    """Write this process's weights and take the mean of all fresh ones.

    Returns:
        How many processes' weights went into the mean.
    """
    folder.mkdir(parents=True, exist_ok=True)
    save_weights(network.state_dict(), folder / f"worker-{worker}.safetensors")
    now = time.time()
    files = [
        file for file in sorted(folder.glob("worker-*.safetensors")) if now - file.stat().st_mtime < FRESH_S
    ]
    network.load_state_dict(mean_weights([load_weights(file) for file in files]))
    return len(files)


def mean_weights(states: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    """The mean of each tensor; counters are taken from the first."""
    first = states[0]
    return {
        name: torch.stack([state[name] for state in states]).mean(0) if value.is_floating_point() else value
        for name, value in first.items()
    }


def save_weights(weights: dict[str, Tensor], file: Path) -> None:
    """Write tensors so that a kill at any moment leaves the old file or the new one."""
    from safetensors.torch import save_file

    unfinished = file.with_suffix(".part")
    save_file({name: value.contiguous() for name, value in weights.items()}, unfinished)
    unfinished.replace(file)


def load_weights(file: Path) -> dict[str, Tensor]:
    """Read tensors back."""
    from safetensors.torch import load_file

    weights: dict[str, Tensor] = load_file(file)
    return weights
