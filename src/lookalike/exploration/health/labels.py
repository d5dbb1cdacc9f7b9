"""Attribute values that the most similar items contradict."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from lookalike.evaluation.evaluated import Evaluated
from lookalike.exploration.health.findings import Finding
from lookalike.exploration.health.votes import Votes

MOST_OWN = 0.4  # share of its neighbours that may agree with a value that is called wrong
LEAST_LEAD = 0.03  # by how much another value must have more
LEAST_SEPARATION = 0.45  # mean share of the own value below which likeness says nothing of a column
LEAD_OVER_RARE = 0.2  # the same over a value too rare for neighbours to share it


def label_noise(seen: Evaluated, votes: list[Votes], *, bad: Collection[int] = ()) -> list[Finding]:
    """Items with a value that hardly a neighbour of any of their views shares, and more agree on another.

    A column is left out where neighbours share their value too rarely to be asked (``LEAST_SEPARATION``).

    Args:
        seen: the photos.
        votes: of their neighbours.
        bad: rows of photos that are not to be judged by, such as dark ones.
    """
    rows_of = [np.flatnonzero(seen.codes == code) for code in np.unique(seen.codes)]
    good = [np.array([row for row in rows if row not in bad], np.int64) for rows in rows_of]
    found = []
    for one in votes:
        if np.nanmean(one.own) >= LEAST_SEPARATION:
            found += [finding for rows in good if len(rows) for finding in _of_item(seen, one, rows)]
    return found


def _of_item(seen: Evaluated, votes: Votes, rows: NDArray[np.int64]) -> list[Finding]:
    own, given = int(votes.truth[rows[0]]), votes.given[rows[0]]
    if given is None:
        return []
    shares = votes.shares[rows].mean(axis=0)
    other = int(shares.argmax())
    agree = float(shares[own]) if own >= 0 else 0.0
    contradicted = agree <= MOST_OWN and shares[other] - agree >= (LEAST_LEAD if own >= 0 else LEAD_OVER_RARE)
    if other == own or not contradicted:
        return []
    reason = (
        f"{votes.column} is {given!r}, but {shares[other]:.0%} of its neighbours are "
        f"{votes.names[other]!r} and {agree:.0%} agree"
    )
    names = tuple(seen.views[row].name for row in rows)
    score = float(np.clip(shares[other] - agree, 0, 1))
    return [Finding("label_noise", seen.items[rows[0]].id, names, score, reason, tuple(map(int, rows)))]
