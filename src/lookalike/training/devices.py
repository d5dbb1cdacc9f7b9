"""Where a run works: the CPU, a GPU, or several of them, each a process of its own."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from lookalike.errors import TrainingError


@dataclass(frozen=True)
class Devices:
    """Where a run works.

    Args:
        accelerator: ``cpu``, ``gpu``, or ``auto``.
        count: how many; with several, each takes its part of every batch. Under ``torchrun`` its own
            figures count.
        tensorboard: also write logs that TensorBoard reads.
    """

    accelerator: str = "auto"
    count: int = 1
    tensorboard: bool = False


@dataclass(frozen=True)
class Workplace:
    """Devices at work.

    Args:
        fabric: Lightning Fabric, launched.
        tensorboard: as asked for.
    """

    fabric: Any
    tensorboard: bool = False


def start(devices: Devices, *, bf16: bool = False) -> Workplace:
    """Devices at work; with several, the other processes run from here on.

    Raises:
        TrainingError: there are not so many.
    """
    from lightning_fabric import Fabric

    count, nodes = _asked(devices)
    try:
        fabric = Fabric(
            accelerator=devices.accelerator,
            devices=count,
            num_nodes=nodes,
            strategy="ddp" if count * nodes > 1 else "auto",
            precision="bf16-mixed" if bf16 else "32-true",
        )
        fabric.launch()
    except (RuntimeError, ValueError) as error:
        raise TrainingError(
            f"{count} devices of kind {devices.accelerator!r} cannot be had ({str(error).splitlines()[0]}).",
            hint="Choose --accelerator and --devices by what this machine has.",
        ) from error
    return Workplace(fabric, devices.tensorboard)


def _asked(devices: Devices) -> tuple[int, int]:
    """Devices of this machine, and machines; ``torchrun`` says both in the environment."""
    here, everywhere = os.environ.get("LOCAL_WORLD_SIZE"), os.environ.get("WORLD_SIZE")
    if here is None or everywhere is None or "TORCHELASTIC_RUN_ID" not in os.environ:
        return devices.count, 1
    return int(here), int(everywhere) // int(here)
