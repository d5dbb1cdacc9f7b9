"""Which index a snapshot gets: exact, or compressed where it is large; and the compressed one on disk."""

from __future__ import annotations

import json
from dataclasses import asdict
from hashlib import blake2b, file_digest
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from lookalike.retrieval.derived import home_of, kept_versions
from lookalike.retrieval.index import compressed
from lookalike.retrieval.index.base import Index
from lookalike.retrieval.index.carried import Carried
from lookalike.retrieval.index.codes import lists_for, lists_of
from lookalike.retrieval.index.compressed import CompressedIndex, Measured
from lookalike.retrieval.index.exact import ExactIndex
from lookalike.retrieval.index.foretelling import most_through_lists
from lookalike.retrieval.layered import LayeredMatrix
from lookalike.retrieval.memory import let_go
from lookalike.retrieval.snapshot import Snapshot

CODES, PAPERS = "codes.faiss", "codes.json"
FORMAT = 2

LISTED_FROM = 300_000
"""Below, codes are scanned whole within two milliseconds."""

FEW_LISTS = 0.15
"""Share of the lists up to which scanning some is worth its while."""


def index_of(snapshot: Snapshot, *, keep: bool = True, home: Path | None = None) -> Index:
    """The index for searching a snapshot.

    Compressed from ``FEWEST_VIEWS`` views on where FAISS is installed (the ``scale`` extra), else exact.

    Args:
        keep: write what was built beside the store's derived files, for the next opening.
        home: where those are, if not in the store's folder (see ``versions``).
    """
    if len(snapshot.matrix) < compressed.FEWEST_VIEWS or find_spec("faiss") is None:
        return ExactIndex(snapshot)
    home = home or snapshot.folder
    if (carried := _carried_on(home, snapshot)) is not None:
        return carried
    home = home_of(home, snapshot.version)
    kept = _read(home, _facts(snapshot, snapshot.version, len(snapshot.matrix)))
    index = CompressedIndex(snapshot, kept=kept) if kept else compressed_of(snapshot)
    if kept is None:
        let_go(snapshot.matrix)
        if keep and index.codes is not None:
            _write(home, index)
    return index


def compressed_of(snapshot: Snapshot) -> CompressedIndex:
    """Codes in lists where the store is very large and few lists suffice by its own measure; else whole."""
    if len(snapshot.matrix) >= LISTED_FROM and _few_may_suffice(snapshot):
        listed = CompressedIndex(snapshot, kind="lists")
        few = listed.measured.probes <= FEW_LISTS * lists_of(listed.codes)
        if few and listed.measured.recall >= compressed.ENOUGH:
            return listed
    return CompressedIndex(snapshot)


def _few_may_suffice(snapshot: Snapshot) -> bool:
    """Told before codes are made, which take four times as long, and of which little comes on real photos."""
    lists = lists_for(len(snapshot.matrix))
    few = int(FEW_LISTS * lists)
    asked = {"count": compressed.ASKED, "k": compressed.MEASURED_AT}
    return few > 0 and most_through_lists(snapshot, lists, few, **asked) >= compressed.ENOUGH


def kept_figures(home: Path, version: int) -> Measured | None:
    """What the compressed index that serves a store's version measured when it was built; None without one.

    Args:
        home: of the store's file.
        version: of the store; the index of an earlier one goes on through changes.
    """
    for kept in kept_versions(home):
        try:
            papers = json.loads((home_of(home, kept) / PAPERS).read_text())
            return Measured(**papers["measured"]) if kept <= version else None
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return None


def _carried_on(home: Path, snapshot: Snapshot) -> Index | None:
    """The index of the version that a snapshot was made of by changes; None where there is none."""
    matrix: object = snapshot.matrix
    if snapshot.since is None or not isinstance(matrix, LayeredMatrix):
        return None
    version = snapshot.since.laid_out
    kept = _read(home_of(home, version), _facts(snapshot, version, len(matrix.base)))
    carried = Carried.after(snapshot, matrix.base)
    return None if kept is None else CompressedIndex(snapshot, kept=kept, carried=carried)


def _read(home: Path, wanted: dict[str, Any]) -> tuple[Any, Measured] | None:
    """Codes and figures kept for this very content; None where they are missing, stale or damaged."""
    import faiss

    reader: Any = faiss
    try:
        papers = json.loads((home / PAPERS).read_text())
        with (home / CODES).open("rb") as file:  # read twice rather than held twice
            if papers["of"] != wanted or papers["digest"] != file_digest(file, _hash).hexdigest():
                return None
            measured = Measured(**papers["measured"])
            file.seek(0)
            codes = faiss.read_index(reader.PyCallbackIOReader(file.read))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return (codes, measured) if codes.ntotal == wanted["shape"][0] else None


def _write(home: Path, index: CompressedIndex) -> None:
    """Keep the codes and then their papers; without room for them the next opening builds them again."""
    import faiss

    content = faiss.serialize_index(index.codes)
    papers = {
        "of": _facts(index.snapshot, index.snapshot.version, len(index.snapshot.matrix)),
        "digest": _hash(content.data).hexdigest(),
        "measured": asdict(index.measured),
    }
    try:
        for name, write in (
            (CODES, content.tofile),
            (PAPERS, lambda path: path.write_text(json.dumps(papers, indent=2))),
        ):
            draft = home / f"{name}.part"
            write(draft)
            draft.replace(home / name)
    except OSError:
        return


def _facts(snapshot: Snapshot, version: int, views: int) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "store": snapshot.store_id,
        "version": version,
        "fingerprint": snapshot.fingerprint,
        "shape": [views, snapshot.width],
    }


def _hash(content: Any = b"") -> blake2b:
    return blake2b(content, digest_size=16)
