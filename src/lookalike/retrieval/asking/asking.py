"""What an engine keeps for asking in further ways: swatches of palettes and the catalogue's words."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lookalike.embedding.embedder import Embedder
from lookalike.retrieval.asking.answering import Answered
from lookalike.retrieval.asking.blocks import check_colour, has_colour, terms_of
from lookalike.retrieval.asking.keeping import read_tower, write_tower
from lookalike.retrieval.asking.palette import MOST_TONES, Palette, shades, swatch
from lookalike.retrieval.asking.question import PALETTE_SHARE, Question, asked_photos, weighed
from lookalike.retrieval.asking.texts import plain_words
from lookalike.retrieval.asking.words import Words
from lookalike.retrieval.memory import trim
from lookalike.retrieval.query import COLOUR_BLOCK, Query
from lookalike.retrieval.snapshot import Snapshot

Vectors = NDArray[np.float32]

MOST_PALETTES = 256
WORDS_SHARE = 0.35
"""How much words count beside photos, 0 to 1; see docs/studies/asking.md."""


class Asking:
    """Makes queries ready for comparing, for one engine; for many threads.

    What it needs is made when first asked for.

    Args:
        embedder: the engine's model.
        home: where the store's derived files are; None keeps nothing there.
    """

    def __init__(self, embedder: Embedder, *, home: Path | None = None) -> None:
        self._embedder, self._home = embedder, home
        self._words: tuple[Snapshot, Words] | None = None
        self._swatches: dict[Palette, Vectors] = {}
        self._turn = threading.Lock()

    def question(self, query: Query, vectors: Vectors, snapshot: Snapshot) -> Question:
        """The query ready for comparing with a version of the store.

        Args:
            query: what is asked.
            vectors: of its photos, of its items' views, and of its ``unlike`` photos, in this order.
            snapshot: what is searched.

        Raises:
            QueryError: the model has no colour for a palette, there is no such item, or the catalogue knows
                none of the words.
        """
        card = self._embedder.card
        query = self._read(query, snapshot)
        wanted, unwanted = asked_photos(query, vectors, snapshot, card)
        painted = None if query.palette is None else self._painted(query.palette)
        question = weighed(query, wanted, unwanted, painted, card)
        if not query.words.strip():
            return question
        share = WORDS_SHARE if len(wanted) else 1 - PALETTE_SHARE if painted is not None else 1.0
        read = self.words(snapshot).read(query.words)
        return replace(question, words=read.scores, words_share=share, pointed=read.vector)

    def _read(self, query: Query, snapshot: Snapshot) -> Query:
        """The query with the colours that its words name taken as such.

        A colour that is named takes the place of the photos' own: they are compared by form. Where no item's
        text has that colour's name, it is asked as a palette instead.
        """
        if not query.words.strip() or query.palette is not None or not has_colour(self._embedder.card):
            return query
        known, asked = self.words(snapshot), plain_words(query.words)
        named = [word for word in asked if word in known.colours]
        if not named:
            return query
        strange = [word for word in named if word not in known.lexical]
        if strange:
            left = " ".join(word for word in asked if word not in strange)
            return replace(query, words=left, palette=Palette.parse(", ".join(strange[:MOST_TONES])))
        return replace(query, colour=0.0) if query.colour is None else query

    def words(self, snapshot: Snapshot) -> Words:
        """What answers words in a version of the store.

        The text tower that is known goes on after a change: it maps texts to the model's space, and a few
        items more or less do not move that. The next opening teaches it anew.
        """
        known = self._words
        if known is not None and known[0] is snapshot:
            return known[1]
        with self._turn:
            if self._words is None or self._words[0] is not snapshot:
                self._words = snapshot, self._taught(snapshot)
            return self._words[1]

    def follow(self, snapshot: Snapshot) -> None:
        """Go on to the next version of the store with the words that are known, where that is quick."""
        with self._turn:
            if self._words is not None and (later := self._words[1].after(snapshot)) is not None:
                self._words = snapshot, later

    def _taught(self, snapshot: Snapshot) -> Words:
        before = self._words[1].tower if self._words else None
        kept = before or (read_tower(self._home, snapshot) if self._home else None)
        words = Words(snapshot, self._embedder.card, encoder=self._embedder.text, tower=kept)
        if self._home and words.tower is not None and kept is None:
            write_tower(self._home, snapshot, words.tower)
        trim()
        return words

    def terms(
        self, question: Question, found: Sequence[Answered], snapshot: Snapshot
    ) -> list[dict[str, float]]:
        """What each block of the vectors, the palette, the words and the dislikes add to each hit's pair."""
        share = 1 - question.words_share
        several: list[dict[str, float]] = [{} for _ in found]
        if len(question.photos) and found:
            views = snapshot.matrix[[snapshot.starts[one.hit.place] + one.hit.view for one in found]]
            asked = share * (1 - question.colour_share) * question.photos[[one.hit.photo for one in found]]
            several = terms_of(asked, views, self._embedder.card)
        for one, terms in zip(found, several, strict=True):
            if question.colour is not None:
                terms[COLOUR_BLOCK] = share * one.colour
            if question.words is not None:
                terms["words"] = one.words
            if one.unlike:
                terms["unlike"] = share * one.unlike
        return several

    def _painted(self, palette: Palette) -> Vectors:
        """The vectors of a palette's swatches, one a shade, shape (shades, width)."""
        check_colour(self._embedder.card)
        with self._turn:
            if palette not in self._swatches:
                while len(self._swatches) >= MOST_PALETTES:
                    self._swatches.pop(next(iter(self._swatches)))
                size_px = self._embedder.card.size_px
                photos = [swatch(shade, size_px) for shade in shades(palette)]
                self._swatches[palette] = self._embedder.encode(photos)
            return self._swatches[palette]
