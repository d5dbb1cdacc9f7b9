"""From a trained module to a model folder: one ONNX file in half precision weights, and its card."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from lookalike.embedding.card import Card
from lookalike.embedding.model_folder import write_model
from lookalike.embedding.quiet import load_onnxruntime
from lookalike.errors import TrainingError
from lookalike.training.onnx_file import INPUT, OUTPUT, to_onnx

MOST_BYTES = 12_000_000
"""The model that ships inside the package may be no larger."""
HALVED_FROM = 1024
"""Constants of fewer values stay in single precision."""


def halved(model: bytes) -> bytes:
    """The same graph with its large constants stored in half precision and cast back when loaded."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    graph = onnx.load_from_string(model)
    casts: list[Any] = []
    for constant in graph.graph.initializer:
        values = numpy_helper.to_array(constant)
        if values.dtype != np.float32 or values.size < HALVED_FROM:
            continue
        name = constant.name
        constant.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}_half"))
        casts.append(helper.make_node("Cast", [f"{name}_half"], [name], to=TensorProto.FLOAT))
    nodes = list(graph.graph.node)
    del graph.graph.node[:]
    graph.graph.node.extend([*casts, *nodes])
    onnx.checker.check_model(graph)
    return bytes(graph.SerializeToString())


def export_model(model: nn.Module, card: Card, folder: Path) -> Card:
    """Write the model folder and check that the file gives the module's vectors.

    Returns:
        The card as written, with the digest of the model.

    Raises:
        TrainingError: the file is too large, or gives other vectors than the module.
    """
    content = halved(to_onnx(model, size_px=card.size_px))
    if len(content) > MOST_BYTES:
        raise TrainingError(
            f"The exported model has {len(content)} bytes; the package takes {MOST_BYTES}.",
            hint="Choose narrower stages.",
        )
    _check_same(model, content, size_px=card.size_px)
    return write_model(folder, card, content)


def _check_same(model: nn.Module, content: bytes, *, size_px: int) -> None:
    onnxruntime = load_onnxruntime()

    photos = np.random.default_rng(0).integers(0, 256, (3, size_px, size_px, 3), np.uint8)
    with torch.no_grad():
        expected: Tensor = model(torch.from_numpy(photos))
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    found = session.run([OUTPUT], {INPUT: photos})[0]
    closeness = (found * expected.numpy()).sum(axis=1)
    if not (closeness > 0.999).all():
        raise TrainingError(
            f"The exported model's vectors differ from the trained ones (cosine {closeness.min():.4f}).",
            hint="Export with another version of PyTorch or ONNX.",
        )
