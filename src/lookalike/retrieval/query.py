"""What is asked: photos or items, what it should not look like, colours, filters, the colour-shape dial."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from lookalike.embedding.card import Card
from lookalike.errors import QueryError
from lookalike.retrieval.asking.palette import Palette
from lookalike.retrieval.filters import Where
from lookalike.retrieval.index.rescoring import Scoring
from lookalike.retrieval.records import Crop

COLOUR_BLOCK = "colour"
MOST_PARTS = 5

_NO_FILTER: Where = MappingProxyType({})


@dataclass(frozen=True)
class QueryPhoto:
    """A photo to look for.

    Args:
        source: the file, or the bytes of one.
        crop: the part of it that counts, as (left, top, right, bottom) shares of width and height, 0 to 1;
            None for the whole photo.

    Raises:
        QueryError: the crop is no part of a photo.
    """

    source: Path | bytes
    crop: Crop | None = None

    def __post_init__(self) -> None:
        if self.crop is None:
            return
        left, top, right, bottom = self.crop
        if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
            raise QueryError(
                f"The crop {self.crop} is no part of a photo.",
                hint="Give left, top, right, bottom as shares of width and height, 0 to 1.",
            )

    @property
    def name(self) -> str:
        """What to call it."""
        return str(self.source) if isinstance(self.source, Path) else f"<{len(self.source)} bytes>"


@dataclass(frozen=True, kw_only=True)
class Query:
    """What is asked.

    Args:
        photos: to look for; several are several looks at the same thing.
        items: items of the catalogue to look for, by id: all their views are asked.
        where: filters on attributes: for each a value, a list of which one must fit, or ``Between``.
        exclude: ids of items that are not to be found.
        views: how an item's views are pooled: ``best``, ``mean``, ``top2`` or ``centroid``.
        pooling: the same over the query's photos. None takes the mean where photos are asked (they show
            one thing, and each must be met: docs/studies/asking.md), the best view where items are.
        colour: how much colour counts against shape, 0 to 1; None as the model has it.
        min_score: items below are left out.
        parts: how many parts of each photo are tried beside it, 0 to 5.
        rerank: second looks at the best items, one after the other: ``diffuse``, ``diverse``, ``expand``,
            ``reciprocal`` or ``spatial``.
        unlike: photos of what it should not look like.
        unlike_items: items that it should not look like, by id; they are not found either.
        plus, minus: items whose looks are added to each photo, and taken from it, by id; they are not
            found either.
        palette: colours that take the place of the photos' own; alone, whatever has these colours.
        words: a text that says what it is; alone, or beside photos and colours.

    Raises:
        QueryError: a value is out of its range, or there is nothing to look for.
    """

    photos: tuple[QueryPhoto, ...] = ()
    items: tuple[str, ...] = ()
    where: Where = field(default_factory=lambda: _NO_FILTER)
    exclude: frozenset[str] = frozenset()
    views: str = "best"
    pooling: str | None = None
    colour: float | None = None
    min_score: float | None = None
    parts: int = 0
    rerank: tuple[str, ...] = ()
    unlike: tuple[QueryPhoto, ...] = ()
    unlike_items: tuple[str, ...] = ()
    plus: tuple[str, ...] = ()
    minus: tuple[str, ...] = ()
    palette: Palette | None = None
    words: str = ""

    def __post_init__(self) -> None:
        self._check_something_is_asked()
        if not 0 <= self.parts <= MOST_PARTS:
            raise QueryError(f"{self.parts} parts were asked for.", hint=f"Ask for 0 to {MOST_PARTS}.")
        if self.colour is not None and not 0 <= self.colour <= 1:
            raise QueryError(f"The colour weight is {self.colour}.", hint="Give a number from 0 to 1.")
        if self.min_score is not None and math.isnan(self.min_score):
            raise QueryError("The least score is not a number.", hint="Give a number, such as 0.5.")
        if not isinstance(self.where, Mapping):
            raise QueryError(
                f"The filter is a {type(self.where).__name__}.", hint="Give {column: value}, see parse_where."
            )
        if self.rerank and self.rerank != ("diverse",) and self._further:
            raise QueryError(
                f"A second look by {', '.join(self.rerank)} sees neither words, palette nor dislikes.",
                hint="Leave one of them out; 'diverse' goes with everything.",
            )
        _ = self.scoring

    def _check_something_is_asked(self) -> None:
        if self.photos or self.items or self.plus or self.palette or self.words.strip():
            return
        if self.unlike or self.unlike_items or self.minus:
            raise QueryError(
                "The query only says what it should not look like.",
                hint="Give a photo, an item, words or a palette too, of what it should be.",
            )
        raise QueryError("The query has no photos.", hint="Give one photo, one item, words or colours.")

    @property
    def said(self) -> tuple[str, ...]:
        """What is asked besides photos, in words, a line a part; dislikes by photo are photos, too."""
        several = (
            ("", (f"“{self.words.strip()}”",) if self.words.strip() else ()),
            ("in ", (str(self.palette),) if self.palette else ()),
            ("plus ", self.plus),
            ("minus ", self.minus),
            ("not like ", self.unlike_items),
            ("not like ", tuple(photo.name for photo in self.unlike)),
        )
        return tuple(before + ", ".join(parts) for before, parts in several if parts)

    @property
    def _further(self) -> bool:
        return bool(self.palette or self.words or self.unlike or self.unlike_items)

    @property
    def hidden(self) -> frozenset[str]:
        """Items that are not to be found: those left out, and those that only say what to look for."""
        return self.exclude.union(self.unlike_items, self.plus, self.minus)

    @property
    def scoring(self) -> Scoring:
        """How scores are pooled."""
        return Scoring(self.views, self.pooling or ("best" if self.items else "mean"))


def dial_of(query: Query, card: Card) -> NDArray[np.float32] | None:
    """What a query's dial multiplies its vectors by, shape (width,); None where it is not turned.

    Raises:
        QueryError: it is turned, and the model's vectors have no colour block.
    """
    return None if query.colour is None else weigh_colour(np.ones(card.width, np.float32), card, query.colour)


def weigh_colour(vectors: NDArray[np.float32], card: Card, colour: float) -> NDArray[np.float32]:
    """Query vectors whose score is ``colour * cos_colour + (1 - colour) * cos_rest``.

    Only the query is scaled. A block of weight w adds ``w² cos`` to the score of two plain
    vectors, so scaling the query's block by ``t / w²`` makes that ``t cos``. Where several blocks
    are not colour, they share the rest in the proportion of their squared weights.

    Args:
        vectors: of query photos, shape (photos, width), or one vector.
        card: of the model that made them.
        colour: 0 for the rest alone to 1 for colour alone.

    Raises:
        QueryError: the model's vectors have no colour block.
    """
    squares = {block.name: block.weight**2 for block in card.blocks}
    rest = sum(square for name, square in squares.items() if name != COLOUR_BLOCK)
    if not squares.get(COLOUR_BLOCK) or not rest:
        raise QueryError(
            f"{card.name} does not tell colour from shape.",
            hint="Leave out the colour weight, or index with a model that has a colour block (descriptor).",
        )
    weighed = np.zeros_like(vectors)
    for block in card.blocks:
        share = colour / squares[COLOUR_BLOCK] if block.name == COLOUR_BLOCK else (1 - colour) / rest
        weighed[..., block.start : block.stop] = vectors[..., block.start : block.stop] * np.float32(share)
    return weighed
