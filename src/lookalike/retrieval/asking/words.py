"""Words to items: how well each item of a catalogue fits a text, by its own texts and by its photos."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.embedding.card import Card
from lookalike.embedding.text import TextEncoder
from lookalike.errors import QueryError
from lookalike.retrieval.asking.blocks import restored
from lookalike.retrieval.asking.colours import PLAIN
from lookalike.retrieval.asking.lexical import Lexical
from lookalike.retrieval.asking.texts import colour_words, item_words, plain_words
from lookalike.retrieval.asking.tower import TextTower, taught_by, train_tower
from lookalike.retrieval.layered import LayeredMatrix
from lookalike.retrieval.snapshot import Snapshot
from lookalike.retrieval.splicing import Numbers, ranges

Scores = NDArray[np.float64]

DEVIATIONS = 4.0
"""A joint model's score so many standard deviations above the catalogue's mean counts as 1."""
NEIGHBOURS = 15
"""Items with texts, alike by photo, that tell what the text of an item without one would score."""
AT_ONCE = 4096
"""Items whose mean vectors are held at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """What a text says about a catalogue.

    Args:
        scores: how well each item fits, 0 to 1, shape (items,).
        vector: where the text points in the space of the photos, shape (width,); None where nothing tells.
    """

    scores: NDArray[np.float32]
    vector: NDArray[np.float32] | None


class Words:
    """Answers texts for one version of a store.

    Two kinds of evidence are added: lexical matching of the item's own texts (``Lexical``), and the
    cosine of the text's vector with the item's photos about the catalogue's mean (``TextTower``, or the
    model's own text tower). An item without texts is given the lexical score that items with texts have
    which look as fitting: without that it would stand behind everything that shares a word.

    Args:
        snapshot: what is searched.
        card: of its model.
        encoder: the model's own text tower; None where it has none.
        tower: taught before on this catalogue; None teaches one, where it has texts.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        card: Card,
        *,
        encoder: TextEncoder | None = None,
        tower: TextTower | None = None,
    ) -> None:
        self._snapshot, self._card, self._encoder = snapshot, card, encoder
        self.lexical = Lexical(_texts(snapshot, range(len(snapshot))))
        self._told_colours = Counter(word for one in snapshot.attributes for word in colour_words(one))
        self._centre = _centre(snapshot, card)
        self._lengths = _lengths(snapshot.matrix, self._centre)
        if encoder is None and tower is None:
            tower = _taught(self.lexical, snapshot, card)
        self.tower = tower

    @property
    def colours(self) -> frozenset[str]:
        """Words that mean a colour here."""
        return PLAIN | self._told_colours.keys()

    def after(self, snapshot: Snapshot) -> Words | None:
        """The same for the next version of a large store; None where all is to be looked at anew.

        Texts are exactly those of the new version; the text tower and the catalogue's mean, which a few items
        more or less do not move, go on as they are.
        """
        since, before = snapshot.since, self._snapshot
        taught = self.tower is not None or self._encoder is not None
        if since is None or since.version != before.version or not taught or not _is_layered(snapshot):
            return None
        splice = since.splice
        lost, news = splice.gone.tolist(), splice.news.tolist()
        later = copy(self)
        later._snapshot = snapshot
        later.lexical = self.lexical.after(splice, list(_texts(before, lost)), list(_texts(snapshot, news)))
        later._told_colours = Counter(self._told_colours)
        later._told_colours.subtract(w for place in lost for w in colour_words(before.attributes[place]))
        later._told_colours.update(w for place in news for w in colour_words(snapshot.attributes[place]))
        later._told_colours = +later._told_colours
        counts = np.diff(snapshot.starts)[splice.news]
        rows = snapshot.matrix[ranges(snapshot.starts[splice.news], counts)]
        by_rows = splice.by_rows(before.starts, counts)
        later._lengths = by_rows.array(self._lengths, _lengths(rows, self._centre))
        return later

    def read(self, text: str) -> Read:
        """What a text says about the catalogue.

        Raises:
            QueryError: there are no words in it, or none that the catalogue knows.
        """
        words = plain_words(text)
        if not words:
            raise QueryError("There are no words in the text.", hint="Write some, such as 'red canvas shoe'.")
        words = self.lexical.understood(words)
        if not words and self._encoder is None:
            raise self._unknown(text)
        written = self.lexical.scores(words)
        vector = self._vector(text, words)
        if vector is None:
            return Read(np.clip(written, 0, 1).astype(np.float32), None)
        seen = self.best_cosines(vector)
        if self._encoder is not None:  # photos and texts of joint models lie apart: only differences tell
            seen = (seen - seen.mean()) / (DEVIATIONS * max(float(seen.std()), 1e-9))
        fitting = np.clip((self._imputed(written, seen) + seen) / 2, 0, 1)
        return Read(fitting.astype(np.float32), vector)

    def _vector(self, text: str, words: Sequence[str]) -> NDArray[np.float32] | None:
        """Where a text points in the image space, shape (width,); None where there is no text tower."""
        if self._encoder is not None:
            (spoken,) = self._encoder.encode([text])
            return np.asarray(spoken)
        if self.tower is None:
            return None
        (pointed,) = restored(self.tower.vector(Counter(words))[None], self._card)
        return np.asarray(pointed)

    def best_cosines(self, vector: NDArray[np.float32]) -> Scores:
        """Of each item's best view about the catalogue's mean, shape (items,)."""
        products = (self._snapshot.matrix @ vector - self._centre @ vector) / self._lengths
        return np.asarray(np.maximum.reduceat(products, self._snapshot.starts[:-1]), np.float64)

    def _imputed(self, written: Scores, seen: Scores) -> Scores:
        """Lexical scores, those of items without texts read off items that look as fitting.

        The relation is a running mean made monotone: what looks more fitting is not expected to be
        described as less so.
        """
        told = self.lexical.has_text
        if told.all() or not told.any():
            return written
        order = np.argsort(seen[told], kind="stable")
        width = min(NEIGHBOURS, len(order)) // 2
        padded = np.pad(written[told][order], width, mode="edge")
        means = np.convolve(padded, np.ones(2 * width + 1) / (2 * width + 1), "valid")
        expected = np.interp(seen, seen[told][order], np.maximum.accumulate(means))
        return np.where(told, written, expected)

    def _unknown(self, text: str) -> QueryError:
        if not len(self.lexical):
            return QueryError(
                "The items of this store have no texts.",
                hint="Index a table with a title or other attributes, or use a joint image-text model.",
            )
        return QueryError(
            f"Nothing in the catalogue is described by {text!r}.",
            hint=f"It knows words such as {', '.join(self.lexical.examples())}.",
        )


def _taught(lexical: Lexical, snapshot: Snapshot, card: Card) -> TextTower | None:
    """A tower from the catalogue's own items; None where too few have texts."""
    places = taught_by(lexical.has_text)
    if not len(places):
        return None
    return train_tower(list(_texts(snapshot, places.tolist())), item_means(snapshot, places, card))


