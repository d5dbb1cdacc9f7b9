"""A form's parts (RFC 7578), read while they stream: one pass of python-multipart, straight into memory.

The framework's own reader would keep each file in a temporary file and cross into a thread for each step;
bodies are limited here before (see ``intake``), and a photo is wanted whole anyway.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from lookalike.interfaces.http.problems import Problem

MOST_FIELDS = 100
MOST_FIELD_BYTES = 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A part of a form: a file's bytes, or the text of a field."""

    name: str
    content: bytes
    is_file: bool

    @property
    def text(self) -> str:
        """The field's value; what is no UTF-8 is read as Latin-1, as old browsers send it."""
        return _text(self.content)


class _Reader:
    """Collects the parts as the parser comes upon them."""

    def __init__(self, boundary: bytes, *, most_files: int) -> None:
        self.parts: list[Part] = []
        self._files_left, self._fields_left = most_files, MOST_FIELDS
        self._header, self._value, self._disposition = b"", b"", b""
        self._name, self._is_file, self._length = "", False, 0
        self._pieces: list[bytes] = []
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._on_header,
                "on_header_value": self._on_value,
                "on_header_end": self._on_header_end,
                "on_headers_finished": self._on_headers,
                "on_part_data": self._on_data,
                "on_part_end": self._on_end,
            },
        )
        self.write, self.finish = self._parser.write, self._parser.finalize

    def _begin(self) -> None:
        self._disposition, self._pieces, self._length = b"", [], 0

    def _on_header(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = self._value
        self._header, self._value = b"", b""

    def _on_headers(self) -> None:
        options = parse_options_header(self._disposition)[1]
        if b"name" not in options:
            raise malformed("a part has no name")
        self._name, self._is_file = _text(options[b"name"]), b"filename" in options
        self._files_left -= self._is_file
        self._fields_left -= not self._is_file
        if min(self._files_left, self._fields_left) < 0:
            raise malformed(f"it has too many {'files' if self._is_file else 'fields'}")

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        self._length += end - start
        if self._length > MOST_FIELD_BYTES and not self._is_file:
            raise malformed(f"the field {self._name!r} is longer than {MOST_FIELD_BYTES / 1e6:g} MB")
        self._pieces.append(data[start:end])

    def _on_end(self) -> None:
        self.parts.append(Part(self._name, b"".join(self._pieces), self._is_file))


async def read_parts(content_type: str, stream: AsyncIterator[bytes], *, most_files: int) -> list[Part]:
    """The parts of a form in the order that they come.

    Args:
        content_type: of the request, with its boundary.
        stream: the body, piece by piece.
        most_files: how many files there may be.

    Raises:
        Problem: (400) it is no form, breaks off, or has too many parts.
    """
    boundary = parse_options_header(content_type)[1].get(b"boundary")
    if not boundary:
        raise malformed("the boundary is missing")
    try:
        reader = _Reader(boundary, most_files=most_files)
        async for piece in stream:
            reader.write(piece)
        reader.finish()
    except FormParserError as error:
        raise malformed(str(error)) from error
    return reader.parts


def malformed(why: str) -> Problem:
    """The problem of a body that is not the form that it says it is."""
    return Problem(
        400,
        f"The form cannot be read: {why}.",
        "Send multipart/form-data as RFC 7578 has it; see /openapi.json.",
    )


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")
