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

    def measure(self, seen: Evaluated) -> Outcome:
        """Ask every labelled photo; see the class."""
        labels, names, excluded = self._labels(seen)
        rows = np.flatnonzero(labels >= 0)
        chosen = labels[rows]
        if len(names) < 2:
            raise EvaluationError(
                f"Column {self.label!r} holds {len(names)} class with two photos, and a choice needs two.",
                hint="Choose another label column, or evaluate by leave-one-view-out.",
            )
        scores = self._scores(seen.matrix[rows], chosen, _groups(seen, self.group)[rows])
        given = scores.argmax(axis=1)
        measures = (
            Measure.mean("top-1", rows, top_k_hits(1, scores, chosen)),
            Measure.mean("top-5", rows, top_k_hits(min(5, len(names)), scores, chosen)),
            Measure("macro-F1", rows, f1_counts(chosen, given, len(names)), f1_mean),
        )
        return Outcome(
            measures=measures,
            counts={
                "photos": len(rows),
                "classes": len(names),
                "groups": len(np.unique(_groups(seen, self.group)[rows])),
            },
            excluded=excluded,
            failures=_failures(seen, rows, chosen, scores),
            confusion=(names, confusion(chosen, given, len(names))),
        )

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
        if len(np.unique(groups)) < 2:
            raise EvaluationError(
                f"All photos share one {self.group}, so none may inform another.",
                hint="Choose another group column.",
            )
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


def _failures(
    seen: Evaluated, rows: Codes, labels: Codes, scores: NDArray[np.float64]
) -> tuple[Failure, ...]:
    """The photos whose right class scored furthest below the winner, one a class, worst first."""
    behind = scores.max(axis=1) - np.take_along_axis(scores, labels[:, None], axis=1)[:, 0]
    worst = np.argsort(-behind, kind="stable")
    _, first = np.unique(labels[worst], return_index=True)
    found = []
    for number in worst[np.sort(first)][:FAILURES]:
        if behind[number] <= 0:
            continue
        order = rows[np.argsort(-(seen.matrix[rows] @ seen.matrix[rows[number]]), kind="stable")]
        order = order[order != rows[number]]
        right = order[labels[np.searchsorted(rows, order)] == labels[number]][0]
        place = 1.0 + float((scores[number] > scores[number, labels[number]]).sum())
        found.append(Failure(int(rows[number]), int(right), tuple(int(row) for row in order[:5]), place))
    return tuple(found)
