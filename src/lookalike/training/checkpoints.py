"""Where a run stands, in one safetensors file: weights, optimiser, average, and the state as JSON.

All chance in a run is a function of (seed, epoch, step), so the epoch is all that must be kept of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from lookalike.atomic import replacing
from lookalike.errors import TrainingError
from lookalike.training.heads import Learner
from lookalike.training.optimisation import Average
from lookalike.training.recipe import Recipe

LAST, BEST = "last.safetensors", "best.safetensors"


@dataclass
class Standing:
    """The parts of a run that move.

    Args:
        learner: the weights.
        optimiser: its moments.
        average: of the weights, where one is kept.
        history: the figures of every epoch done.
    """

    learner: Learner
    optimiser: Optimizer
    average: Average | None
    history: list[dict[str, float]]

    @property
    def measured(self) -> Learner:
        """The weights that are measured and exported."""
        return self.learner if self.average is None else self.average.learner


def save(file: Path, standing: Standing, recipe: Recipe) -> None:
    """Write a checkpoint; a kill at any moment leaves the old one or the new one."""
    from safetensors.torch import save_file

    tensors = {f"learner.{name}": value for name, value in standing.learner.state_dict().items()}
    if standing.average is not None:
        state = standing.average.learner.state_dict()
        tensors |= {f"average.{name}": value for name, value in state.items()}
    for number, moments in standing.optimiser.state_dict()["state"].items():
        tensors |= {
            f"optimiser.{number}.{key}": torch.as_tensor(value)
            for key, value in moments.items()
            if value is not None
        }
    state_json = {
        "recipe": recipe.to_dict(),
        "history": standing.history,
        "average_steps": 0 if standing.average is None else standing.average.steps,
    }
    whole = {name: value.detach().cpu().clone().contiguous() for name, value in tensors.items()}
    with replacing(file, alone=True) as draft:
        save_file(whole, draft, metadata={"state": json.dumps(state_json)})


def restore(file: Path, standing: Standing, recipe: Recipe) -> None:
    """Put a run back where its checkpoint stands.

    Raises:
        TrainingError: there is none, it is damaged, or it belongs to another recipe.
    """
    tensors, state = read(file)
    _require_same(file, state["recipe"], recipe)
    load_weights(file, standing, tensors)
    moments: dict[int, dict[str, Tensor]] = {}
    for name, value in _part(tensors, "optimiser.").items():
        number, _, key = name.partition(".")
        moments.setdefault(int(number), {})[key] = value
    groups = standing.optimiser.state_dict()["param_groups"]
    standing.optimiser.load_state_dict({"state": moments, "param_groups": groups})
    standing.history[:] = state["history"]
    if standing.average is not None:
        standing.average.steps = state["average_steps"]


def check_resumable(file: Path, recipe: Recipe) -> None:
    """Refuse, before any work, what ``restore`` would refuse after it.

    Raises:
        TrainingError: there is no checkpoint, it is damaged, or it belongs to another recipe.
    """
    _require_same(file, read(file)[1]["recipe"], recipe)


def _require_same(file: Path, theirs: dict[str, Any], recipe: Recipe) -> None:
    there, here = dict(_flat(theirs)), dict(_flat(json.loads(json.dumps(recipe.to_dict()))))
    other = [name for name in (*there, *here) if there.get(name) != here.get(name)]
    if other:
        name = other[0]
        raise TrainingError(
            f"{file} was written by a run of another recipe: {name} is {there.get(name)!r} there, "
            f"{here.get(name)!r} here.",
            hint="Resume with the settings of that run (its recipe.json), or choose another --out.",
        )


def _flat(section: dict[str, Any], where: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of a recipe with its name, such as ``schedule.epochs``."""
    for key, value in section.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{where}{key}.")
        else:
            yield where + key, value


def load_weights(file: Path, standing: Standing, tensors: dict[str, Tensor] | None = None) -> None:
    """Take over a checkpoint's weights and their average, not its optimiser.

    Raises:
        TrainingError: there is none, or it is damaged.
    """
    tensors = read(file)[0] if tensors is None else tensors
    try:
        standing.learner.load_state_dict(_part(tensors, "learner."))
        if standing.average is not None:
            standing.average.learner.load_state_dict(_part(tensors, "average."))
    except RuntimeError as error:
        raise TrainingError(
            f"{file} holds the weights of another network or catalogue.", hint="Choose another --out."
        ) from error


def read(file: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Tensors and state of a checkpoint.

    Raises:
        TrainingError: there is none, or it is damaged.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, framework="pt") as opened:
            tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
            return tensors, json.loads(opened.metadata()["state"])
    except (OSError, SafetensorError, ValueError, KeyError, TypeError) as error:
        raise TrainingError(
            f"{file} is no checkpoint to resume from ({error}).", hint="Start again without --resume."
        ) from error


def _part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name[len(prefix) :]: value for name, value in tensors.items() if name.startswith(prefix)}
