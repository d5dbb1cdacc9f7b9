"""Further ways to ask over HTTP: the fields of a search, and how they part the photos that were sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, ClassVar

from pydantic import BaseModel, Field

from lookalike.interfaces.http.problems import Problem
from lookalike.interfaces.http.recent_queries import Looks
from lookalike.retrieval.asking.palette import Palette

Ids = list[Annotated[str, Field(min_length=1, max_length=400)]]
MOST = 16
PhotoNumbers = Annotated[
    list[Annotated[int, Field(ge=0, le=63)]],
    Field(max_length=8, description="Numbers, from 0, of the photos that it should not look like."),
]


class FurtherOptions(BaseModel):
    """What may be asked besides photos, views and items."""

    LISTS: ClassVar = ("unlike", "unlike_items", "plus", "minus")

    unlike: PhotoNumbers = []
    unlike_items: Annotated[
        Ids, Field(max_length=MOST, description="Items that it should not look like; they are not found.")
    ] = []
    plus: Annotated[
        Ids, Field(max_length=MOST, description="Items whose looks are added to what is looked for.")
    ] = []
    minus: Annotated[
        Ids, Field(max_length=MOST, description="Items whose looks are taken from what is looked for.")
    ] = []
    palette: Annotated[
        str | None,
        Field(max_length=200, description="Colours in place of the photos' own, such as `red 70%, white`."),
    ] = None

    words: Annotated[
        str,
        Field(max_length=500, description="What it is, such as `red canvas shoe`."),
    ] = ""

    def named_items(self) -> Iterator[str]:
        """Every item that these options name."""
        yield from (*self.unlike_items, *self.plus, *self.minus)

    def colours(self) -> Palette | None:
        """The palette.

        Raises:
            QueryError: it has no colours, or unknown ones.
        """
        return None if not self.palette else Palette.parse(self.palette)


def parted(looks: Looks, unlike: list[int]) -> tuple[Looks, Looks]:
    """Photos that are looked for, and those that show what it should not look like.

    Raises:
        Problem: (422) there is no photo of such a number.
    """
    count = len(looks.photos)
    if any(number >= count for number in unlike):
        raise Problem(422, f"unlike: there are {count} photos.", "Number them from 0.")
    if not unlike:
        return looks, replace(looks, photos=(), vectors=looks.vectors[:0])
    sides = [[n for n in range(count) if (n in unlike) is disliked] for disliked in (False, True)]
    wanted, unwanted = (
        replace(looks, photos=tuple(looks.photos[n] for n in side), vectors=looks.vectors[side])
        for side in sides
    )
    return wanted, unwanted
