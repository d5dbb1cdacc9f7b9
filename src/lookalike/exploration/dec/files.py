"""A trained DEC on disk: weights as safetensors, everything else as JSON. No pickle."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import torch

from lookalike.atomic import write_atomically
from lookalike.errors import ExplorationError
from lookalike.exploration.dec.network import Autoencoder
from lookalike.exploration.dec.running import Dec
from lookalike.exploration.dec.settings import DecSettings
from lookalike.exploration.features import library

WEIGHTS, FACTS, FORMAT = "dec.safetensors", "dec.json", 1


def save_dec(dec: Dec, folder: Path) -> Path:
    """Write a trained network into a folder; what lay there under the same names is replaced.

    Raises:
        MissingExtra: safetensors is not installed.
    """
    files = library("safetensors.torch", "Saving clusters", extra="train")
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {f"network.{name}": part.contiguous() for name, part in dec.network.state_dict().items()}
    tensors["centres"] = dec.centres.contiguous()
    tensors["shift"] = torch.from_numpy(dec.shift).contiguous()
    facts = {"format": FORMAT, "settings": asdict(dec.settings), "scale": dec.scale, "stopped": dec.stopped}
    write_atomically(folder / WEIGHTS, files.save(tensors))
    write_atomically(folder / FACTS, json.dumps(facts, indent=2))
    return folder


def load_dec(folder: Path) -> Dec:
    """Read a trained network back.

    Raises:
        ExplorationError: the folder holds none, or it is damaged.
    """
    files = library("safetensors.torch", "Loading clusters", extra="train")
    try:
        facts = json.loads((folder / FACTS).read_text())
        if facts["format"] != FORMAT:
            raise ValueError(f"format {facts['format']}")
        settings = DecSettings(**{**facts["settings"], "hidden": tuple(facts["settings"]["hidden"])})
        tensors = files.load((folder / WEIGHTS).read_bytes())
        shift = tensors["shift"].numpy()
        network = Autoencoder(len(shift), settings)
        prefix = "network."
        network.load_state_dict(
            {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
        )
        return Dec(settings, network.eval(), tensors["centres"], shift, facts["scale"], facts["stopped"])
    except Exception as error:  # a damaged file fails in many ways
        raise ExplorationError(
            f"{folder} holds no clusters that can be read ({error}).", hint="Cluster again and save them."
        ) from error
