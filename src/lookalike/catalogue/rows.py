"""A table file as columns of cells: CSV, TSV, JSON, JSON lines, Parquet."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lookalike.catalogue.files import suffix_of
from lookalike.catalogue.items import Oddity
from lookalike.errors import CatalogueError, MissingExtra

TABLE_SUFFIXES = (".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".json", ".parquet")
_DELIMITERS = ",;\t|"
_BYTE_ORDER_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}

Cell = Any
"""Text from CSV; from JSON and Parquet whatever the file holds; None where nothing stands."""


@dataclass(frozen=True)
class Table:
    """The cells of a table, column by column.

    Args:
        name: the file's name, for messages.
        columns: the cells of each column by its name; all equally long.
        lines: where each row stands in the file (line, or row number from 1).
    """

    name: str
    columns: dict[str, list[Cell]]
    lines: Sequence[int]

    def __len__(self) -> int:
        return len(self.lines)

    def where(self, row: int) -> str:
        """How to point at a row in a message."""
        return f"{self.name}:{self.lines[row]}"


def read_table(path: Path, oddities: list[Oddity], *, header: Sequence[str] | None = None) -> Table:
    """Read a table file whole; what is odd about it is appended to ``oddities``.

    Args:
        path: the file; its suffix names the format.
        oddities: receives ragged and unreadable rows, repeated column names, a guessed encoding.
        header: the column names of a CSV file that has no header line.

    Raises:
        CatalogueError: the file cannot be read as a table, or has no rows.
        MissingExtra: a Parquet file without the ``parquet`` extra.
    """
    try:
        table = _read(path, oddities, header)
    except OSError as error:
        raise CatalogueError(
            f"{path}: cannot be read ({error.strerror or error}).",
            hint="Check that the table exists and may be read.",
        ) from error
    if not len(table):
        bad = [oddity for oddity in oddities if oddity.kind == "bad_row"]
        why = f", the first: {bad[0].where} {bad[0].message}" if bad else ""
        raise CatalogueError(
            f"{path}: holds no rows that can be read{why}.", hint="Give a table with one row per photo."
        )
    return table


def _read(path: Path, oddities: list[Oddity], header: Sequence[str] | None) -> Table:
    suffix = suffix_of(path.name)
    if suffix == ".parquet":
        return _read_parquet(path)
    if suffix in (".jsonl", ".ndjson", ".json"):
        return _read_json(path, oddities, by_line=suffix != ".json")
    return _read_csv(path, oddities, header)


def encoding_of(path: Path, oddities: list[Oddity]) -> str:
    """The text encoding of a file: UTF-8 (with or without mark), UTF-16 with mark, else Windows-1252."""
    with path.open("rb") as file:
        head = file.read(4096)
    if head[:2] in _BYTE_ORDER_MARKS:
        return _BYTE_ORDER_MARKS[head[:2]]
    if b"\0" in head:
        raise CatalogueError(
            f"{path}: is not a text table.", hint="Save it as CSV (UTF-8), JSON lines or Parquet."
        )
    try:
        with path.open(encoding="utf-8") as file:
            while file.read(1 << 20):
                pass
    except UnicodeDecodeError:
        message = "not UTF-8; read as Windows-1252. Save it as UTF-8 if letters look wrong"
        oddities.append(Oddity("encoding", path.name, message))
        return "cp1252"
    return "utf-8-sig"


def first_rows(path: Path, count: int = 2) -> list[list[str]]:
    """The first rows of a delimited text file, as they stand; none where it holds no text."""
    encoding = encoding_of(path, [])
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        lines = [line for line in (file.readline(1 << 20) for _ in range(20 * count)) if line.strip()]
    if not lines:
        return []
    return list(csv.reader(lines, delimiter=_delimiter(lines[0])))[:count]


def _delimiter(line: str) -> str:
    """The delimiter that occurs most in the line outside quotes."""
    outside = Counter("".join(line.split('"')[::2]))
    return max(_DELIMITERS, key=lambda sign: (outside[sign], sign == ","))


def _read_csv(path: Path, oddities: list[Oddity], header: Sequence[str] | None) -> Table:
    encoding = encoding_of(path, oddities)
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        start = next((line for line in file if line.strip()), "")
        file.seek(0)
        reader = csv.reader(file, delimiter=_delimiter(start))
        try:
            names = list(header) if header else next((row for row in reader if any(row)), [])
            return _by_column(path.name, names, _numbered(reader), oddities)
        except csv.Error as error:
            raise CatalogueError(
                f"{path}: line {reader.line_num} cannot be read as CSV ({error}).",
                hint="Check the quotes there, or save the table anew as CSV, JSON lines or Parquet.",
            ) from error


def _numbered(reader: Any) -> Iterator[tuple[int, list[str]]]:
    for row in reader:
        yield reader.line_num, row


def _by_column(
    name: str, names: list[str], rows: Iterable[tuple[int, list[str]]], oddities: list[Oddity]
) -> Table:
    """Turn rows of text into columns, each text held once however often it occurs."""
    header = _header(name, names, oddities)
    cells: list[list[Cell]] = [[] for _ in header]
    lines: list[int] = []
    held: dict[str, str] = {}
    for line, row in rows:
        if not any(row):
            continue
        if len(row) != len(header):
            message = f"has {len(row)} cells where the header has {len(header)}; read as far as they go"
            oddities.append(Oddity("ragged_row", f"{name}:{line}", message))
            row = row[: len(header)] + [""] * (len(header) - len(row))
        lines.append(line)
        for column, text in zip(cells, row, strict=True):
            text = text.strip()
            column.append(held.setdefault(text, text) or None)
    columns = {title: column for title, column in zip(header, cells, strict=True) if title}
    return Table(name, columns, lines)


def _header(name: str, names: list[str], oddities: list[Oddity]) -> list[str]:
    """The column names; '' for a column to leave out (no name, or a name that came before)."""
    header: list[str] = []
    for place, title in enumerate((each.strip() for each in names), start=1):
        if not title:
            oddities.append(Oddity("unnamed_column", name, f"column {place} has no name; left out"))
        elif title in header:
            oddities.append(
                Oddity("repeated_column", name, f"column {title!r} occurs twice; the first counts")
            )
        header.append("" if title in header else title)
    return header


def _read_json(path: Path, oddities: list[Oddity], *, by_line: bool) -> Table:
    encoding = encoding_of(path, oddities)
    with path.open(encoding=encoding, errors="replace") as file:
        records = _json_lines(path, file, oddities) if by_line else _json_list(path, file.read())
        lines, columns = _records_by_column(records)
    return Table(path.name, columns, lines)


def _json_list(path: Path, text: str) -> Iterator[tuple[int, dict[str, Cell]]]:
    try:
        records = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CatalogueError(f"{path}: is not valid JSON ({error}).", hint="Mend the file.") from error
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise CatalogueError(f"{path}: is not a list of objects.", hint="Give one object per photo: [{...}].")
    yield from enumerate(records, start=1)


def _json_lines(
    path: Path, lines: Iterable[str], oddities: list[Oddity]
) -> Iterator[tuple[int, dict[str, Cell]]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            record = None
        if isinstance(record, dict):
            yield number, record
        else:
            oddities.append(Oddity("bad_row", f"{path.name}:{number}", "is not a JSON object; left out"))


def _records_by_column(
    records: Iterable[tuple[int, dict[str, Cell]]],
) -> tuple[list[int], dict[str, list[Cell]]]:
    columns: dict[str, list[Cell]] = {}
    lines: list[int] = []
    for count, (line, record) in enumerate(records):
        for key in record:  # in the file's order: a set's is another one in each process
            if key not in columns:
                columns[key] = [None] * count
        for key, column in columns.items():
            column.append(record.get(key))
        lines.append(line)
    return lines, columns


def _read_parquet(path: Path) -> Table:
    try:
        import pyarrow as arrow
        import pyarrow.parquet as parquet
    except ImportError as error:
        raise MissingExtra("Reading Parquet", extra="parquet") from error
    try:
        table = parquet.read_table(path)
    except arrow.ArrowException as error:
        raise CatalogueError(
            f"{path}: cannot be read as Parquet ({str(error).splitlines()[0]}).",
            hint="Write the file again; it may be cut short.",
        ) from error
    return Table(path.name, table.to_pydict(), range(1, table.num_rows + 1))
