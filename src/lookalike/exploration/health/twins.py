"""Two folders that are one item."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lookalike.evaluation.evaluated import Evaluated
from lookalike.exploration.health.findings import Finding
from lookalike.exploration.health.nearest_items import (
    NearestItems,
    item_ways,
    nearest_among_all,
    nearest_complements,
)
from lookalike.exploration.health.neighbours import Neighbours
from lookalike.exploration.health.votes import Votes

FEW_COMPLEMENTS = 0.1  # of the items: where more complete an item, that they do says nothing
FEWEST_OWN, OWN_WITHOUT = 20, 0.9  # pairs of views to take the usual likeness from; what is asked where fewer


@dataclass(frozen=True, slots=True)
class TwinRule:
    """How alike two items must be to be called one.

    Args:
        quantile: at least as alike as this share of the views of one item are.
        lead: by how much they must be more alike than either is to the next item.
        why: what is known of their views, for the reader.
    """

    quantile: float
    lead: float
    why: str


COMPLETING = TwinRule(0.1, 0.007, "each has the views that the other lacks")
UNKNOWN = TwinRule(0.4, 0.007, "")
SAME_VIEWS = TwinRule(0.95, 0.03, "they share kinds of views")
"""Two photos of one kind, of one item, are much more alike than two of different kinds."""


def twins(seen: Evaluated, neighbours: Neighbours, votes: list[Votes]) -> list[Finding]:
    """Pairs of items that are each other's nearest, alike enough, and without an attribute that differs.

    Where the kinds of views (roles, angles) are known, an item in two folders mostly lies there in halves
    that complete each other, which few pairs of items do: such pairs are compared among themselves, and a
    lower likeness is enough.
    """
    judge = _Judge(seen, neighbours, votes)
    ways = item_ways(seen)
    complements = nearest_complements(seen, ways)
    few = max(1.0, FEW_COMPLEMENTS * len(ways))
    found: dict[tuple[int, int], Finding | None] = {}
    for one, other in complements.mutual():
        if min(complements.partners[one], complements.partners[other]) <= few:
            found[one, other] = judge.finding(complements, one, other, COMPLETING)
    everyone = nearest_among_all(seen, neighbours)
    for one, other in everyone.mutual():
        rule = SAME_VIEWS if ways[one] & ways[other] else UNKNOWN
        found.setdefault((one, other), judge.finding(everyone, one, other, rule))
    return [finding for finding in found.values() if finding is not None]


class _Judge:
    """What is usual in the catalogue, to hold pairs of items against."""

    def __init__(self, seen: Evaluated, neighbours: Neighbours, votes: list[Votes]) -> None:
        self._seen, self._votes = seen, votes
        self._own = neighbours.own[np.isfinite(neighbours.own)]
        self._first = np.unique(seen.codes, return_index=True)[1]

    def finding(self, near: NearestItems, one: int, other: int, rule: TwinRule) -> Finding | None:
        """The finding that two items are one, where the rule says so."""
        likeness, lead = float(near.likeness[one]), near.lead(one, other)
        enough = len(self._own) >= FEWEST_OWN
        usual = float(np.quantile(self._own, rule.quantile)) if enough else OWN_WITHOUT
        if likeness < usual or lead < rule.lead or not self._agree(one, other):
            return None
        seen = self._seen
        rows = (*np.flatnonzero(seen.codes == one), *np.flatnonzero(seen.codes == other))
        said = (
            f"likeness {likeness:.2f}, the next item is {lead:.2f} behind; one item's views have {usual:.2f}"
        )
        return Finding(
            "same_item",
            seen.items[self._first[one]].id,
            tuple(seen.views[row].name for row in rows),
            float(np.clip((self._own <= likeness).mean() if len(self._own) else likeness, 0, 1)),
            f"{said}; {rule.why}" if rule.why else said,
            tuple(int(row) for row in rows),
            (seen.items[self._first[other]].id,),
        )

    def _agree(self, one: int, other: int) -> bool:
        """Whether two items have no known attribute in which they differ."""
        rows = self._first[[one, other]]
        pairs = [votes.truth[rows].tolist() for votes in self._votes]
        return all(first == second or -1 in (first, second) for first, second in pairs)
