"""What an engine keeps for asking in further ways: swatches of palettes, made when first asked for."""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import NDArray

from lookalike.embedding.embedder import Embedder
from lookalike.retrieval.asking.answering import Answered
from lookalike.retrieval.asking.blocks import check_colour, parts_of
from lookalike.retrieval.asking.palette import Palette, swatch
from lookalike.retrieval.asking.question import Question, asked_photos, weighed
from lookalike.retrieval.query import COLOUR_BLOCK, Query
from lookalike.retrieval.snapshot import Snapshot

Vectors = NDArray[np.float32]

MOST_SWATCHES = 256


class Asking:
    """Makes queries ready for comparing, for one engine; for many threads.

    Args:
        embedder: the engine's model.
    """

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._swatches: dict[Palette, Vectors] = {}
        self._turn = threading.Lock()

    def question(self, query: Query, vectors: Vectors, snapshot: Snapshot) -> Question:
        """The query ready for comparing with a version of the store.

        Args:
            query: what is asked.
            vectors: of its photos, of its items' views, and of its ``unlike`` photos, in this order.
            snapshot: what is searched.

        Raises:
            QueryError: the model has no colour for a palette, or there is no such item.
        """
        card = self._embedder.card
        wanted, unwanted = asked_photos(query, vectors, snapshot, card)
        painted = None if query.palette is None else self._swatch(query.palette)
        return weighed(query, wanted, unwanted, painted, card)

    def parts(self, question: Question, answered: Answered, snapshot: Snapshot) -> dict[str, float]:
        """What each block of the vectors, the palette, the words and the dislikes add to a hit's pair."""
        hit = answered.hit
        parts: dict[str, float] = {}
        if len(question.photos):
            found = snapshot.vectors(hit.place)[hit.view]
            asked = (1 - question.colour_share) * question.photos[hit.photo]
            parts = parts_of(asked, found, self._embedder.card)
        if question.colour is not None:
            parts[COLOUR_BLOCK] = answered.colour
        if question.words is not None:
            parts["words"] = answered.words
        if answered.unlike:
            parts["unlike"] = answered.unlike
        return parts

    def _swatch(self, palette: Palette) -> Vectors:
        check_colour(self._embedder.card)
        with self._turn:
            if palette not in self._swatches:
                while len(self._swatches) >= MOST_SWATCHES:
                    self._swatches.pop(next(iter(self._swatches)))
                photo = swatch(palette, self._embedder.card.size_px)
                self._swatches[palette] = self._embedder.encode([photo])[0]
            return self._swatches[palette]
