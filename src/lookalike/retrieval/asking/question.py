"""A query made ready for comparing: vectors that are looked for, those that are not, a colour, and words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.embedding.card import Card
from lookalike.errors import QueryError
from lookalike.retrieval.asking.blocks import check_colour, restored
from lookalike.retrieval.query import Query, weigh_colour
from lookalike.retrieval.snapshot import Snapshot

Vectors = NDArray[np.float32]

PALETTE_SHARE = 0.4
"""How much a palette counts against form where the dial does not say; see docs/studies/asking.md."""


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What is compared with the catalogue.

    Args:
        photos: that are looked for, as the dial weighs them, shape (photos, width); none where only a
            palette or words are asked.
        unlike: that it should not look like, weighed by the dial alike, shape (photos, width).
        colour: vectors whose product with a view's is the cosine of its colour with a shade of the
            palette, shape (shades, width); None without a palette.
        colour_share: how much the palette counts, 0 to 1.
        words: how well each item of the snapshot fits the words, 0 to 1, shape (items,); None without.
        words_share: how much they count, 0 to 1; the rest is left to everything else.
        pointed: where the words point in the space of the photos, shape (width,): it says which view of an
            item they mean where nothing else does.
    """

    photos: Vectors
    unlike: Vectors
    colour: Vectors | None = None
    colour_share: float = 0.0
    words: NDArray[np.float32] | None = None
    words_share: float = 0.0
    pointed: Vectors | None = None

    @property
    def plain(self) -> bool:
        """Whether an index can answer it by itself."""
        return not len(self.unlike) and self.colour is None and self.words is None


def asked_photos(query: Query, vectors: Vectors, snapshot: Snapshot, card: Card) -> tuple[Vectors, Vectors]:
    """The vectors that are looked for and those that are not, before the dial.

    Args:
        query: with its item arithmetic and its ``unlike_items``.
        vectors: of the query's photos, of its items' views, and of its ``unlike`` photos, in this order.
        snapshot: where the items are.
        card: of the model.

    Raises:
        QueryError: no such item, or the arithmetic cancels out.
    """
    split = len(vectors) - len(query.unlike)
    wanted = vectors[:split]
    unwanted = [vectors[split:], *(snapshot.vectors(snapshot.place(item)) for item in query.unlike_items)]
    if query.plus or query.minus:
        wanted = _sum(wanted, query, snapshot, card)
    return wanted, np.concatenate(unwanted).astype(np.float32)


def _sum(wanted: Vectors, query: Query, snapshot: Snapshot, card: Card) -> Vectors:
    """Each vector plus the mean views of some items, less those of others, as vectors of the model again."""
    shift = np.zeros(snapshot.width, np.float32)
    for sign, items in ((1, query.plus), (-1, query.minus)):
        for item in items:
            mean = snapshot.vectors(snapshot.place(item)).mean(axis=0, keepdims=True)
            shift += sign * restored(mean, card)[0]
    summed = restored((wanted if len(wanted) else np.zeros((1, snapshot.width), np.float32)) + shift, card)
    if not summed.any(axis=1).all():
        raise QueryError("The items that are added and taken away cancel out.", hint="Change one of them.")
    return summed


def weighed(
    query: Query, wanted: Vectors, unwanted: Vectors, swatches: Vectors | None, card: Card
) -> Question:
    """The question under the query's dial and palette.

    With a palette the photos are compared by everything but colour, and the palette's colour takes the
    place of theirs; the dial says how much it counts.

    Args:
        query: with its dial.
        wanted, unwanted: as ``asked_photos`` gives them.
        swatches: vectors of the palette's swatches, shape (shades, width); None without a palette.
        card: of the model.

    Raises:
        QueryError: the model's vectors have no colour block, and the dial or a palette is set.
    """
    if swatches is None:
        if query.colour is None:
            return Question(wanted, unwanted)
        return Question(weigh_colour(wanted, card, query.colour), weigh_colour(unwanted, card, query.colour))
    check_colour(card)
    share = PALETTE_SHARE if query.colour is None else query.colour
    form, colour = weigh_colour(wanted, card, 0.0), weigh_colour(swatches, card, 1.0)
    return Question(form, unwanted, colour, share if len(wanted) else 1.0)
