"""Reading and writing the few parts of the protobuf wire format that a model file is made of.

Source: "Encoding", Protocol Buffers documentation. Only what ONNX uses: varints, 4- and 8-byte
numbers, and length-prefixed bytes; groups are refused.
"""

from __future__ import annotations

from collections.abc import Iterator

Value = int | memoryview

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


class WireError(ValueError):
    """The bytes are not a message."""


def fields(message: memoryview) -> Iterator[tuple[int, Value]]:
    """Field numbers with their values, in order; nothing is copied.

    Raises:
        WireError: a length reaches past the end, or a wire type is unknown.
    """
    at, end = 0, len(message)
    while at < end:
        key, at = _varint(message, at)
        number, kind = key >> 3, key & 7
        if number == 0:
            raise WireError(f"field number 0 at byte {at}")
        if kind == VARINT:
            value, at = _varint(message, at)
            yield number, value
            continue
        if kind == BYTES:
            length, at = _varint(message, at)
        elif kind in (FIXED32, FIXED64):
            length = 4 if kind == FIXED32 else 8
        else:
            raise WireError(f"wire type {kind} at byte {at}")
        if length > end - at:
            raise WireError(f"a field of {length} bytes where {end - at} are left")
        yield number, message[at : at + length]
        at += length


def varints(value: Value) -> list[int]:
    """The numbers of a repeated integer field, packed or not."""
    if isinstance(value, int):
        return [value]
    numbers, at = [], 0
    while at < len(value):
        number, at = _varint(value, at)
        numbers.append(number)
    return numbers


def text(value: Value) -> str:
    """A string field.

    Raises:
        WireError: it is not UTF-8, or not a string.
    """
    try:
        return bytes(block(value)).decode()
    except UnicodeDecodeError as error:
        raise WireError("a name is not UTF-8") from error


def block(value: Value) -> memoryview:
    """A bytes or message field.

    Raises:
        WireError: a number stands where bytes belong.
    """
    if isinstance(value, int):
        raise WireError("a number stands where bytes belong")
    return value


def number(value: Value) -> int:
    """An integer field.

    Raises:
        WireError: bytes stand where a number belongs.
    """
    if not isinstance(value, int):
        raise WireError("bytes stand where a number belongs")
    return value


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(message):
            raise WireError("the file ends within a number")
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise WireError("a number of more than ten bytes")


def write_field(number: int, value: int | str | bytes) -> bytes:
    """One field: an integer as a varint, text and bytes with their length before them."""
    if isinstance(value, int):
        return _write_varint(number << 3 | VARINT) + _write_varint(value)
    body = value.encode() if isinstance(value, str) else value
    return _write_varint(number << 3 | BYTES) + _write_varint(len(body)) + body


def _write_varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
