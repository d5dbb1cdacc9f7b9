"""Photos in the wrong folder."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lookalike.evaluation.evaluated import Evaluated
from lookalike.exploration.health.findings import Finding
from lookalike.exploration.health.neighbours import Neighbours, robust_z
from lookalike.exploration.health.votes import Votes

STRANGE = 2.6  # deviations from which a photo is called a stranger
CONTRADICTION = 3.0  # deviations that a full contradiction by the attributes of its neighbours is worth


def strangers(seen: Evaluated, neighbours: Neighbours, votes: list[Votes]) -> list[Finding]:
    """Photos less like their own item than like others, more so than is usual in this catalogue.

    The strangeness of a photo is the deviation of (likeness to the nearest other item - likeness to its own)
    and, where attributes are known, how much more its neighbours contradict them than those of
    the item's other views. Of each item the strangest photo alone is named.
    """
    several = np.isfinite(neighbours.own)
    if several.sum() < 2 or not np.isfinite(neighbours.likeness[:, 0]).any():
        return []
    margin = np.where(several, neighbours.likeness[:, 0] - neighbours.own, np.nan)
    strange = robust_z(margin) + CONTRADICTION * _contradicted(seen, votes)
    strange = np.where(margin > 0, strange, -np.inf)
    found = []
    for code in np.unique(seen.codes[several]):
        rows = np.flatnonzero(seen.codes == code)
        row = int(rows[strange[rows].argmax()])
        if strange[row] >= STRANGE:
            nearest = seen.items[int(neighbours.rows[row, 0])].id
            found.append(
                Finding(
                    "wrong_photo",
                    seen.items[row].id,
                    (seen.views[row].name,),
                    float(1 - np.exp(-strange[row] / 6)),
                    f"likeness {neighbours.likeness[row, 0]:.2f} to {nearest}, "
                    f"{neighbours.own[row]:.2f} to the item's own views",
                    (row,),
                    (nearest,),
                )
            )
    return _without_echoes(found)


def _without_echoes(found: list[Finding]) -> list[Finding]:
    """Of two items that point at each other, the stranger one alone: the photo has but one wrong folder."""
    score = {one.item: one.score for one in found}
    back = {one.item: one.others[0] for one in found}
    return [one for one in found if back.get(one.others[0]) != one.item or score[one.others[0]] <= one.score]


def _contradicted(seen: Evaluated, votes: list[Votes]) -> NDArray[np.float64]:
    """How much more each photo's neighbours contradict its attributes than its item's best view's, 0 to 1."""
    total = np.zeros(len(seen))
    for one in votes:
        agreed = np.nan_to_num(one.own / np.maximum(one.shares.max(axis=1), 1e-9), nan=1.0)
        best = np.zeros(int(seen.codes.max()) + 1)
        np.maximum.at(best, seen.codes, agreed)
        total += best[seen.codes] - agreed
    return total / max(len(votes), 1)
