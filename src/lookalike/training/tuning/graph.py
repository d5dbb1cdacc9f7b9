"""The base model's graph and the heads as one ONNX file: the same input, the tuned vector as only output."""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lookalike.embedding.card import Block
from lookalike.embedding.entrances import Entrance, find_entrance
from lookalike.embedding.onnx_check import Ports
from lookalike.errors import TrainingError
from lookalike.training.tuning.base import COLOUR, Base
from lookalike.training.tuning.heads import Head

OUTPUT = "embedding"
BASE, OWN = "base_", "tuned_"
"""Names of the base's values, and of what is added, begin so, lest they meet: a base may be a tuned model."""
LEAST_OPSET, MOST_OPSET = 13, 20
"""Between these the colour histogram can be written in the base's own opset."""


def joined(base: Base, blocks: Sequence[Block], heads: Mapping[str, Head], *, size_px: int) -> bytes:
    """The whole as one file.

    Args:
        base: whose graph; its other outputs are left out.
        blocks: of the tuned vector, in order; start and stop are places in the base's vector, and both
            0 for a colour block that the base has not.
        heads: of each block.
        size_px: side of the photos.

    Raises:
        TrainingError: the base's operators are of a version that cannot be joined.
    """
    import onnx

    model = onnx.compose.add_prefix(onnx.load_from_string(base.model), BASE, rename_inputs=False)
    graph = model.graph
    added = _Added()
    flat = added.node("Flatten", [f"{BASE}{base.output}"], axis=1)
    parts = []
    for block in blocks:
        if block.stop > block.start:
            inside = added.slice(flat, block.start, block.stop)
        else:
            inside = _histogram(model, base.ports, base, added, size_px=size_px)
        parts.append(added.headed(inside, heads[block.name], weight=block.weight))
    added.node("Concat", parts, out=OUTPUT, axis=1)
    graph.node.extend(added.nodes)
    graph.initializer.extend(added.constants)
    width = sum(_width(block, heads[block.name]) for block in blocks)
    del graph.output[:]
    graph.output.append(onnx.helper.make_tensor_value_info(OUTPUT, onnx.TensorProto.FLOAT, ["n", width]))
    _prune(graph)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def laid_out(blocks: Sequence[Block], heads: Mapping[str, Head]) -> tuple[Block, ...]:
    """The blocks as they stand in the tuned vector, for its card."""
    found, start = [], 0
    for block in blocks:
        stop = start + _width(block, heads[block.name])
        found.append(Block(block.name, start, stop, block.weight))
        start = stop
    return tuple(found)


def _width(block: Block, head: Head) -> int:
    return block.stop - block.start if head.matrix is None else int(head.matrix.shape[1])


class _Added:
    """Nodes and constants in the making."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def node(self, kind: str, inputs: Sequence[str], *, out: str = "", **settings: Any) -> str:
        """One operator; the name of what it gives."""
        from onnx import helper

        name = out or f"{OWN}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **settings))
        return name

    def constant(self, values: Any) -> str:
        """One constant; its name."""
        from onnx import numpy_helper

        name = f"{OWN}constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    def slice(self, rows: str, start: int, stop: int) -> str:
        """Some columns."""
        ends = [self.constant(np.array([place], np.int64)) for place in (start, stop, 1)]
        return self.node("Slice", [rows, *ends])

    def headed(self, inside: str, head: Head, *, weight: float) -> str:
        """Unit features, through a head, times the block's weight."""
        rows = self.node("LpNormalization", [inside], axis=1, p=2)
        if head.matrix is not None and head.mean is not None:
            rows = self.node("Sub", [rows, self.constant(head.mean)])
            rows = self.node("MatMul", [rows, self.constant(head.matrix)])
            if head.offset is not None:
                rows = self.node("Add", [rows, self.constant(head.offset)])
            rows = self.node("LpNormalization", [rows], axis=1, p=2)
        return self.node("Mul", [rows, self.constant(np.float32(weight))])


def _histogram(model: Any, ports: Ports, base: Base, added: _Added, *, size_px: int) -> str:
    """Put the colour histogram beside the base, from the same input; the name of its bins."""
    import onnx

    version = next(one.version for one in model.opset_import if one.domain in ("", "ai.onnx"))
    if not LEAST_OPSET <= version <= MOST_OPSET:
        raise TrainingError(
            f"The model is written in ONNX opset {version}; a colour block can be joined to opsets "
            f"{LEAST_OPSET} to {MOST_OPSET}.",
            hint="Export it in such an opset, or tune without a colour block (--no-colour).",
        )
    entrance, _ = find_entrance(ports, where=base.card.name)
    pixels = _pixels(added, entrance, base)
    colour = onnx.load_from_string(_colour_graph(size_px, version))
    colour = onnx.compose.add_prefix(colour, f"{OWN}{COLOUR}_")
    renamed = colour.graph.input[0].name
    for node in colour.graph.node:
        node.input[:] = [pixels if name == renamed else name for name in node.input]
    added.nodes.extend(colour.graph.node)
    added.constants.extend(colour.graph.initializer)
    return str(colour.graph.output[0].name)


def _pixels(added: _Added, entrance: Entrance, base: Base) -> str:
    """What the model takes, back to pixels in 0..255, channels first."""
    if not entrance.raw:
        card, shape = base.card, (1, 3, 1, 1) if entrance.channels_first else (1, 1, 1, 3)
        scale = added.constant(np.array(card.scale, np.float32).reshape(shape))
        mean = added.constant(np.array(card.mean, np.float32).reshape(shape))
        pixels = added.node("Add", [added.node("Mul", [entrance.name, scale]), mean])
    else:
        pixels = added.node("Cast", [entrance.name], to=1)
    return pixels if entrance.channels_first else added.node("Transpose", [pixels], perm=[0, 3, 1, 2])


def _colour_graph(size_px: int, opset: int) -> bytes:
    import torch

    from lookalike.training.own_model.colour_block import ColourHistogram

    buffer = io.BytesIO()
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # tracing is deprecated, and the smaller graph
        torch.onnx.export(
            ColourHistogram().eval(),
            (torch.zeros(2, 3, size_px, size_px),),
            buffer,
            dynamo=False,
            opset_version=opset,
            input_names=["pixels"],
            output_names=["bins"],
            dynamic_axes={"pixels": {0: "n"}, "bins": {0: "n"}},
        )
    return buffer.getvalue()


def _prune(graph: Any) -> None:
    """Leave out what the output does not need, such as a classifier."""
    wanted, kept = {OUTPUT}, []
    for node in reversed(graph.node):
        if wanted & set(node.output):
            kept.append(node)
            wanted |= set(node.input) | _outer_names(node)
    del graph.node[:]
    graph.node.extend(reversed(kept))
    constants = [one for one in graph.initializer if one.name in wanted]
    del graph.initializer[:]
    graph.initializer.extend(constants)
    del graph.value_info[:]


def _outer_names(node: Any) -> set[str]:
    """Names that graphs inside a node (of If and Loop) take from outside."""
    inner = [one.g for one in node.attribute if one.HasField("g")]
    names = {name for graph in inner for each in graph.node for name in each.input}
    return names.union(*(_outer_names(each) for graph in inner for each in graph.node))
