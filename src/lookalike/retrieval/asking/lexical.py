"""Words against words: BM25 over the items' texts, as a share of the best that the query could get."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

import numpy as np
from numpy.typing import NDArray

SATURATION, LENGTH = 1.2, 0.4
"""BM25's k1 and b: item texts are short, so their length tells little."""
ALIKE = 0.8
"""How alike a word must be to stand in for one that no item has (a misspelling)."""
FEWEST_LETTERS = 3
"""Of a word that another may stand in for."""

Postings = tuple[NDArray[np.int64], NDArray[np.float32]]


class Lexical:
    """An inverted index of item texts (Robertson and Zaragoza, "The Probabilistic Relevance Framework:
    BM25 and Beyond", 2009).

    Args:
        texts: for each item its words and how much each counts.
    """

    def __init__(self, texts: Sequence[Mapping[str, float]]) -> None:
        self.items = len(texts)
        gathered: dict[str, tuple[list[int], list[float]]] = defaultdict(lambda: ([], []))
        for place, words in enumerate(texts):
            for word, weight in words.items():
                gathered[word][0].append(place)
                gathered[word][1].append(weight)
        self._postings: dict[str, Postings] = {
            word: (np.array(places, np.int64), np.array(weights, np.float32))
            for word, (places, weights) in gathered.items()
        }
        lengths = np.array([sum(words.values()) for words in texts], np.float32)
        self.has_text: NDArray[np.bool_] = lengths > 0
        usual = float(lengths[self.has_text].mean()) if self.has_text.any() else 1.0
        self._damping = SATURATION * (1 - LENGTH + LENGTH * lengths / usual)

    def __len__(self) -> int:
        return len(self._postings)

    def __contains__(self, word: object) -> bool:
        return word in self._postings

    def known(self, word: str) -> str | None:
        """The word as items have it; None where none has it.

        That is the word itself, else the commonest that holds it or that it holds (``pot`` and ``teapot``),
        else the one that is spelt most alike.
        """
        if word in self._postings:
            return word
        if len(word) < FEWEST_LETTERS:
            return None
        half = max(FEWEST_LETTERS, len(word) // 2 + 1)
        holding = [
            other for other in self._postings if word in other or (len(other) >= half and other in word)
        ]
        if holding:
            return max(holding, key=lambda other: (len(self._postings[other][0]), other))
        near = get_close_matches(word, self._postings, 1, ALIKE)
        return near[0] if near else None

    def understood(self, words: Sequence[str]) -> list[str]:
        """A query's words as items have them; those that none has are left out, ``tea pot`` is ``teapot``."""
        found, place = [], 0
        while place < len(words):
            joined = "".join(words[place : place + 2])
            alone = self.known(words[place])
            if joined in self._postings and joined != words[place]:
                found.append(joined)
                place += 2
                continue
            if alone is not None:
                found.append(alone)
            place += 1
        return found

    def scores(self, words: Sequence[str]) -> NDArray[np.float64]:
        """How much of the query each item's text has, 0 to 1, shape (items,).

        Args:
            words: of the query as ``understood``.
        """
        scores = np.zeros(self.items)
        best = 0.0
        for word, count in Counter(words).items():
            places, weights = self._postings[word]
            rarity = count * float(np.log1p((self.items - len(places) + 0.5) / (len(places) + 0.5)))
            gains = rarity * weights * (1 + SATURATION) / (weights + self._damping[places])
            scores[places] += gains
            best += float(gains.max())
        return scores / best if best else scores

    def examples(self, count: int = 6) -> list[str]:
        """The words that most items have."""
        telling = [word for word in self._postings if len(word) > FEWEST_LETTERS]
        ordered = sorted(telling, key=lambda word: (-len(self._postings[word][0]), word))
        return ordered[:count]
