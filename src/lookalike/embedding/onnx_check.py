"""A look through an ONNX file before any runtime may load it: what it takes and gives, and that it is safe.

Field numbers are those of ``onnx.proto`` (ONNX IR specification). Runtimes follow external data to
any path, so it is refused here; so are operators from libraries outside the runtime.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from lookalike.embedding.protobuf import Value, WireError, block, fields, number, text, varints
from lookalike.errors import ModelFileError

BUILT_IN_DOMAINS = frozenset({"", "ai.onnx", "ai.onnx.ml", "com.microsoft"})
REACHES_OUTSIDE = frozenset({"EPContext", "ATen", "PyOp"})
MOST_VALUES = 1 << 29
"""Largest number of values in one constant: 2 GiB of float32, which is protobuf's own limit."""
DEEPEST = 8

FLOAT32, UINT8 = 1, 2
_ITEM_BYTES = {1: 4, 2: 1, 3: 1, 4: 2, 5: 2, 6: 4, 7: 8, 9: 1, 10: 2, 11: 8, 12: 4, 13: 8, 16: 2}


@dataclass(frozen=True, slots=True)
class Port:
    """An input or output of a model: its name, element type (ONNX number), and dimensions (None = any)."""

    name: str
    element: int
    shape: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Ports:
    """What a model takes and gives."""

    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]


def inspect_onnx(model: bytes, *, where: str) -> Ports:
    """Inputs and outputs of a model file whose every part was checked.

    Args:
        model: the bytes of the file.
        where: its name, for the error.

    Raises:
        ModelFileError: truncated or malformed, data outside the file, claims larger than the file,
            or operators that only a foreign library has.
    """
    try:
        return _model(memoryview(model))
    except WireError as error:
        raise ModelFileError(
            f"{where} is not a model that can be trusted: {error}.",
            hint="Export it again as one ONNX file, or fetch it again.",
        ) from error


def _model(message: memoryview) -> Ports:
    graphs = []
    for key, value in fields(message):
        if key == 7:
            graphs.append(block(value))
        elif key == 25:  # model-local functions: nodes like any other
            for inner_key, inner in fields(block(value)):
                if inner_key == 7:
                    _node(block(inner), depth=1)
    if len(graphs) != 1:
        raise WireError(f"it holds {len(graphs)} graphs, not one")
    return _graph(graphs[0], depth=0)


def _graph(message: memoryview, *, depth: int) -> Ports:
    if depth > DEEPEST:
        raise WireError(f"graphs nested more than {DEEPEST} deep")
    inputs, outputs, constants = [], [], set()
    for key, value in fields(message):
        match key:
            case 1:
                _node(block(value), depth=depth)
            case 5:
                constants.add(_tensor(block(value)))
            case 15:
                constants.add(_sparse(block(value)))
            case 11:
                inputs.append(_port(block(value)))
            case 12:
                outputs.append(_port(block(value)))
            case _:
                pass
    return Ports(tuple(port for port in inputs if port.name not in constants), tuple(outputs))


def _node(message: memoryview, *, depth: int) -> None:
    for key, value in fields(message):
        if key == 5:
            _attribute(block(value), depth=depth)
        elif key == 4 and text(value) in REACHES_OUTSIDE:
            raise WireError(f"operator {text(value)} reaches outside the file")
        elif key == 7 and text(value) not in BUILT_IN_DOMAINS:
            raise WireError(f"operators of {text(value)!r} need a foreign library")


def _attribute(message: memoryview, *, depth: int) -> None:
    for key, value in fields(message):
        if key in (5, 10):
            _tensor(block(value))
        elif key in (6, 11):
            _graph(block(value), depth=depth + 1)
        elif key in (22, 23):
            _sparse(block(value))


def _sparse(message: memoryview) -> str:
    names = [_tensor(block(value)) for key, value in fields(message) if key in (1, 2)]
    return names[0] if names else ""


def _tensor(message: memoryview) -> str:
    """The tensor's name; its data lies in the file and has the size that its dimensions claim."""
    name, dims, element, raw = "", list[int](), 0, None
    for key, value in fields(message):
        match key:
            case 1:
                dims += varints(value)
            case 2:
                element = number(value)
            case 8:
                name = text(value)
            case 9:
                raw = len(block(value))
            case 13:
                raise WireError("its weights lie in another file (external data)")
            case 14 if value:
                raise WireError("its weights lie in another file (external data)")
            case _:
                pass
    count = math.prod(dims)
    if count > MOST_VALUES:
        raise WireError(f"constant {name!r} claims {count} values")
    if raw is not None and element in _ITEM_BYTES and raw != count * _ITEM_BYTES[element]:
        raise WireError(f"constant {name!r} claims {count} values in {raw} bytes")
    return name


def _port(message: memoryview) -> Port:
    name, element, shape = "", 0, list[int | None]()
    for key, value in fields(message):
        if key == 1:
            name = text(value)
        for tensor in _inside(2, key, value):
            for inner_key, inner in fields(tensor):
                if inner_key == 1:
                    element = number(inner)
                elif inner_key == 2:
                    shape = [_dimension(block(dim)) for _, dim in fields(block(inner))]
    return Port(name, element, tuple(shape))


def _inside(wanted: int, key: int, value: Value) -> Iterator[memoryview]:
    """The tensor type within a type field, where the field is the wanted one."""
    if key == wanted:
        yield from (block(inner) for inner_key, inner in fields(block(value)) if inner_key == 1)


def _dimension(message: memoryview) -> int | None:
    return next((number(value) for key, value in fields(message) if key == 1), None)
