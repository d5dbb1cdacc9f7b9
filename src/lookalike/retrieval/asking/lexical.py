"""Words against words: BM25 over the items' texts, as a share of the best that the query could get."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

import numpy as np
from numpy.typing import NDArray

from lookalike.retrieval.splicing import Splice

SATURATION, LENGTH = 1.2, 0.4
"""BM25's k1 and b: item texts are short, so their length tells little."""
ALIKE = 0.8
"""How alike a word must be to stand in for one that no item has (a misspelling)."""
FEWEST_LETTERS = 3
"""Of a word that another may stand in for."""

Postings = tuple[NDArray[np.int64], NDArray[np.float32]]
"""The numbers of the items that have a word, ascending, and how much it counts in each."""
_NONE: Postings = (np.empty(0, np.int64), np.empty(0, np.float32))


class Lexical:
    """An inverted index of item texts (Robertson and Zaragoza, "The Probabilistic Relevance Framework:
    BM25 and Beyond", 2009).

    Items are known by numbers that they keep through changes, so that a change touches its own words only.

    Args:
        texts: for each item its words and how much each counts; gone through once.
    """

    def __init__(self, texts: Iterable[Mapping[str, float]]) -> None:
        gathered: dict[str, tuple[array[int], array[float]]] = defaultdict(lambda: (array("q"), array("f")))
        lengths = array("f")
        for place, words in enumerate(texts):
            for word, weight in words.items():
                gathered[word][0].append(place)
                gathered[word][1].append(weight)
            lengths.append(sum(words.values()))
        self._postings: dict[str, Postings] = {
            word: (np.array(places, np.int64), np.array(weights, np.float32))
            for word, (places, weights) in gathered.items()
        }
        self._weigh(np.array(lengths, np.float32), np.arange(len(lengths)))

    def _weigh(self, lengths: NDArray[np.float32], number_at: NDArray[np.int64]) -> None:
        """Take over the texts' lengths by the items' numbers, and the number at each place."""
        self._lengths, self._number_at = lengths, number_at
        here = lengths[number_at]
        self.items = len(here)
        self.has_text: NDArray[np.bool_] = here > 0
        usual = float(here[self.has_text].mean()) if self.has_text.any() else 1.0
        self._damping = SATURATION * (1 - LENGTH + LENGTH * lengths / usual)

    def after(
        self, splice: Splice, lost: Sequence[Mapping[str, float]], news: Sequence[Mapping[str, float]]
    ) -> Lexical:
        """The index after a change; it scores as one that is made anew.

        Args:
            splice: which places went, and where new ones came.
            lost: the texts of those that went, as they were handed over.
            news: the texts of the new ones.
        """
        later = Lexical(())
        postings = dict(self._postings)
        for number, words in zip(self._number_at[splice.gone].tolist(), lost, strict=True):
            for word in words:
                numbers, weights = postings[word]
                at = int(np.searchsorted(numbers, number))
                postings[word] = np.delete(numbers, at), np.delete(weights, at)
        first = len(self._lengths)
        for number, words in enumerate(news, first):
            for word, weight in words.items():
                numbers, weights = postings.get(word, _NONE)
                postings[word] = np.append(numbers, number), np.append(weights, np.float32(weight))
        touched = {word for words in lost for word in words}
        later._postings = {
            word: held for word, held in postings.items() if word not in touched or len(held[0])
        }
        fresh = np.arange(first, first + len(news))
        lengths = np.concatenate([self._lengths, _lengths(news)])
        later._weigh(lengths, splice.array(self._number_at, fresh))
        return later

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
            if joined in self._postings and joined != words[place]:
                found.append(joined)
                place += 2
                continue
            alone = self.known(words[place])
            if alone is not None:
                found.append(alone)
            place += 1
        return found

    def scores(self, words: Sequence[str]) -> NDArray[np.float64]:
        """How much of the query each item's text has, 0 to 1, shape (items,).

        BM25's constant factor k1 + 1 is left out: it would fall out of the share.

        Args:
            words: of the query as ``understood``.
        """
        scores = np.zeros(len(self._lengths))
        best = 0.0
        for word, count in Counter(words).items():
            numbers, weights = self._postings[word]
            rarity = count * float(np.log1p((self.items - len(numbers) + 0.5) / (len(numbers) + 0.5)))
            gains = rarity * weights / (weights + self._damping[numbers])
            scores[numbers] += gains
            best += float(gains.max())
        scores = scores[self._number_at]
        return scores / best if best else scores

    def examples(self, count: int = 6) -> list[str]:
        """The words that most items have."""
        telling = [word for word in self._postings if len(word) > FEWEST_LETTERS]
        ordered = sorted(telling, key=lambda word: (-len(self._postings[word][0]), word))
        return ordered[:count]


def _lengths(texts: Sequence[Mapping[str, float]]) -> NDArray[np.float32]:
    return np.array([sum(words.values()) for words in texts], np.float32)
