"""Milvus Lite as an index over a snapshot, so that the contract of indexes can be asked of it."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np

from lookalike.embedding.card import Card
from lookalike.retrieval.engines.collections import Milvus
from lookalike.retrieval.engines.loading import Source, load
from lookalike.retrieval.engines.milvus import MilvusEngine
from lookalike.retrieval.index.base import Index, Mask
from lookalike.retrieval.index.rescoring import Places, Scoring, Vectors
from lookalike.retrieval.snapshot import Snapshot

_numbers = itertools.count()


@cache
def lite() -> str:
    """The file of one Milvus Lite for the whole run."""
    return str(Path(tempfile.mkdtemp(prefix="lookalike-milvus-")) / "lite.db")


class NoEmbedder:
    """Stands for the model where vectors are given."""

    def __init__(self, card: Card) -> None:
        self.card = card


def source_of(snapshot: Snapshot) -> Source:
    card = Card(name="test", width=snapshot.width, size_px=8, model_digest="test")
    items = {identity: snapshot.record(place).checksum for place, identity in enumerate(snapshot.ids)}

    def read(wanted):
        for identity in sorted(wanted):
            place = snapshot.places[identity]
            yield snapshot.record(place), snapshot.vectors(place)

    return Source(card, "test", items, read, snapshot.version)


class MilvusIndex(Index):
    """The candidates are the items that the engine answers with, and those that tie with the last."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__(snapshot)
        source = source_of(snapshot)
        milvus = Milvus(lite(), f"contract_{next(_numbers)}")
        load(source, milvus)
        self.engine = MilvusEngine(milvus, embedder=NoEmbedder(source.card))

    def _candidates(
        self, questions: Sequence[Vectors], k: int, *, scoring: Scoring, allowed: Mask | None
    ) -> list[Places]:
        places = []
        for question in questions:
            hidden = () if allowed is None else np.flatnonzero(~allowed).tolist()
            found = self.engine.nearest(
                question, k, scoring=scoring, hidden=[self.snapshot.ids[place] for place in hidden]
            )
            answered = [found.snapshot.ids[hit.place] for hit in found.hits]
            places.append(np.array([self.snapshot.places[identity] for identity in answered], np.int64))
        return places
