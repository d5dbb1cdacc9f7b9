"""What a run was good for: held-out items, before and after, with the baselines beside."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookalike.catalogue.items import Catalogue
from lookalike.embedding.card import Card
from lookalike.embedding.embedder import Embedder
from lookalike.embedding.torch_embedder import TorchEmbedder
from lookalike.embedding.zoo import open_embedder
from lookalike.evaluation.classification import Classification
from lookalike.evaluation.compare import BASELINES, Comparison, compare_evaluated
from lookalike.evaluation.evaluated import Evaluated
from lookalike.evaluation.evaluating import figure_of
from lookalike.evaluation.features import embed_catalogue
from lookalike.evaluation.outcome import Measure, Protocol
from lookalike.evaluation.protocols import LeaveOneViewOut
from lookalike.evaluation.report import Figure
from lookalike.training.data import OWN_LABELS
from lookalike.training.heads import Learner
from lookalike.training.recipe import Recipe

BEFORE = "before training"
NOTHING = (
    "How good the model is was not measured: no held-out item has two views, and no attribute was taught.\n"
    "Give items of several views, hold out more items by split.held_out, or teach an attribute."
)


@dataclass(frozen=True)
class Measured:
    """A run's figures on items it never saw.

    Args:
        comparisons: one a protocol that the items can answer; none where they can answer no protocol.
        follows_colour: how far each model's ranking follows colour; see ``colour_following``.
        short_codes: item R@1 of the first so many coordinates, and of signs alone.
    """

    comparisons: tuple[Comparison, ...]
    follows_colour: dict[str, Figure]
    short_codes: dict[str, Figure]

    def quality(self, model: str) -> dict[str, Any]:
        """The headline of each protocol, for a card."""
        found = {}
        for comparison in self.comparisons:
            report = comparison[model].report
            best = report.headline
            name = f"{best.name}, {report.protocol}, held-out items"
            found[name] = {"value": best.value, "low": best.low, "high": best.high, "queries": best.queries}
        return found

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values."""
        return {
            "comparisons": [json.loads(comparison.to_json()) for comparison in self.comparisons],
            "follows_colour": _plain(self.follows_colour),
            "short_codes": _plain(self.short_codes),
        }

    def to_text(self, width: int | None = None) -> str:
        """Everything as tables for a terminal of so many letters."""
        parts = [comparison.to_text(width) for comparison in self.comparisons] or [NOTHING]
        if self.short_codes:
            parts.append(_listed("shorter codes, item R@1", self.short_codes))
        parts.append(_listed("rank correlation with a colour histogram's ranking", self.follows_colour))
        return "\n\n".join(parts)


def _plain(figures: dict[str, Figure]) -> dict[str, Any]:
    return {
        name: {"value": one.value, "low": one.low, "high": one.high, "queries": one.queries}
        for name, one in figures.items()
    }


def _listed(title: str, figures: dict[str, Figure]) -> str:
    wide = max(map(len, figures), default=0)
    return "\n".join([title, *(f"  {name:<{wide}}  {one}" for name, one in figures.items())])


def network_embedder(learner: Learner, card: Card) -> Embedder:
    """A network at work as it stands, without an export."""

    def features(pixels: Any) -> Any:
        return learner.embed(pixels)

    return TorchEmbedder(card, features)


