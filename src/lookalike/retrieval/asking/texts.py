"""The words of items and of queries: which texts count, how much, and in which form."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

from lookalike.catalogue.items import Attributes
from lookalike.catalogue.variants import words_of
from lookalike.retrieval.asking.colours import SAME

WEIGHTS: Mapping[str, float] = {"title": 2.0, "name": 2.0}
"""How much a word counts in a field; 1 in any other."""
ID_WEIGHT = 0.5
"""In the item's id: ``cups/blue-cup`` says something, ``SKU-0193`` does not."""
COLOUR_FIELDS = frozenset({"colour", "color", "colours", "colors", "farbe", "couleur", "kleur", "colore"})
"""Attributes that say an item's colour."""
MOST_WORDS = 60
"""Words of one field that are read: a description's beginning says what a thing is."""

MOST_KNOWN = 1 << 16
"""Texts whose words are remembered: categories, colours and brands come again and again."""

_ADDRESS = re.compile(r"^\s*(https?:|www\.|[\w.+-]+@[\w-]+\.)", re.IGNORECASE)


def item_words(identity: str, attributes: Attributes) -> Counter[str]:
    """How often each word says what an item is, weighed by where it stands.

    Texts among the attributes count, and the words of the id; numbers and addresses do not.

    >>> words = item_words("cups/c-17", {"title": "Blue cups", "price": 3.5})
    >>> sorted(words.items())
    [('blue', 2.0), ('cup', 2.5)]
    """
    counted: Counter[str] = Counter()
    for name, value in attributes.items():
        if isinstance(value, str) and not _ADDRESS.match(value):
            for word in plain_words(value)[:MOST_WORDS]:
                counted[word] += WEIGHTS.get(name.lower(), 1.0)  # type: ignore[assignment]
    for word in plain_words(identity):
        if word.isalpha() and len(word) > 2:
            counted[word] += ID_WEIGHT  # type: ignore[assignment]
    return counted


def colour_words(attributes: Attributes) -> set[str]:
    """The words of what an item's colour is called.

    >>> sorted(colour_words({"title": "Cup", "Color": "Sage / off white"}))
    ['off', 'sage', 'white']
    """
    told = [value for name, value in attributes.items() if name.lower() in COLOUR_FIELDS]
    return {word for value in told for word in plain_words(str(value)) if word.isalpha()}


def plain_words(text: str) -> list[str]:
    """The words of a text in the form that is compared: lower case, no accents, singular, one name a colour.

    >>> plain_words("Grey dresses, T-shirts & Shoes")
    ['gray', 'dress', 't', 'shirt', 'shoe']
    """
    return list(_plain_words(text))


@lru_cache(maxsize=MOST_KNOWN)
def _plain_words(text: str) -> tuple[str, ...]:
    return tuple(SAME.get(word, word) for word in map(_singular, words_of(text)))


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word
