"""Ranking protocols: leave one view out, query against gallery, one known view."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.catalogue.roles import role_of
from lookalike.errors import EvaluationError
from lookalike.evaluation import metrics
from lookalike.evaluation.evaluated import Evaluated
from lookalike.evaluation.outcome import Failure, Measure, Outcome, Protocol
from lookalike.evaluation.ranking import Places, Side, rank_right_answers

Mask = NDArray[np.bool_]
KS = (1, 5, 10)
SHOWN = 5  # places of a failure that are kept
FAILURES = 24


@dataclass(frozen=True)
class Selection:
    """Some of the views: those with a value in a column, or in a list of files; all where neither is given.

    Args:
        column: ``role``, ``item`` or any attribute; roles may be given in any word that readers know.
        value: what the column says.
        files: names of photos, as the catalogue's paths end ("back/07.jpg" or "07.jpg").
    """

    column: str | None = None
    value: str | None = None
    files: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.column is not None:
            return f"{self.column}={self.value}"
        return f"{len(self.files)} files" if self.files else "all views"

    def mask(self, seen: Evaluated) -> Mask:
        """Which rows are selected, shape (rows,).

        Raises:
            EvaluationError: none is.
        """
        keep = np.ones(len(seen), bool)
        if self.column is not None:
            value = role_of(self.value or "") if self.column == "role" else self.value
            present = seen.column(self.column)
            keep &= np.array([each == value for each in present])
            if not keep.any():
                known = sorted({each for each in present if each is not None})[:12]
                raise EvaluationError(
                    f"No view has {self.column} {value!r}.", hint=f"There are: {', '.join(known) or 'none'}."
                )
        if self.files:
            endings = tuple("/" + name.lstrip("/") for name in self.files)
            keep &= np.array(
                [f"/{view.path.as_posix()}".endswith(endings) if view.path else False for view in seen.views]
            )
            if not keep.any():
                raise EvaluationError(
                    f"None of {len(self.files)} listed files is in the catalogue (first: {self.files[0]!r}).",
                    hint="List files as the catalogue's paths end.",
                )
        return keep


@dataclass(frozen=True)
class LeaveOneViewOut(Protocol):
    """Each view of an item that has several is a query; all other views of all items are the gallery.

    Items of one view stand in the gallery, where they can be mistaken, and ask nothing. ``R@k`` and
    ``MRR`` rank items, each by its best view; ``view R@k`` and the means of precision rank views.

    Args:
        ks: places at which recall is measured.
        within: views that take part at all.
    """

    ks: tuple[int, ...] = KS
    within: Selection = Selection()

    @property
    def name(self) -> str:
        """The protocol in words."""
        part = "" if self.within == Selection() else f" within {self.within}"
        return f"leave-one-view-out{part}"

    def check(self, seen: Evaluated) -> None:
        """Whether an item has two views."""
        self._asked(seen)

    def measure(self, seen: Evaluated) -> Outcome:
        """Ask every query; see the class."""
        chosen, several = self._asked(seen)
        ranked = _rank(seen, several, chosen, self.ks)
        return _with_excluded(
            ranked, {"views of one-view items (in the gallery, not asked)": int((chosen & ~several).sum())}
        )

    def _asked(self, seen: Evaluated) -> tuple[Mask, Mask]:
        """The views that take part, and those of them that are asked."""
        chosen = self.within.mask(seen)
        _, code, count = np.unique(seen.codes[chosen], return_inverse=True, return_counts=True)
        several = np.zeros(len(seen), bool)
        several[chosen] = count[code] > 1
        if not several.any():
            raise EvaluationError(
                "No item has two views, so no view can be left out.",
                hint="Add views, or evaluate by classification, which needs one view an item.",
            )
        return chosen, several


@dataclass(frozen=True)
class QueryGallery(Protocol):
    """Some views are asked, others are searched; right is the query's item.

    Args:
        query, gallery: which views; a view in both is never compared with itself.
        ks: places at which recall is measured.
    """

    query: Selection
    gallery: Selection
    ks: tuple[int, ...] = KS

    @property
    def name(self) -> str:
        """The protocol in words."""
        return f"query {self.query} → gallery {self.gallery}"

    def check(self, seen: Evaluated) -> None:
        """Whether an item has views on both sides."""
        self._asked(seen)

    def measure(self, seen: Evaluated) -> Outcome:
        """Ask every query; see the class."""
        query, gallery, answerable = self._asked(seen)
        ranked = _rank(seen, answerable, gallery, self.ks)
        return _with_excluded(
            ranked, {"queries whose item is not in the gallery": int((query & ~answerable).sum())}
        )

    def _asked(self, seen: Evaluated) -> tuple[Mask, Mask, Mask]:
        """Queries, gallery, and the queries whose item is there."""
        query, gallery = self.query.mask(seen), self.gallery.mask(seen)
        answerable = query & answered(seen.codes, query, gallery)
        if not answerable.any():
            raise EvaluationError(
                f"No item has views both in {self.query} and in {self.gallery}.",
                hint="Choose a query and a gallery that show the same items.",
            )
        return query, gallery, answerable


@dataclass(frozen=True)
class OneKnownView(Protocol):
    """One view of each item is known; all its others are asked. Several draws of the known view.

    Args:
        draws: how many times the known view is drawn.
        seed: of the drawing.
        ks: places at which recall is measured.
    """

    draws: int = 5
    seed: int = 0
    ks: tuple[int, ...] = KS

    @property
    def name(self) -> str:
        """The protocol in words."""
        return f"one known view → the others, {self.draws} draws, seed {self.seed}"

    def check(self, seen: Evaluated) -> None:
        """Whether an item has two views."""
        if len(np.unique(seen.codes)) == len(seen):
            raise EvaluationError(
                "No item has two views, so none is left to ask once one is known.",
                hint="Add views, or evaluate by classification, which needs one view an item.",
            )

    def measure(self, seen: Evaluated) -> Outcome:
        """Ask every query; see the class."""
        self.check(seen)
        rng = np.random.default_rng(self.seed)
        drawn = [self._draw(seen, rng) for _ in range(self.draws)]
        first = drawn[0]
        pooled = tuple(
            Measure(
                part.name,
                np.concatenate([each.measures[number].rows for each in drawn]),
                np.concatenate([each.measures[number].columns for each in drawn]),
            )
            for number, part in enumerate(first.measures)
        )
        return Outcome(pooled, first.counts, first.excluded, first.failures)

    def _draw(self, seen: Evaluated, rng: np.random.Generator) -> Outcome:
        shuffled = rng.permutation(len(seen))
        _, first = np.unique(seen.codes[shuffled], return_index=True)
        known = np.zeros(len(seen), bool)
        known[shuffled[first]] = True
        ranked = _rank(seen, ~known, known, self.ks)
        # With one right view an item, view and item level agree: the item's figures say it all.
        return Outcome(ranked.measures[: len(self.ks) + 1], ranked.counts, {}, ranked.failures)


def stanford_online_products() -> Protocol:
    """The published protocol: every test view a query against all others, view R@1, 10, 100, 1000.

    Song et al., "Deep Metric Learning via Lifted Structured Feature Embedding", 2016. The reader's
    ``split`` column says which views are of test classes.
    """
    return LeaveOneViewOut(ks=(1, 10, 100, 1000), within=Selection("split", "test"))


def deepfashion_in_shop() -> Protocol:
    """The published protocol: query views against gallery views, view R@1, 10, 20, 30.

    Liu et al., "DeepFashion", 2016, section 5.2; the reader's ``split`` column says query or gallery.
    """
    return QueryGallery(Selection("split", "query"), Selection("split", "gallery"), ks=(1, 10, 20, 30))


def answered(codes: NDArray[np.int64], query: Mask, gallery: Mask) -> Mask:
    """Which of the query rows have a gallery view of their item other than themselves."""
    own = np.bincount(codes[gallery], minlength=int(codes.max()) + 1)[codes]
    return query & (own - (query & gallery) > 0)


def places_of(seen: Evaluated, query: Mask, gallery: Mask) -> Places:
    """Places of the right answers of the query rows among the gallery rows."""
    return rank_right_answers(_side(seen, query), _side(seen, gallery))


def _side(seen: Evaluated, keep: Mask) -> Side:
    return Side(seen.matrix[keep], seen.codes[keep], np.flatnonzero(keep))


def _rank(seen: Evaluated, query: Mask, gallery: Mask, ks: tuple[int, ...]) -> Outcome:
    places, rows = places_of(seen, query, gallery), np.flatnonzero(query)
    item = places.item[:, None]
    values = {f"R@{k}": metrics.recall_at(k, item) for k in ks}
    values["MRR"] = metrics.reciprocal_rank(item)
    values["mAP"] = metrics.average_precision(places.views)
    values["mAP@R"] = metrics.average_precision_at_r(places.views)
    values["R-precision"] = metrics.r_precision(places.views)
    values |= {f"view R@{k}": metrics.recall_at(k, places.views) for k in ks}
    if places.views.shape[1] == 3 and np.isfinite(places.views).all():
        values["N-S score"] = metrics.ns_score(places.views)
    return Outcome(
        measures=tuple(Measure.mean(name, rows, value) for name, value in values.items()),
        counts={
            "queries": len(rows),
            "gallery views": int(gallery.sum()),
            "items asked": len(np.unique(seen.codes[query])),
            "items in the gallery": len(np.unique(seen.codes[gallery])),
        },
        failures=_failures(seen, rows, np.flatnonzero(gallery), places.item),
    )


def _failures(
    seen: Evaluated, queries: NDArray[np.int64], gallery: NDArray[np.int64], place: NDArray[np.float64]
) -> tuple[Failure, ...]:
    """The queries whose right item stands last, one an item, worst first."""
    worst = np.argsort(-place, kind="stable")
    _, first = np.unique(seen.codes[queries[worst]], return_index=True)
    chosen = [number for number in worst[np.sort(first)][:FAILURES] if place[number] > 1]
    return tuple(_failure(seen, int(queries[number]), gallery, float(place[number])) for number in chosen)


def _failure(seen: Evaluated, query: int, gallery: NDArray[np.int64], place: float) -> Failure:
    others = gallery[gallery != query]
    order = others[np.argsort(-(seen.matrix[others] @ seen.matrix[query]), kind="stable")]
    _, first = np.unique(seen.codes[order], return_index=True)
    found = order[np.sort(first)][:SHOWN]
    right = order[seen.codes[order] == seen.codes[query]][0]
    return Failure(query, int(right), tuple(int(row) for row in found), place)


def _with_excluded(outcome: Outcome, excluded: dict[str, int]) -> Outcome:
    kept = {reason: count for reason, count in excluded.items() if count}
    return Outcome(outcome.measures, outcome.counts, kept, outcome.failures)