def embed_held_out(
    held_out: Catalogue,
    embedders: Sequence[Embedder],
    *,
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> dict[str, Evaluated]:
    """The vectors of the held-out items by each embedder and each baseline, by name.

    Args:
        held_out: whose views.
        embedders: beside the baselines.
        progress: told which model is measured, photos done, and all.
    """
    named = {embedder.card.name: embedder for embedder in embedders}
    named |= {name: open_embedder(name) for name in (*BASELINES, "histogram") if name not in named}
    return {
        name: embed_catalogue(held_out, embedder, progress=partial(progress, f"measuring {name}"))
        for name, embedder in named.items()
    }


def measure(seen: dict[str, Evaluated], recipe: Recipe, *, leaks: tuple[str, ...] = ()) -> Measured:
    """Compare under every protocol that the held-out items can answer.

    Args:
        seen: vectors by model, of the same views; ``histogram``'s among them.
        recipe: its name is the trained model's, its labels choose the protocols.
        leaks: what was found on both sides of the split, as lines for the reports.
    """
    shown = {name: one for name, one in seen.items() if name != "histogram"}
    comparisons = tuple(
        compare_evaluated(shown, protocol, seed=recipe.seed, across=leaks)
        for protocol in protocols(seen[recipe.name], recipe)
    )
    following = {
        name: colour_following(one, seen["histogram"], seed=recipe.seed)
        for name, one in shown.items()
        if name in (recipe.name, BEFORE, "descriptor")
    }
    return Measured(
        comparisons=comparisons,
        follows_colour={name: found for name, found in following.items() if found is not None},
        short_codes=short_codes(seen[recipe.name], recipe.head.matryoshka, seed=recipe.seed),
    )


def protocols(seen: Evaluated, recipe: Recipe) -> list[Protocol]:
    """Leave-one-view-out where items have views, classification for each attribute that was taught."""
    found: list[Protocol] = [LeaveOneViewOut()] if _has_views(seen) else []
    for label in recipe.data.labels:
        if label in OWN_LABELS:
            continue
        values = [value for value in seen.column(label) if value is not None]
        if sum(values.count(value) > 1 for value in set(values)) > 1:
            found.append(Classification(label=label))
    return found


def short_codes(seen: Evaluated, widths: Sequence[int], *, seed: int = 0) -> dict[str, Figure]:
    """Item R@1 of shorter vectors: the first coordinates alone; signs about the mean (one bit each).

    Args:
        seen: the vectors.
        widths: how many coordinates are kept, a figure each (Matryoshka, arXiv 2205.13147).
        seed: of the intervals.
    """
    if not _has_views(seen):
        return {}
    matrices = {f"{width} of {seen.matrix.shape[1]}": seen.matrix[:, :width] for width in widths}
    matrices["all"] = seen.matrix
    matrices["signs"] = signs(seen.matrix - seen.matrix.mean(axis=0))
    return {name: _recall_at_1(seen, matrix, seed=seed) for name, matrix in matrices.items()}


def signs(matrix: NDArray[np.float32]) -> NDArray[np.float32]:
    """Binary codes as unit vectors of plus and minus: cosines order as Hamming distances do.

    >>> signs(np.array([[0.3, -2.0, 0.1, 0.2]], np.float32))
    array([[ 0.5, -0.5,  0.5,  0.5]], dtype=float32)
    """
    return np.where(matrix > 0, 1, -1).astype(np.float32) / np.float32(np.sqrt(matrix.shape[1]))


def colour_following(seen: Evaluated, histogram: Evaluated, *, seed: int = 0) -> Figure | None:
    """How far a ranking follows colour: mean rank correlation with a colour histogram's, over queries.

    Spearman's coefficient between the model's and the histogram's similarities of a query to the views
    of all other items: 1 where they rank alike, 0 where colour tells nothing. None where no query has
    three views of other items.
    """
    found, rows = [], []
    for row in range(len(seen)):
        others = seen.codes != seen.codes[row]
        if others.sum() > 2:
            ours = _ranks(seen.matrix[others] @ seen.matrix[row])
            colour = _ranks(histogram.matrix[others] @ histogram.matrix[row])
            found.append(float(np.corrcoef(ours, colour)[0, 1]))
            rows.append(row)
    if not found:
        return None
    return figure_of(Measure.mean("follows colour", np.array(rows), np.array(found)), seen, seed=seed)


def _ranks(values: NDArray[np.float32]) -> NDArray[np.int64]:
    return np.argsort(np.argsort(values, kind="stable"), kind="stable")


def _has_views(seen: Evaluated) -> bool:
    return bool((np.bincount(seen.codes) > 1).any())


def _recall_at_1(seen: Evaluated, matrix: NDArray[np.float32], *, seed: int) -> Figure:
    lengths = np.maximum(np.linalg.norm(matrix, axis=1, keepdims=True), 1e-12)
    whole = replace(seen, matrix=np.asarray(matrix / lengths, np.float32))
    return figure_of(LeaveOneViewOut(ks=(1,)).measure(whole).measures[0], whole, seed=seed)
