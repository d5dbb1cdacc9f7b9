"""A module as one ONNX file that takes photos as they are."""

from __future__ import annotations

import io
import warnings

import torch
from torch import nn

OPSET = 17
INPUT, OUTPUT = "photos", "embedding"


def to_onnx(model: nn.Module, *, size_px: int) -> bytes:
    """The graph, in single precision: uint8 (n, size, size, 3) to float32 (n, width), for any n."""
    example = torch.zeros(2, size_px, size_px, 3, dtype=torch.uint8)
    buffer = io.BytesIO()
    with warnings.catch_warnings(), torch.no_grad():
        # tracing is deprecated, and takes networks that its successor refuses, into smaller graphs
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model.eval(),
            (example,),
            buffer,
            dynamo=False,
            opset_version=OPSET,
            input_names=[INPUT],
            output_names=[OUTPUT],
            dynamic_axes={INPUT: {0: "n"}, OUTPUT: {0: "n"}},
        )
    return buffer.getvalue()
