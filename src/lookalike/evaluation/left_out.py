"""A catalogue without some of its views, which then are the questions: for what needs a gallery as it is."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lookalike.retrieval.snapshot import Identity, Row, Snapshot, assemble


@dataclass(frozen=True, eq=False)
class LeftOut:
    """A gallery and the views that were taken from it.

    Args:
        gallery: the catalogue without them; its items stand where they stood.
        places: the item of each question, shape (questions,).
        vectors: of the questions, shape (questions, width).
        rows: of the questions in the whole catalogue, shape (questions,).
    """

    gallery: Snapshot
    places: NDArray[np.int64]
    vectors: NDArray[np.float32]
    rows: NDArray[np.int64]


def leave_out(snapshot: Snapshot, *, fewest: int = 2, seed: int = 0) -> LeftOut:
    """One view of each item of ``fewest`` views or more is left out, drawn at random.

    Args:
        snapshot: the catalogue.
        fewest: views that an item must have to be asked.
        seed: of the drawing.
    """
    rng = np.random.default_rng(seed)
    counts = np.diff(snapshot.starts)
    places = np.flatnonzero(counts >= max(fewest, 2))
    views = (rng.random(len(places)) * counts[places]).astype(np.int64)
    rows = snapshot.starts[places] + views
    taken = dict(zip(places.tolist(), views.tolist(), strict=True))
    kept = [_row(snapshot, place, taken.get(place)) for place in range(len(snapshot))]
    identity = Identity(snapshot.folder, snapshot.store_id, snapshot.version, snapshot.fingerprint)
    gallery = assemble(identity, kept, np.delete(snapshot.matrix, rows, axis=0))
    return LeftOut(gallery, places, snapshot.matrix[rows], rows)


def _row(snapshot: Snapshot, place: int, view: int | None) -> Row:
    record = snapshot.record(place)
    if view is None:
        return Row.of(record)
    return Row.of(replace(record, views=record.views[:view] + record.views[view + 1 :]))
