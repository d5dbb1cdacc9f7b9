"""An untrained network: four random convolutions. What a comparison must beat to have learned anything."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lookalike.embedding.card import Card
from lookalike.embedding.model_folder import digest
from lookalike.embedding.onnx_check import FLOAT32, inspect_onnx
from lookalike.embedding.protobuf import write_field
from lookalike.embedding.runtime import ModelEmbedder, physical_cores
from lookalike.embedding.sessions import load_session

SIZE_PX = 96
CHANNELS = (3, 32, 64, 128, 256)
KERNEL_PX = 3
INTS = 7  # the attribute type "list of integers" in onnx.proto


def open_untrained(*, seed: int = 0, threads: int | None = None) -> ModelEmbedder:
    """Strided 3x3 convolutions with He-normal weights (arXiv 1502.01852), averaged over the photo."""
    model = untrained_model(seed)
    card = Card(
        name="untrained",
        width=CHANNELS[-1],
        size_px=SIZE_PX,
        model_digest=digest(model),
        mean=(127.5, 127.5, 127.5),
        scale=(127.5, 127.5, 127.5),
        licence="Apache-2.0",
        notes=f"Random weights of seed {seed}; a baseline for comparisons.",
    )
    ports = inspect_onnx(model, where=card.name)
    workers = threads or physical_cores()
    session = load_session("onnxruntime", model, card, ports=ports, output="features", threads=workers)
    return ModelEmbedder(card, session, runtime="onnxruntime", threads=workers)


def untrained_model(seed: int) -> bytes:
    """The network as an ONNX file (opset 13), the same bytes for the same seed."""
    rng = np.random.default_rng(seed)
    graph, flowing = [write_field(2, "untrained")], "images"
    for layer, (before, after) in enumerate(pairwise(CHANNELS)):
        deviation = np.sqrt(2 / (before * KERNEL_PX**2))
        weights = deviation * rng.standard_normal((after, before, KERNEL_PX, KERNEL_PX))
        convolution = _ints("strides", [2, 2]) + _ints("pads", [1, 1, 1, 1])
        graph.append(write_field(5, _constant(f"w{layer}", weights.astype(np.float32))))
        graph.append(_node("Conv", [flowing, f"w{layer}"], f"c{layer}", attributes=convolution))
        graph.append(_node("Relu", [f"c{layer}"], f"r{layer}"))
        flowing = f"r{layer}"
    graph.append(_node("GlobalAveragePool", [flowing], "pooled"))
    graph.append(_node("Flatten", ["pooled"], "features"))
    graph.append(write_field(11, _port("images", [None, 3, SIZE_PX, SIZE_PX])))
    graph.append(write_field(12, _port("features", [None, CHANNELS[-1]])))
    opset = write_field(1, "") + write_field(2, 13)
    return write_field(1, 8) + write_field(7, b"".join(graph)) + write_field(8, opset)


def _node(kind: str, inputs: list[str], output: str, *, attributes: bytes = b"") -> bytes:
    names = b"".join(write_field(1, name) for name in inputs)
    return write_field(1, names + write_field(2, output) + write_field(4, kind) + attributes)


def _ints(name: str, values: list[int]) -> bytes:
    numbers = b"".join(write_field(8, value) for value in values)
    return write_field(5, write_field(1, name) + numbers + write_field(20, INTS))


def _constant(name: str, values: NDArray[np.float32]) -> bytes:
    dims = b"".join(write_field(1, side) for side in values.shape)
    return (
        dims + write_field(2, FLOAT32) + write_field(8, name) + write_field(9, values.astype("<f4").tobytes())
    )


def _port(name: str, shape: list[int | None]) -> bytes:
    sides = (write_field(2, "batch") if side is None else write_field(1, side) for side in shape)
    dims = b"".join(write_field(1, side) for side in sides)
    tensor = write_field(1, FLOAT32) + write_field(2, dims)
    return write_field(1, name) + write_field(2, write_field(1, tensor))
