"""What a comparison of an old and a new model's version of a store says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lookalike.evaluation.bootstrap import Difference, Interval
from lookalike.retrieval.records import StoredView

NOT_FOUND = 0
"""The rank of an item that is not among the first k."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one version answers to one view.

    Args:
        items: the first k items, best first; the view's own item among them where its others bring it there.
        views: of each of them, the view that met the query.
        rank: of the view's own item, from 1; ``NOT_FOUND`` where it is not among the first k.
    """

    items: tuple[str, ...]
    views: tuple[StoredView, ...]
    rank: int


@dataclass(frozen=True, slots=True)
class Change:
    """One view that was asked, and what both versions answer to it.

    Args:
        item, view: what was asked.
        old, new: the answers.
        has_others: whether the item has further views, so that it can be found.
    """

    item: str
    view: StoredView
    old: Answer
    new: Answer
    has_others: bool

    @property
    def overlap(self) -> float:
        """Share of the old answer's items that are in the new one, 0 to 1."""
        shared = len(set(self.old.items) & set(self.new.items))
        return shared / len(self.old.items) if self.old.items else 1.0

    @property
    def loss(self) -> float:
        """How much worse the own item stands: the fall of its reciprocal rank, -1 to 1."""
        return _reciprocal(self.old.rank) - _reciprocal(self.new.rank)


@dataclass(frozen=True, slots=True)
class Gain:
    """A figure of both versions on the same queries, and new less old, with 95% intervals over items."""

    name: str
    old: Interval
    new: Interval
    difference: Difference


@dataclass(frozen=True)
class UpgradeComparison:
    """Old against new.

    Args:
        old, new: fingerprints.
        k: how many items were asked for.
        views: of how many views each version holds the vectors.
        queries, recall_queries: how many were asked, and how many of them have something to find.
        overlap: share of the old first k items that the new version has, too.
        same_first: share of queries whose first item is the same.
        gains: recall, where any item has two views.
        changes: all that was asked.
        seed: of the sample and the intervals.
    """

    old: str
    new: str
    k: int
    views: int
    queries: int
    recall_queries: int
    overlap: Interval
    same_first: Interval
    gains: tuple[Gain, ...]
    changes: tuple[Change, ...]
    seed: int

    def worse(self) -> list[Change]:
        """What the new version finds no more, or further down; the greatest fall first."""
        lost = [change for change in self.changes if change.has_others and change.loss > 0]
        return sorted(lost, key=lambda change: (-change.loss, change.overlap))

    def better(self) -> list[Change]:
        """What the new version finds further up; the greatest rise first."""
        won = [change for change in self.changes if change.has_others and change.loss < 0]
        return sorted(won, key=lambda change: (change.loss, change.overlap))

    def by_difference(self) -> list[Change]:
        """All of them, the answers that have least in common first."""
        return sorted(self.changes, key=lambda change: change.overlap)

    def to_dict(self) -> dict[str, Any]:
        """The figures, as JSON has them."""
        return {
            "old": self.old,
            "new": self.new,
            "k": self.k,
            "views": self.views,
            "queries": self.queries,
            "recall_queries": self.recall_queries,
            "seed": self.seed,
            "overlap": _numbers(self.overlap),
            "same_first": _numbers(self.same_first),
            "recall": {
                gain.name: {
                    "old": _numbers(gain.old),
                    "new": _numbers(gain.new),
                    "difference": _numbers(gain.difference),
                }
                for gain in self.gains
            },
            "worse": len(self.worse()),
            "better": len(self.better()),
        }

    def to_text(self) -> str:
        """The figures as lines for a terminal."""
        lines = [
            f"old {self.old}, new {self.new}: {self.queries} of {self.views} views asked (seed {self.seed})",
            f"shared of the first {self.k} items  {_text(self.overlap)}",
            f"same first item            {_text(self.same_first)}",
        ]
        lines += [
            f"{gain.name:<8} old {_text(gain.old)}  new {_text(gain.new)}  new less old "
            f"{gain.difference.value:+.3f} [{gain.difference.low:+.3f}, {gain.difference.high:+.3f}]"
            for gain in self.gains
        ]
        if self.gains:
            lines.append(
                f"one view left out, {self.recall_queries} queries: {len(self.better())} better, "
                f"{len(self.worse())} worse; 95% intervals over items, paired"
            )
        else:
            lines.append("no item has two views, so nothing can be said of recall")
        return "\n".join(lines)


def _reciprocal(rank: int) -> float:
    return 0.0 if rank == NOT_FOUND else 1.0 / rank


def _numbers(found: Interval | Difference) -> list[float]:
    return [round(value, 4) for value in (found.value, found.low, found.high)]


def _text(found: Interval) -> str:
    return f"{found.value:.3f} [{found.low:.3f}, {found.high:.3f}]"
