"""The products of an RSS or Atom feed, read without trust."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.parsers import expat

from lookalike.errors import CatalogueError

Record = dict[str, list[str]]
"""The texts of each element directly below a product, by the element's name."""

_GOOGLE = "http://base.google.com/ns/1.0"
_PRODUCT = frozenset({"item", "entry"})
_CHUNK_BYTES = 1 << 16


def read_xml_records(path: Path) -> Iterator[tuple[str, Record]]:
    """The products of a feed one by one, each with its place; the file is never held whole.

    Elements of Google's namespace come before those of the same name outside it. Document types are refused,
    and with them every entity that a file could define (no expansion, no outside files).

    Raises:
        CatalogueError: the feed cannot be read, is not well-formed, or declares a document type.
    """
    feed = _Feed(path)
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                feed.parser.Parse(chunk, False)
                yield from feed.taken()
            feed.parser.Parse(b"", True)
            yield from feed.taken()
    except OSError as error:
        raise CatalogueError(
            f"{path}: cannot be read ({error.strerror or error}).", hint="Check that the feed exists."
        ) from error
    except expat.ExpatError as error:
        raise CatalogueError(
            f"{path}: is not well-formed XML ({error}).", hint="Export the feed again."
        ) from error


class _Feed:
    """What the parser has seen of one feed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self._done: list[tuple[str, Record]] = []
        self._google: Record = {}
        self._other: Record = {}
        self._words: list[str] = []
        self._where = ""
        self._depth = 0  # below the product: 0 outside, 1 in the product, 2 in one of its elements

    def taken(self) -> list[tuple[str, Record]]:
        """The products finished since the last call."""
        done, self._done = self._done, []
        return done

    def _refuse(self, *_: object) -> None:
        raise CatalogueError(
            f"{self.path}: declares a document type, which can hide endless or foreign content.",
            hint="Remove the <!DOCTYPE ...> part; a product feed needs none.",
        )

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        if self._depth:
            self._depth += 1
        elif name.rpartition(" ")[2] in _PRODUCT:
            self._depth, self._google, self._other = 1, {}, {}
            self._where = f"{self.path.name}:{self.parser.CurrentLineNumber}"
        self._words = []

    def _text(self, text: str) -> None:
        if self._depth == 2:
            self._words.append(text)

    def _end(self, name: str) -> None:
        if not self._depth:
            return
        self._depth -= 1
        if self._depth == 1:
            self._keep(*name.rpartition(" ")[::2])
        elif self._depth == 0:
            self._done.append((self._where, self._other | self._google))

    def _keep(self, namespace: str, name: str) -> None:
        text = "".join(self._words).strip()
        self._words = []
        if text:
            (self._google if namespace == _GOOGLE else self._other).setdefault(name, []).append(text)
