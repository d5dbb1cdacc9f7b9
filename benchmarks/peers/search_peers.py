"""What a way to the ten best items has to do: be built onto disk, opened from there, and asked.

A peer that knows views only is asked for so many views, which are grouped into items here (`Grouped`):
naively (ten views) or by over-fetch (a hundred). A peer that groups by itself is asked for groups.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path

import numpy as np
from benchmarks.peers.case import IDENTITY, Case, K

from lookalike.retrieval.derived import read_derived, write_derived
from lookalike.retrieval.index.base import Index
from lookalike.retrieval.index.choosing import index_of
from lookalike.retrieval.index.compressed import CompressedIndex
from lookalike.retrieval.index.exact import ExactIndex


class Peer(ABC):
    """One way to the best items.

    Args:
        package: as the index of packages names it.
        settings: in words.
        efforts: of searching, rising; the least that reaches the recall wanted is taken.
        batches: whether several questions can be asked in one call.
    """

    package = ""
    settings = ""
    efforts: tuple[int, ...] = ()
    batches = False

    @abstractmethod
    def build(self, case: Case, folder: Path) -> None:
        """Take the vectors in and leave them in the folder."""

    @abstractmethod
    def open(self, case: Case, folder: Path) -> None:
        """Open what lies in the folder, ready for a question."""

    @abstractmethod
    def items(self, questions: np.ndarray) -> list[list[int]]:
        """Numbers of the ten best items of each question, best first; questions of shape (n, width)."""

    def take(self, effort: int) -> None:  # noqa: B027 - not all have one
        """Search with that much effort."""


class Exact(Peer):
    package = "lookalike"
    settings = "exact scan, the best view of each item fused in"
    batches = True
    index: Index

    def build(self, case: Case, folder: Path) -> None:
        write_derived(folder, case.snapshot)

    def open(self, case: Case, folder: Path) -> None:  # noqa: ARG002
        snapshot = read_derived(folder, IDENTITY)
        assert snapshot is not None
        self.index = ExactIndex(snapshot)

    def items(self, questions: np.ndarray) -> list[list[int]]:
        found = self.index.nearest([question[None] for question in questions], K)
        return [[hit.place for hit in hits] for hits in found]


class Compressed(Exact):
    settings = (
        "codes of 64 bytes, whole or in lists as they measure; all views of the candidates scored exactly"
    )

    def build(self, case: Case, folder: Path) -> None:
        super().build(case, folder)
        self.open(case, folder)

    def open(self, case: Case, folder: Path) -> None:  # noqa: ARG002
        snapshot = read_derived(folder, IDENTITY)
        assert snapshot is not None
        self.index = index_of(snapshot, home=folder)
        assert isinstance(self.index, CompressedIndex)


class Grouped(Peer):
    """A peer that finds views; the first views of ten items are its items."""

    fetch = K
    item_of: np.ndarray

    @abstractmethod
    def views(self, questions: np.ndarray) -> np.ndarray:
        """Row numbers of the ``fetch`` nearest views, nearest first, shape (n, fetch)."""

    def items(self, questions: np.ndarray) -> list[list[int]]:
        return [list(dict.fromkeys(row.tolist()))[:K] for row in self.item_of[self.views(questions)]]
