"""Photos in the wrong folder, and folders that are one item."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lookalike.evaluation.evaluated import Evaluated
from lookalike.exploration.features import Codes
from lookalike.exploration.health.findings import Finding
from lookalike.exploration.health.neighbours import Neighbours, robust_z
from lookalike.exploration.health.votes import Votes

STRANGE = 2.6  # deviations from which a photo is called a stranger
CONTRADICTION = 3.0  # deviations that a full contradiction by the attributes of its neighbours is worth
TWIN_QUANTILE = 0.4  # two items must be at least as alike as this share of the views of one item are
TWIN_LEAD = 0.007  # by how much they must be more alike than either is to the next item


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


def twins(seen: Evaluated, neighbours: Neighbours, votes: list[Votes]) -> list[Finding]:
    """Pairs of items that are each other's nearest, as alike as views of one item, attributes agreeing."""
    own = neighbours.own[np.isfinite(neighbours.own)]
    usual = float(np.quantile(own, TWIN_QUANTILE)) if len(own) >= 20 else 0.9
    nearest, likeness, second = _item_neighbours(seen, neighbours)
    first_row = np.unique(seen.codes, return_index=True)[1]
    found = []
    for code, other in enumerate(nearest.tolist()):
        if not (code < other and nearest[other] == code and likeness[code] >= usual):
            continue
        lead = likeness[code] - max(second[code], second[other])
        one_row, other_row = int(first_row[code]), int(first_row[other])
        if lead < TWIN_LEAD or not _agree(votes, one_row, other_row):
            continue
        rows = (*np.flatnonzero(seen.codes == code), *np.flatnonzero(seen.codes == other))
        found.append(
            Finding(
                "same_item",
                seen.items[one_row].id,
                tuple(seen.views[row].name for row in rows),
                float(np.clip((own <= likeness[code]).mean() if len(own) else likeness[code], 0, 1)),
                f"likeness {likeness[code]:.2f}, the next item is {lead:.2f} behind; views of one item have "
                f"{usual:.2f} or more",
                tuple(int(row) for row in rows),
                (seen.items[other_row].id,),
            )
        )
    return found


def _contradicted(seen: Evaluated, votes: list[Votes]) -> NDArray[np.float64]:
    """How much more each photo's neighbours contradict its attributes than its item's best view's, 0 to 1."""
    total = np.zeros(len(seen))
    for one in votes:
        agreed = np.nan_to_num(one.own / np.maximum(one.shares.max(axis=1), 1e-9), nan=1.0)
        best = np.zeros(int(seen.codes.max()) + 1)
        np.maximum.at(best, seen.codes, agreed)
        total += best[seen.codes] - agreed
    return total / max(len(votes), 1)


def _item_neighbours(
    seen: Evaluated, neighbours: Neighbours
) -> tuple[Codes, NDArray[np.float64], NDArray[np.float64]]:
    """Of each item: its nearest item, by the best pair of views, how near, and how near the second is."""
    items = int(seen.codes.max()) + 1
    nearest = np.full(items, -1, np.int64)
    likeness, second = np.full(items, -np.inf), np.full(items, -np.inf)
    for code in range(items):
        rows = np.flatnonzero(seen.codes == code)
        best: dict[int, float] = {}
        for other, score in zip(
            neighbours.rows[rows].ravel(), neighbours.likeness[rows].ravel(), strict=True
        ):
            if other >= 0:
                key = int(seen.codes[other])
                best[key] = max(best.get(key, -np.inf), float(score))
        ranked = sorted(best.items(), key=lambda pair: -pair[1])[:2]
        if ranked:
            nearest[code], likeness[code] = ranked[0]
        if len(ranked) > 1:
            second[code] = ranked[1][1]
    return nearest, likeness, second


def _agree(votes: list[Votes], one: int, other: int) -> bool:
    """Whether two items have no known attribute in which they differ."""
    pairs = [(votes_of.truth[one], votes_of.truth[other]) for votes_of in votes]
    return all(first == second or -1 in (first, second) for first, second in pairs)
