"""What `tune` starts from: a model whose graph is at hand, and the parts of its vector that get heads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lookalike.embedding.card import Block, Card
from lookalike.embedding.entrances import find_output
from lookalike.embedding.model_folder import is_model_folder
from lookalike.embedding.model_source import read_source
from lookalike.embedding.onnx_check import Ports
from lookalike.embedding.zoo import KNOWN, PACKAGED
from lookalike.errors import TrainingError

WHOLE = "shape"
"""What a base without blocks is called, once a colour block stands beside it."""
COLOUR = "colour"


@dataclass(frozen=True, eq=False)
class Base:
    """A model that can be tuned.

    Args:
        path: its folder or file.
        card: its papers; the width may be 0 where a bare file does not say it.
        model: the bytes of its ONNX file.
        ports: what the file takes and gives.
        output: the name of the output that holds the vector.
    """

    path: Path
    card: Card
    model: bytes
    ports: Ports
    output: str


def open_base(name_or_folder: str | Path) -> Base:
    """The model of that name or path, with its graph.

    Raises:
        TrainingError: an embedder that is code or a framework's model: it has no graph to be joined with.
        ModelFileError: the files are damaged, unsafe, or do not fit their card.
    """
    path = _path(name_or_folder)
    card, model, ports = read_source(path, features=None, scaling=None)
    return Base(path, card, model, ports, find_output(ports, asked=None, where=str(path)).name)


def _path(wanted: str | Path) -> Path:
    if isinstance(wanted, str):
        if wanted in ("default", "lookalike") and is_model_folder(PACKAGED):
            return PACKAGED
        if wanted.partition(":")[0] in KNOWN:
            named = "descriptor (the default here)" if wanted == "default" else wanted.partition(":")[0]
            raise TrainingError(
                f"{named} has no ONNX graph, and tuning joins a head to one.",
                hint="Give a model folder or an ONNX file by --model; a colour block is added to a model "
                "that has none.",
            )
    path = Path(wanted).expanduser()
    if not path.exists():
        raise TrainingError(f"There is no model at {path}.", hint="Give a model folder or an ONNX file.")
    return path


def blocks_of(card: Card) -> tuple[Block, ...]:
    """The parts of the vector that are tuned one by one: the card's blocks, or the whole.

    >>> blocks_of(Card("mine", 8, 96, ""))
    (Block(name='shape', start=0, stop=8, weight=1.0),)
    """
    return card.blocks or (Block(WHOLE, 0, card.width, 1.0),)
