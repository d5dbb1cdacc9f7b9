"""Where photos enter a model, and where their vectors leave it."""

from __future__ import annotations

from dataclasses import dataclass

from lookalike.embedding.onnx_check import FLOAT32, UINT8, Port, Ports
from lookalike.errors import ModelFileError

FEATURE_NAMES = ("features", "embedding", "embeddings", "vector")


@dataclass(frozen=True, slots=True)
class Entrance:
    """How pixels enter a model: the input's name, its layout, and whether it takes raw bytes."""

    name: str
    channels_first: bool
    raw: bool


def find_entrance(ports: Ports, *, where: str) -> tuple[Entrance, int | None]:
    """The one input that takes photos, and its side in pixels (None = any).

    Raises:
        ModelFileError: there is no such input, or it takes a fixed batch of several photos.
    """
    hint = "Export with one input of shape (batch, 3, size, size) or (batch, size, size, 3)."
    if len(ports.inputs) != 1:
        raise ModelFileError(f"{where} has {len(ports.inputs)} inputs, not one.", hint=hint)
    port = ports.inputs[0]
    sides = _sides(port)
    fits = port.element in (FLOAT32, UINT8) and len(set(sides)) == 1 and port.shape[0] in (None, 0, 1)
    if not fits:
        raise ModelFileError(
            f"{where}: input {port.name!r} of shape {port.shape} takes no photos.", hint=hint
        )
    return Entrance(port.name, port.shape[1] == 3, port.element == UINT8), sides[0] or None


def _sides(port: Port) -> tuple[int | None, ...]:
    if len(port.shape) != 4:
        return ()
    if port.shape[1] == 3:
        return port.shape[2:]
    return port.shape[1:3] if port.shape[3] == 3 else ()


def find_output(ports: Ports, *, asked: str | None, where: str) -> Port:
    """The output that holds the vector: the one asked for, the one so named, or the only one.

    Raises:
        ModelFileError: none is the vector beyond doubt.
    """
    named = {port.name: port for port in ports.outputs}
    if asked is None and len(named) == 1:
        return ports.outputs[0]
    for name in (asked,) if asked is not None else FEATURE_NAMES:
        if name in named:
            return named[name]
    raise ModelFileError(
        f"{where} has no output {asked or 'features'!r}.",
        hint=f"Choose one of its outputs: {', '.join(named) or 'none'}.",
    )