def item_means(snapshot: Snapshot, places: Numbers, card: Card) -> NDArray[np.float32]:
    """The mean vectors of items with their blocks at their lengths again, shape (items, width).

    Args:
        snapshot: what is searched.
        places: of the items, ascending.
        card: of the model.
    """
    counts = np.diff(snapshot.starts)[places]
    rows, firsts = snapshot.matrix[ranges(snapshot.starts[places], counts)], np.cumsum(counts) - counts
    sums = rows[firsts]
    for layer in range(1, int(counts.max(initial=0))):  # five times as fast as reduceat
        some = np.flatnonzero(counts > layer)
        sums[some] += rows[firsts[some] + layer]
    return restored(sums / counts[:, None], card)


def _centre(snapshot: Snapshot, card: Card) -> NDArray[np.float32]:
    """The mean of all items' mean vectors, shape (width,); some items at a time, for they may be many."""
    total = np.zeros(snapshot.width)
    for some in np.split(np.arange(len(snapshot)), np.arange(AT_ONCE, len(snapshot), AT_ONCE)):
        total += item_means(snapshot, some, card).sum(axis=0, dtype=np.float64)
    return (total / len(snapshot)).astype(np.float32)


def _texts(snapshot: Snapshot, places: Iterable[int]) -> Iterator[Counter[str]]:
    return (item_words(snapshot.ids[place], snapshot.attributes[place]) for place in places)


def _is_layered(snapshot: Snapshot) -> bool:
    matrix: object = snapshot.matrix
    return isinstance(matrix, LayeredMatrix)


def _lengths(views: NDArray[np.float32], centre: NDArray[np.float32]) -> NDArray[np.float32]:
    """The distance of each view from the centre, shape (views,)."""
    squares = 1 - 2 * (views @ centre) + centre @ centre
    return np.sqrt(np.maximum(squares, 1e-3)).astype(np.float32)
