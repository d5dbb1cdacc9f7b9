"""The teacher: a reference classifier as ONNX, opened at its inner activations and at any size."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lookalike.embedding.quiet import load_onnxruntime

STAGES = ("add_120", "add_252", "add_430", "add_562", "add_694")
"""Where mobilenet_v2 is cut: after the last block at each of 1/4, 1/8, 1/16 (64, 96 channels), 1/32."""
LAST_MAPS = "clamp_34"
"""The last map before it is averaged into the features."""
SECOND_LAST_MAPS = "relu_35"
"""The same of mobilenet_edgetpu_075."""


class Teacher:
    """A frozen network that answers with named inner activations.

    Args:
        model: the ONNX file; input NCHW float32, pixels / 127.5 - 1.
        tensors: names of the activations wanted, in order.
        threads: of the runtime.
    """

    def __init__(self, model: Path, tensors: Sequence[str], *, threads: int) -> None:
        import onnx

        onnxruntime = load_onnxruntime()
        graph = onnx.load(model)
        self.tensors = list(tensors)
        for axis, name in enumerate(("n", "channels", "height", "width")):
            if axis != 1:
                graph.graph.input[0].type.tensor_type.shape.dim[axis].dim_param = name
        del graph.graph.value_info[:]
        del graph.graph.output[:]
        for name in tensors:
            graph.graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._input = graph.graph.input[0].name
        self._session = onnxruntime.InferenceSession(
            graph.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )

    def __call__(self, pixels: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """The activations of ``pixels`` in 0..255, shape (n, 3, height, width)."""
        photos = np.ascontiguousarray(pixels / np.float32(127.5) - np.float32(1))
        return [
            np.asarray(found, np.float32) for found in self._session.run(self.tensors, {self._input: photos})
        ]
