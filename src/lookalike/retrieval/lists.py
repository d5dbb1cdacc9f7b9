"""For every item the items most like it, written as one table; a run that was stopped goes on."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lookalike.errors import MissingExtra, QueryError, SettingsError
from lookalike.retrieval.engine import SearchEngine
from lookalike.retrieval.filters import Where
from lookalike.retrieval.index.base import Index
from lookalike.retrieval.index.rescoring import Hit, Scoring
from lookalike.retrieval.reranking.base import Shortlist
from lookalike.retrieval.reranking.diversity import Diversity

COLUMNS = ("item", "place", "similar", "score", "view", "similar_view")
PART_ITEMS = 2_000
"""Items of a part: what is lost at most when a run is stopped."""
AT_ONCE = 64
Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the lists hold.

    Args:
        k: items in each list; fewer where fewer are allowed.
        where: filters on the items that may be listed; every item has a list.
        diverse: how much being different counts, 0 to 1; 0 for the order by score.

    Raises:
        QueryError: a number is out of its range.
    """

    k: int = 20
    where: Where = field(default_factory=dict)
    diverse: float = 0.0

    def __post_init__(self) -> None:
        if self.k < 1:
            raise QueryError(f"k is {self.k}.", hint="Ask for at least one item.")
        if not 0 <= self.diverse <= 1:
            raise QueryError(f"The diversity is {self.diverse}.", hint="Give a number from 0 to 1.")


def write_lists(
    engine: SearchEngine, out: Path, wanted: Wanted | None = None, *, progress: Progress | None = None
) -> int:
    """Write the lists of all items as CSV or Parquet; how many rows.

    Parts are kept beside ``out`` until all are there; the same call goes on after the last whole part, and
    begins anew where the store or what is wanted has changed. ``out`` is replaced at the end, at once.

    Args:
        engine: over the catalogue.
        out: ends in ``.csv`` or ``.parquet``; columns are ``COLUMNS``, a row for each listed item.
        wanted: what the lists hold.
        progress: is told how many items are done, and of how many.

    Raises:
        SettingsError: the name has another ending.
        MissingExtra: Parquet without the ``parquet`` extra.
        QueryError: a filter names no attribute.
    """
    wanted = wanted or Wanted()
    if out.suffix not in {".csv", ".parquet"}:
        raise SettingsError(f"{out} is neither a .csv nor a .parquet.", hint="Choose one of the two endings.")
    if out.suffix == ".parquet":
        _parquet()
    index = engine.serving.index
    parts = out.with_name(out.name + ".parts")
    _begin(parts, _stamp(index, wanted))
    for start in range(0, len(index), PART_ITEMS):
        part = parts / f"{start:09d}.csv"
        if not part.exists():
            _write_part(part, index, range(start, min(start + PART_ITEMS, len(index))), wanted)
        if progress is not None:
            progress(min(start + PART_ITEMS, len(index)), len(index))
    rows = _joined(parts, out)
    shutil.rmtree(parts)
    return rows


def similar_items(index: Index, places: range, wanted: Wanted) -> Iterator[tuple[int, tuple[Hit, ...]]]:
    """For each place the hits of its list, best first, without the item itself."""
    allowed = index.snapshot.columns.allowed(wanted.where) if wanted.where else None
    look = Diversity(share=wanted.diverse) if wanted.diverse else None
    deep = 1 + max(wanted.k, look.depth if look is not None else 0)
    for start in range(places.start, places.stop, AT_ONCE):
        some = range(start, min(start + AT_ONCE, places.stop))
        questions = [index.snapshot.vectors(place) for place in some]
        for place, question, hits in zip(
            some, questions, index.nearest(questions, deep, allowed=allowed), strict=True
        ):
            found = tuple(hit for hit in hits if hit.place != place)
            if look is not None:
                found = look.rerank(Shortlist(question, found, index.snapshot, Scoring())).hits
            yield place, found[: wanted.k]


def _write_part(part: Path, index: Index, places: range, wanted: Wanted) -> None:
    draft = part.with_suffix(".draft")
    with draft.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        for place, hits in similar_items(index, places, wanted):
            views = index.snapshot.record(place).views
            for number, hit in enumerate(hits, 1):
                met = index.snapshot.record(hit.place).views[hit.view]
                table.writerow(
                    (
                        index.snapshot.ids[place],
                        number,
                        index.snapshot.ids[hit.place],
                        f"{hit.score:.6f}",
                        views[hit.photo].id,
                        met.id,
                    )
                )
    draft.replace(part)


def _joined(parts: Path, out: Path) -> int:
    """All parts as one table in place of ``out``; how many rows."""
    draft = out.with_name(out.name + ".draft")
    written = _as_parquet(parts, draft) if out.suffix == ".parquet" else _as_csv(parts, draft)
    draft.replace(out)
    return written


def _rows(part: Path) -> Iterator[list[str]]:
    with part.open(newline="", encoding="utf-8") as file:
        yield from csv.reader(file)


def _as_csv(parts: Path, draft: Path) -> int:
    written = 0
    with draft.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        for part in sorted(parts.glob("*.csv")):
            for row in _rows(part):
                table.writerow(row)
                written += 1
    return written


def _as_parquet(parts: Path, draft: Path) -> int:
    arrow, parquet = _parquet()
    kinds = (arrow.string(), arrow.int32(), arrow.string(), arrow.float32(), arrow.string(), arrow.string())
    schema = arrow.schema(list(zip(COLUMNS, kinds, strict=True)))
    written = 0
    with parquet.ParquetWriter(draft, schema) as table:
        for part in sorted(parts.glob("*.csv")):
            rows = list(_rows(part))
            columns = list(zip(*rows, strict=True)) if rows else [()] * len(COLUMNS)
            values = [columns[0], list(map(int, columns[1])), columns[2], list(map(float, columns[3]))]
            arrays = [
                arrow.array(one, kind) for one, kind in zip([*values, *columns[4:]], kinds, strict=True)
            ]
            table.write_table(arrow.Table.from_arrays(arrays, schema=schema))
            written += len(rows)
    return written


def _parquet() -> tuple[Any, Any]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise MissingExtra("Writing Parquet", extra="parquet") from error
    return pyarrow, pyarrow.parquet


def _stamp(index: Index, wanted: Wanted) -> dict[str, Any]:
    snapshot = index.snapshot
    asked = {"k": wanted.k, "diverse": wanted.diverse, "where": repr(sorted(wanted.where.items()))}
    return {"store": snapshot.store_id, "version": snapshot.version, "of": snapshot.fingerprint, **asked}


def _begin(parts: Path, stamp: dict[str, Any]) -> None:
    """Go on with the parts of the same lists, or begin anew."""
    told = json.dumps(stamp, sort_keys=True)
    papers = parts / "stamp.json"
    if papers.is_file() and papers.read_text() == told:
        return
    shutil.rmtree(parts, ignore_errors=True)
    parts.mkdir(parents=True)
    papers.write_text(told)
