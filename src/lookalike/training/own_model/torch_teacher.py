"""A reference classifier as PyTorch operations, so that it can answer where the network learns: on a GPU."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from lookalike.errors import TrainingError

Values = dict[str, Tensor]
Node = Any
"""An ONNX node: the package ships no types."""


def _convolution(given: Sequence[Tensor], attributes: dict[str, Any]) -> Tensor:
    maps, weight, bias = given
    top, left, bottom, right = attributes["pads"]
    if (top, left) != (bottom, right):
        maps, top, left = functional.pad(maps, (left, right, top, bottom)), 0, 0
    strides, dilations, groups = (attributes[name] for name in ("strides", "dilations", "group"))
    return functional.conv2d(maps, weight, bias, strides, (top, left), dilations, groups)


OPERATIONS: dict[str, Callable[[Sequence[Tensor], dict[str, Any]], Tensor]] = {
    "Conv": _convolution,
    "Clip": lambda given, _: given[0].clamp(float(given[1]), float(given[2])),
    "Relu": lambda given, _: functional.relu(given[0]),
    "Add": lambda given, _: given[0] + given[1],
}
"""What the two classifiers are made of, up to their last map."""


class TorchTeacher:
    """A frozen network that answers with named inner activations, on any device.

    Args:
        model: the ONNX file; input NCHW float32, pixels / 127.5 - 1.
        tensors: names of the activations wanted, in order.
        device: where it works; on a GPU in bfloat16.

    Raises:
        TrainingError: a tensor is not there, or needs an operation that is not in ``OPERATIONS``.
    """

    def __init__(self, model: Path, tensors: Sequence[str], *, device: torch.device) -> None:
        import onnx

        graph = onnx.load(model).graph
        self._tensors, self._input = list(tensors), graph.input[0].name
        self._type = torch.bfloat16 if device.type == "cuda" else torch.float32
        self._nodes = _needed(graph.node, self._tensors, model)
        asked = {name for node, _ in self._nodes for name in node.input}
        self._constants = {
            constant.name: self._placed(onnx.numpy_helper.to_array(constant), device)
            for constant in graph.initializer
            if constant.name in asked
        }

    def _placed(self, values: Any, device: torch.device) -> Tensor:
        tensor = torch.from_numpy(np.array(values))
        if tensor.ndim == 4:
            tensor = tensor.contiguous(memory_format=torch.channels_last)
        return tensor if tensor.ndim == 0 else tensor.to(device, self._type)

    def __call__(self, photos: Tensor) -> list[Tensor]:
        """The activations of ``photos``, pixels / 127.5 - 1, shape (n, 3, height, width)."""
        maps = photos.to(self._type).contiguous(memory_format=torch.channels_last)
        values: Values = {self._input: maps, **self._constants}
        with torch.no_grad():
            for node, attributes in self._nodes:
                given = [values[name] for name in node.input]
                values[node.output[0]] = OPERATIONS[node.op_type](given, attributes)
        return [values[name] for name in self._tensors]


def _needed(nodes: Sequence[Node], tensors: Sequence[str], model: Path) -> list[tuple[Node, dict[str, Any]]]:
    """The nodes up to the last tensor wanted, with their attributes."""
    from onnx import helper

    names = [node.output[0] for node in nodes]
    absent = set(tensors) - set(names)
    if absent:
        raise TrainingError(
            f"{model.name} has no activation {min(absent)}.", hint="Give the reference classifier's own file."
        )
    kept = list(nodes)[: 1 + max(names.index(name) for name in tensors)]
    for node in kept:
        if node.op_type not in OPERATIONS:
            raise TrainingError(
                f"{model.name} needs the operation {node.op_type}, which this reader does not have.",
                hint=f"It has {', '.join(sorted(OPERATIONS))}.",
            )
    return [(node, {one.name: helper.get_attribute_value(one) for one in node.attribute}) for node in kept]
