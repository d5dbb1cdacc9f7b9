"""The classification protocol: do photos of one label lie together?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lookalike.errors import EvaluationError
from lookalike.evaluation.classifiers import linear_probe, neighbour_votes
from lookalike.evaluation.evaluated import Evaluated, codes_of
from lookalike.evaluation.labels import confusion, f1_counts, f1_mean, top_k_hits
from lookalike.evaluation.outcome import Failure, Measure, Outcome, Protocol

Codes = NDArray[np.int64]
FAILURES = 24


@dataclass(frozen=True, eq=False)
class _Asked:
    """The photos that are asked: their rows, and for each the number of its class and of its group."""

    rows: Codes
    labels: Codes
    groups: Codes
    names: tuple[str, ...]
    excluded: dict[str, int]

    @property
    def groups_of_class(self) -> Codes:
        """In how many groups each class is seen, shape (classes,)."""
        pairs = np.unique(np.stack([self.labels, self.groups]), axis=1)
        return np.bincount(pairs[0], minlength=len(self.names))


@dataclass(frozen=True)
class Classification(Protocol):
    """Each photo's label from the photos of other groups, every photo asked once.

    Args:
        label: the column that holds the label.
        group: photos that share this column's value never inform each other (``sender_id``, ``style_id``);
            ``item`` keeps views of one item apart, which is the least that is honest.
        method: ``knn`` (the k nearest photos of other groups vote) or ``linear`` (a ridge probe,
            cross-validated over folds of whole groups).
        k: neighbours that vote.
        folds: of the linear probe.
        seed: of the folds.
    """

    label: str = "category"
    group: str = "item"
    method: Literal["knn", "linear"] = "knn"
    k: int = 10
    folds: int = 5
    seed: int = 0

    @property
    def name(self) -> str:
        """The protocol in words."""
        way = f"{self.k} nearest neighbours" if self.method == "knn" else f"linear probe, {self.folds} folds"
        return f"classification of {self.label} by {way}, disjoint by {self.group}"

    def check(self, seen: Evaluated) -> None:
        """Whether there are two classes, and other groups to tell them from."""
        self._asked(seen)

    def measure(self, seen: Evaluated) -> Outcome:
        """Ask every labelled photo; see the class."""
        asked = self._asked(seen)
        names, labels = asked.names, asked.labels
        scores = self._scores(seen.matrix[asked.rows], labels, asked.groups)
        given = scores.argmax(axis=1)
        measures = (
            Measure.mean("top-1", asked.rows, top_k_hits(1, scores, labels)),
            Measure.mean("top-5", asked.rows, top_k_hits(min(5, len(names)), scores, labels)),
            Measure("macro-F1", asked.rows, f1_counts(labels, given, len(names)), f1_mean),
        )
        groups = len(np.unique(asked.groups))
        return Outcome(
            measures=measures,
            counts={"photos": len(asked.rows), "classes": len(names), "groups": groups},
            excluded=asked.excluded,
            failures=_failures(seen, asked, scores),
            notes=self._hopeless(asked),
            confusion=(names, confusion(labels, given, len(names))),
        )

    def _asked(self, seen: Evaluated) -> _Asked:
        """The labelled photos.

        Raises:
            EvaluationError: they are of one class, or each class's photos share a group.
        """
        labels, names, excluded = self._labels(seen)
        rows = np.flatnonzero(labels >= 0)
        if len(names) < 2:
            raise EvaluationError(
                f"Column {self.label!r} holds {len(names)} class with two photos, and a choice needs two.",
                hint="Choose another label column, or evaluate by leave-one-view-out.",
            )
        asked = _Asked(rows, labels[rows], _groups(seen, self.group)[rows], names, excluded)
        if not (asked.groups_of_class > 1).any():
            raise EvaluationError(
                f"All photos of a {self.label} share one {self.group}, so none may inform another.",
                hint="Choose another group column.",
            )
        return asked

    def _hopeless(self, asked: _Asked) -> tuple[str, ...]:
        count = int((asked.groups_of_class[asked.labels] < 2).sum())
        where = f"of a {self.label} that no other {self.group} has"
        return (f"always wrong: {count} photos {where}",) if count else ()

    def _labels(self, seen: Evaluated) -> tuple[Codes, tuple[str, ...], dict[str, int]]:
        """Class numbers (-1: takes no part), their names, and how many take no part and why."""
        values = seen.column(self.label)
        distinct, counts = np.unique([value for value in values if value is not None], return_counts=True)
        rare = {str(value) for value, count in zip(distinct, counts, strict=True) if count < 2}
        kept = [None if value in rare else value for value in values]
        excluded = {
            "photos without a label": sum(value is None for value in values),
            "photos that are the only one of their class": len(rare),
        }
        names = tuple(str(value) for value in distinct if str(value) not in rare)
        return codes_of(kept), names, {reason: count for reason, count in excluded.items() if count}

    def _scores(self, vectors: NDArray[np.float32], labels: Codes, groups: Codes) -> NDArray[np.float64]:
        if self.method == "knn":
            return neighbour_votes(vectors, labels, groups, k=self.k)
        scores = np.zeros((len(vectors), int(labels.max()) + 1))
        for fold in np.array_split(
            np.random.default_rng(self.seed).permutation(np.unique(groups)), self.folds
        ):
            asked = np.isin(groups, fold)
            if asked.any() and not asked.all():
                scores[asked] = linear_probe(
                    vectors[~asked], labels[~asked], vectors[asked], classes=scores.shape[1]
                )
        return scores


def _groups(seen: Evaluated, column: str) -> Codes:
    """A number for each row's group; a row without one is a group of its own."""
    codes = codes_of(seen.column(column))
    alone = codes < 0
    codes[alone] = codes.max() + 1 + np.arange(int(alone.sum()))
    return codes


def _failures(seen: Evaluated, asked: _Asked, scores: NDArray[np.float64]) -> tuple[Failure, ...]:
    """The photos whose right class scored furthest below the winner, one a class, worst first.

    What is shown beside them are photos that had a vote: those of other groups.
    """
    rows, labels = asked.rows, asked.labels
    behind = scores.max(axis=1) - np.take_along_axis(scores, labels[:, None], axis=1)[:, 0]
    worst = np.argsort(-behind, kind="stable")
    _, first = np.unique(labels[worst], return_index=True)
    found = []
    for number in worst[np.sort(first)][:FAILURES]:
        order = np.argsort(-(seen.matrix[rows] @ seen.matrix[rows[number]]), kind="stable")
        order = order[asked.groups[order] != asked.groups[number]]
        right = order[labels[order] == labels[number]]
        if behind[number] <= 0 or not len(right):
            continue
        place = 1.0 + float((scores[number] > scores[number, labels[number]]).sum())
        shown = tuple(int(row) for row in rows[order[:5]])
        found.append(Failure(int(rows[number]), int(rows[right[0]]), shown, place))
    return tuple(found)
