"""Attribute values that the most similar items contradict."""

from __future__ import annotations

import numpy as np

from lookalike.evaluation.evaluated import Evaluated
from lookalike.exploration.health.findings import Finding
from lookalike.exploration.health.votes import Votes

MOST_OWN = 0.4  # share of its neighbours that may agree with a value that is called wrong
LEAST_LEAD = 0.1  # by how much another value must have more
LEAST_SEPARATION = 0.35  # mean share of the own value below which likeness says nothing of a column


def label_noise(seen: Evaluated, votes: list[Votes]) -> list[Finding]:
    """Items with a value that hardly a neighbour of any of their views shares, and more agree on another.

    A column is left out where neighbours share their value too rarely to be asked (``LEAST_SEPARATION``).
    """
    found = []
    for one in votes:
        if np.nanmean(one.own) >= LEAST_SEPARATION:
            found += [finding for code in np.unique(seen.codes) for finding in _of_item(seen, one, int(code))]
    return found


def _of_item(seen: Evaluated, votes: Votes, code: int) -> list[Finding]:
    rows = np.flatnonzero(seen.codes == code)
    own = int(votes.truth[rows[0]])
    if own < 0:
        return []
    shares = votes.shares[rows].mean(axis=0)
    other = int(shares.argmax())
    if other == own or shares[own] > MOST_OWN or shares[other] - shares[own] < LEAST_LEAD:
        return []
    reason = (
        f"{votes.column} is {votes.names[own]!r}, but {shares[other]:.0%} of its neighbours are "
        f"{votes.names[other]!r} and {shares[own]:.0%} agree"
    )
    names = tuple(seen.views[row].name for row in rows)
    score = float(np.clip(shares[other] - shares[own], 0, 1))
    return [Finding("label_noise", seen.items[rows[0]].id, names, score, reason, tuple(map(int, rows)))]
