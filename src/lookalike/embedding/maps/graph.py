"""An ONNX file taken apart into nodes, and put together again as a smaller graph or one that tells more.

Field numbers are those of ``onnx.proto`` (ONNX IR specification). Two facts of the wire format are used:
a message that is written twice is read as one with both lists joined, so that outputs can be appended;
and an inner value becomes an input where the nodes that make it are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from lookalike.embedding.protobuf import block, fields, text, write_field

NODE, INITIALIZER, INPUT, OUTPUT, GRAPH = 1, 5, 11, 12, 7
FLOAT = 1


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One operator of a graph.

    Args:
        kind: its name, such as ``Conv``.
        inputs, outputs: names of values; an input that is left out is empty.
        message: the node as it lies in the file.
    """

    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    message: bytes


@dataclass(frozen=True, eq=False)
class Graph:
    """A model's graph.

    Args:
        nodes: in an order in which each comes after what it needs.
        constants: names of the weights, with their messages.
        outputs: names of what the model gives.
        rest: the model's other fields (version, operator sets), as they lie in the file.
    """

    nodes: tuple[Node, ...]
    constants: dict[str, bytes]
    outputs: tuple[str, ...]
    rest: bytes

    @cached_property
    def fixed(self) -> frozenset[str]:
        """Names of values that do not depend on the photo."""
        known = set(self.constants)
        for node in self.nodes:
            if all(not name or name in known for name in node.inputs):
                known.update(node.outputs)
        return frozenset(known)

    @cached_property
    def makers(self) -> dict[str, Node]:
        """Value -> the node that makes it."""
        return {name: node for node in self.nodes for name in node.outputs}

    def part(self, inputs: Sequence[str], outputs: Sequence[str]) -> bytes:
        """The model from inner values to others, as a file of its own.

        Args:
            inputs: names of values that will be given; float32 of any shape.
            outputs: names of values that are wanted.
        """
        needed = self._needed(outputs, stop=frozenset(inputs))
        body = [write_field(2, "part")]
        body += [write_field(NODE, node.message) for node in self.nodes if needed.intersection(node.outputs)]
        body += [write_field(INITIALIZER, self.constants[name]) for name in self.constants if name in needed]
        body += [write_field(INPUT, _float_port(name)) for name in inputs]
        body += [write_field(OUTPUT, _float_port(name)) for name in outputs]
        return self.rest + write_field(GRAPH, b"".join(body))

    def _needed(self, wanted: Iterable[str], *, stop: frozenset[str]) -> set[str]:
        needed, left = set[str](), [name for name in wanted if name not in stop]
        while left:
            name = left.pop()
            if name in needed:
                continue
            needed.add(name)
            if name in self.makers:
                left += [each for each in self.makers[name].inputs if each and each not in stop]
        return needed


def read_graph(model: bytes) -> Graph:
    """The graph of a model file that was checked before (`onnx_check`)."""
    nodes, constants, outputs, rest = [], dict[str, bytes](), [], []
    for key, value in fields(memoryview(model)):
        if key != GRAPH:
            rest.append(write_field(key, value if isinstance(value, int) else bytes(value)))
            continue
        for inner_key, inner in fields(block(value)):
            if inner_key == NODE:
                nodes.append(_node(bytes(block(inner))))
            elif inner_key == INITIALIZER:
                constants[_named(block(inner), 8)] = bytes(block(inner))
            elif inner_key == OUTPUT:
                outputs.append(_named(block(inner), 1))
    return Graph(tuple(nodes), constants, tuple(outputs), b"".join(rest))


def with_outputs(model: bytes, names: Sequence[str]) -> bytes:
    """The model giving inner values too."""
    added = b"".join(write_field(OUTPUT, _float_port(name)) for name in names)
    return model + write_field(GRAPH, added)


def _node(message: bytes) -> Node:
    inputs, outputs, kind = [], [], ""
    for key, value in fields(memoryview(message)):
        if key == 1:
            inputs.append(text(value))
        elif key == 2:
            outputs.append(text(value))
        elif key == 4:
            kind = text(value)
    return Node(kind, tuple(inputs), tuple(outputs), message)


def _named(message: memoryview, field: int) -> str:
    return next((text(value) for key, value in fields(message) if key == field), "")


def _float_port(name: str) -> bytes:
    """A value's name and type, its shape left open (``ValueInfoProto``)."""
    return write_field(1, name) + write_field(2, write_field(1, write_field(1, FLOAT)))
