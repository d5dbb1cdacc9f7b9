"""The files of a job: what a shard is to hold, and what it holds, in Parquet."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookalike.embedding.card import Card
from lookalike.embedding.jobs.sources import Line
from lookalike.errors import FingerprintMismatch, JobError, MissingExtra, ModelFileError

FORMAT = 1
HEAD = b"lookalike"
"""The key of a shard's facts in the file's own metadata."""


def require_arrow() -> Any:
    """pyarrow with its Parquet module.

    Raises:
        MissingExtra: it is not installed.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise MissingExtra("Writing vectors in shards", extra="cluster") from error
    return pyarrow


def plan_name(number: int) -> str:
    """The file that says what a shard is to hold."""
    return f"plan/{number:06d}.parquet"


def shard_name(number: int) -> str:
    """The file that holds a shard."""
    return f"shards/{number:06d}.parquet"


@dataclass(frozen=True, slots=True)
class Bad:
    """A photo of the plan that has no vector, and why.

    Args:
        item_id, position, path: as planned.
        reason: the stable code of `PhotoError`.
        message: in words.
    """

    item_id: str
    position: int
    path: str
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Made:
    """A view of the plan and its vector.

    Args:
        line: as planned.
        view_id: content hash of the photo.
        size_bytes, modified_ns: of its file; 0 where there is none.
        vector: float32, shape (width,), length one.
    """

    line: Line
    view_id: str
    size_bytes: int
    modified_ns: int
    vector: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Head:
    """A shard's facts.

    Args:
        shard: its number.
        plan: digest of the plan that it belongs to.
        card: of the embedder.
        bad: the planned photos that have no row.
        format: version of this layout.
    """

    shard: int
    plan: str
    card: Card
    bad: tuple[Bad, ...]
    format: int = FORMAT

    def to_json(self) -> str:
        """The facts as one JSON object."""
        facts = {
            "format": self.format,
            "shard": self.shard,
            "plan": self.plan,
            "fingerprint": self.card.fingerprint,
            "card": self.card.to_json(),
            "bad": [asdict(one) for one in self.bad],
        }
        return json.dumps(facts)

    @classmethod
    def from_json(cls, text: bytes) -> Head:
        """The facts that ``to_json`` wrote.

        Raises:
            ValueError, KeyError, TypeError: the text is not that.
            ModelFileError: nor the card in it.
        """
        facts = json.loads(text)
        if facts["format"] != FORMAT:
            raise ValueError(f"unknown format {facts['format']}")
        bad = tuple(Bad(**one) for one in facts["bad"])
        return cls(facts["shard"], facts["plan"], Card.from_json(facts["card"]), bad)


def write_lines(lines: Sequence[Line]) -> bytes:
    """A plan's file."""
    pa = require_arrow()
    return _parquet(pa.Table.from_pylist([asdict(line) for line in lines], schema=_line_schema(pa)))


def read_lines(content: bytes, *, where: str) -> list[Line]:
    """The lines of a plan's file.

    Raises:
        JobError: it is damaged.
    """
    table, _ = _table(content, where)
    return [Line(**row) for row in table.to_pylist()]


def write_shard(rows: Sequence[Made], head: Head) -> bytes:
    """A shard's file: a row for each view, the facts in its metadata."""
    pa = require_arrow()
    schema = shard_schema(pa, head.card.width)
    columns: dict[str, Any] = {
        name: [getattr(row.line, name) for row in rows] for name in Line.__dataclass_fields__
    }
    columns |= {
        name: [getattr(row, name) for row in rows] for name in ("view_id", "size_bytes", "modified_ns")
    }
    matrix = np.stack([row.vector for row in rows]) if rows else np.empty((0, head.card.width), np.float32)
    columns["vector"] = pa.FixedSizeListArray.from_arrays(pa.array(matrix.reshape(-1)), head.card.width)
    columns["fingerprint"] = [head.card.fingerprint] * len(rows)
    table = pa.table({name: columns[name] for name in schema.names}, schema=schema)
    return _parquet(table.replace_schema_metadata({HEAD: head.to_json().encode()}))


def read_shard(content: bytes, *, where: str) -> tuple[Any, Head]:
    """A shard's table and facts.

    Raises:
        JobError: the file is damaged, cut off, or no shard.
        FingerprintMismatch: a row was made by another model than the facts say.
    """
    table, metadata = _table(content, where)
    try:
        head = Head.from_json(metadata[HEAD])
    except (ValueError, KeyError, TypeError, ModelFileError) as error:
        raise _damaged(where, f"no facts of a shard in it: {error}") from error
    if not {"view_id", "item_id", "position", "path", "vector", "fingerprint"} <= set(table.column_names):
        raise _damaged(where, "columns are missing")
    for found in table.column("fingerprint").unique().to_pylist():
        if found != head.card.fingerprint:
            raise FingerprintMismatch(f"A row of {where}", expected=head.card.fingerprint, found=str(found))
    return table, head


def matrix_of(table: Any) -> NDArray[np.float32]:
    """The vectors of a shard's table, float32, shape (rows, width)."""
    column = table.column("vector").combine_chunks()
    values = column.flatten().to_numpy(zero_copy_only=False).astype(np.float32, copy=False)
    return np.ascontiguousarray(values).reshape(len(table), column.type.list_size)


def shard_schema(pa: Any, width: int) -> Any:
    """The columns of a shard: those of the plan, what was read of the photo, and its vector."""
    extra = [
        pa.field("view_id", pa.string(), nullable=False),
        pa.field("size_bytes", pa.int64(), nullable=False),
        pa.field("modified_ns", pa.int64(), nullable=False),
        pa.field("vector", pa.list_(pa.float32(), width), nullable=False),
        pa.field("fingerprint", pa.string(), nullable=False),
    ]
    return pa.schema([*_line_schema(pa), *extra])


def _line_schema(pa: Any) -> Any:
    return pa.schema(
        [
            pa.field("item_id", pa.string(), nullable=False),
            pa.field("position", pa.int32(), nullable=False),
            pa.field("path", pa.string(), nullable=False),
            pa.field("role", pa.string()),
            pa.field("azimuth_deg", pa.float64()),
            pa.field("elevation_deg", pa.float64()),
            pa.field("crop", pa.string(), nullable=False),
            pa.field("item_attributes", pa.string(), nullable=False),
            pa.field("view_attributes", pa.string(), nullable=False),
        ]
    )


def _parquet(table: Any) -> bytes:
    import pyarrow.parquet

    buffer = io.BytesIO()
    # Checksums of pages: a flipped bit is an error, not another vector.
    pyarrow.parquet.write_table(table, buffer, compression="zstd", write_page_checksum=True)
    return buffer.getvalue()


def _table(content: bytes, where: str) -> tuple[Any, dict[bytes, bytes]]:
    pa = require_arrow()
    try:
        table = pa.parquet.read_table(pa.BufferReader(content), page_checksum_verification=True)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _damaged(where, str(error).splitlines()[0]) from error
    return table, dict(table.schema.metadata or {})


def _damaged(where: str, why: str) -> JobError:
    return JobError(
        f"{where} is damaged ({why[:200]}).", hint="Delete it and run the job again; it alone is made again."
    )
