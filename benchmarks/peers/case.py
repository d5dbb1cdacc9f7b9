"""The vectors that all peers rank: drawn once, kept on disk with questions and right answers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from benchmarks.large_search import SEED, catalogue

from lookalike.retrieval.derived import read_derived, write_derived
from lookalike.retrieval.snapshot import Identity, Snapshot

HOME = Path(__file__).parents[2] / "build" / "peers-ranking"
IDENTITY = Identity(Path("memory"), "benchmark", 1, "synthetic@0")
K, TUNING = 10, 64


@dataclass(frozen=True, eq=False)
class Case:
    """A catalogue and what is asked of it.

    Args:
        folder: where it and the peers' indexes are.
        snapshot: items and the vectors of their views.
        questions: unit vectors, shape (256, width); the first ``TUNING`` choose the peers' settings.
        truth: numbers of the ten best items of each question by the plain definition.
    """

    folder: Path
    snapshot: Snapshot
    questions: np.ndarray
    truth: np.ndarray

    @cached_property
    def item_of(self) -> np.ndarray:
        """The item's number of each view."""
        return np.repeat(np.arange(len(self.snapshot)), np.diff(self.snapshot.starts))

    def recall(self, found: list[list[int]], first: int = 0) -> float:
        """Share of the right items among those found for the questions from ``first`` on."""
        pairs = zip(found, self.truth[first:], strict=False)
        return float(np.mean([len(set(mine) & set(right.tolist())) / K for mine, right in pairs]))


def case_of(views: int) -> Case:
    """The case of that size, drawn where it is not kept."""
    folder = HOME / str(views)
    snapshot = read_derived(folder, IDENTITY)
    if snapshot is None:
        folder.mkdir(parents=True, exist_ok=True)
        drawn, questions = catalogue(views, np.random.default_rng(SEED))
        np.save(folder / "questions.npy", questions)
        np.save(folder / "truth.npy", exact(drawn, questions))
        write_derived(folder, drawn)
        snapshot = read_derived(folder, IDENTITY)
        assert snapshot is not None
    return Case(folder, snapshot, np.load(folder / "questions.npy"), np.load(folder / "truth.npy"))


def exact(snapshot: Snapshot, questions: np.ndarray) -> np.ndarray:
    """The ten best items of each question, by the plain definition."""
    found = []
    for question in questions:
        best = np.maximum.reduceat(snapshot.matrix @ question, snapshot.starts[:-1])
        found.append(np.argsort(-best, kind="stable")[:K])
    return np.stack(found)
