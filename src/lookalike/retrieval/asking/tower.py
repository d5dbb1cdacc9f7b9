"""The text tower: words to the vectors of photos, learned from the catalogue's own items.

The other tower is the image model, which stays as it is. As in embedding-based retrieval (Li et al.,
"Embedding-based Product Retrieval in Taobao Search", 2021; He et al., "Que2Engage", 2023) text and
items meet in one space; here it is the image model's, so an item that has no text can be found by words,
too. The map from words and character n-grams (hashed, TF-IDF) to an item's mean vector is a ridge
regression in its dual form: exact, without steps to tune, seconds for thousands of items.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WORD_BUCKETS, GRAM_BUCKETS = 8192, 4096
"""Words, and n-grams of characters, are hashed into so many features each."""
GRAMS = (3, 4)
GRAM_WEIGHT = 0.5
"""Of all n-grams of a word together against the word: they connect words that are spelt alike."""
RIDGE = 0.3
"""Weight of the penalty; between 0.03 and 3 the figures hardly move, see docs/studies/asking.md."""
FEWEST_ITEMS = 12
"""Items with texts that a tower is worth being taught on."""
MOST_ITEMS = 2000
"""More are sampled: the time grows with the square of their number."""

Vectors = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class TextTower:
    """A linear map from texts to vectors, centred on the catalogue's mean.

    Args:
        rarity: of each feature, ``log(1 + texts / texts that have it)``; 0 where none has, shape (features,).
        features: which features the map has a row for, ascending, shape (rows,).
        weights: shape (rows, width).
        centre: the items' mean vector, shape (width,).
    """

    rarity: Vectors
    features: NDArray[np.int64]
    weights: Vectors
    centre: Vectors

    def vector(self, words: Mapping[str, float]) -> Vectors:
        """Where in the image space a text points, from the catalogue's mean, shape (width,); zeros where
        it has nothing that the tower has seen."""
        (row,) = _rows([words], self.rarity)
        vector: Vectors = row[self.features] @ self.weights
        return vector


def taught_by(has_text: NDArray[np.bool_], *, seed: int = 0) -> NDArray[np.int64]:
    """Which items teach a tower: those with texts, a sample of them where there are very many; none where
    they are too few.

    Args:
        has_text: of each item, shape (items,).
        seed: of the sample.
    """
    chosen = np.flatnonzero(has_text)
    if len(chosen) < FEWEST_ITEMS:
        return chosen[:0]
    if len(chosen) > MOST_ITEMS:
        chosen = np.sort(np.random.default_rng(seed).permutation(chosen)[:MOST_ITEMS])
    return chosen


def train_tower(texts: Sequence[Mapping[str, float]], targets: Vectors) -> TextTower:
    """A tower from items' texts and mean vectors.

    Args:
        texts: for each item its words and how much each counts (see ``taught_by``).
        targets: the items' mean vectors, shape (items, width).
    """
    rarity = _rarity(texts)
    rows = _rows(texts, rarity)
    features = np.flatnonzero(rarity)
    rows = np.ascontiguousarray(rows[:, features])
    centre = targets.mean(axis=0)
    kernel = rows @ rows.T
    kernel[np.diag_indices(len(kernel))] += RIDGE
    weights = rows.T @ np.linalg.solve(kernel, targets - centre).astype(np.float32)
    return TextTower(rarity, features, weights, centre)


def _features(words: Mapping[str, float]) -> dict[int, float]:
    """Hashed features of a text and their strengths."""
    strengths: dict[int, float] = {}
    for word, weight in words.items():
        place = zlib.crc32(word.encode()) % WORD_BUCKETS
        strengths[place] = strengths.get(place, 0.0) + weight
        marked = f"<{word}>"
        grams = [marked[i : i + size] for size in GRAMS for i in range(len(marked) - size + 1)]
        for gram in grams:
            place = WORD_BUCKETS + zlib.crc32(gram.encode()) % GRAM_BUCKETS
            strengths[place] = strengths.get(place, 0.0) + weight * GRAM_WEIGHT / len(grams) ** 0.5
    return strengths


def _rarity(texts: Sequence[Mapping[str, float]]) -> Vectors:
    having = np.zeros(WORD_BUCKETS + GRAM_BUCKETS)
    for words in texts:
        having[list(_features(words))] += 1
    rarity = np.log1p(len(texts) / np.maximum(having, 1))
    return np.where(having > 0, rarity, 0).astype(np.float32)


def _rows(texts: Sequence[Mapping[str, float]], rarity: Vectors) -> Vectors:
    """Unit rows of TF-IDF features, shape (texts, features); zeros for a text without a known feature."""
    rows = np.zeros((len(texts), len(rarity)), np.float32)
    for row, words in zip(rows, texts, strict=True):
        strengths = _features(words)
        places = list(strengths)
        row[places] = np.sqrt(list(strengths.values())) * rarity[places]
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1), np.float32)
