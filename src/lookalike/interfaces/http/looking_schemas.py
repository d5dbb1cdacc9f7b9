"""The JSON of the routes that look into photos: why a match is one, and where an item is in a scene."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from lookalike.interfaces.http.schemas import Box, ItemId, PhotoBodies, Share, Strict, Word

MOST_MARKS = 50


class ExplainOptions(Strict):
    """Everything about an explanation but its photo."""

    item: Annotated[ItemId, Field(description="The item to explain, by id.")]
    view: Annotated[Word | None, Field(description="One of its views, by id; null for the closest.")] = None
    beside: Annotated[
        Word | None, Field(description="A view of the catalogue that stands in for the photo, by id.")
    ] = None
    colour: Annotated[Share | None, Field(description="Colour against form; null as the model has it.")] = (
        None
    )


class ExplainBody(ExplainOptions):
    """A question for an explanation as JSON."""

    photos: Annotated[PhotoBodies, Field(default_factory=list, max_length=1)]


class LikePlaces(BaseModel):
    """A place of the photo and the place of the view that it is like: across and down, as shares."""

    photo: tuple[float, float]
    view: tuple[float, float]
    likeness: float = Field(description="Cosine of the two places' features; no part of the score.")


class Explained(BaseModel):
    """Where a score comes from: heat over either photo, row by row, 0 to 1."""

    item: str
    view: str
    role: str | None
    score: float
    method: str = Field(description="`contribution` (exact), or `occlusion` for models without maps.")
    shares: dict[str, float] = Field(description="Of the score, by colour, texture and shape.")
    places: list[LikePlaces] = Field(description="The likest places, best first; none without feature maps.")
    photo_heat: list[list[float]]
    view_heat: list[list[float]]
    model: str
    took_ms: float


class FindOptions(Strict):
    """Everything about a search in a scene but the scene."""

    items: Annotated[
        list[ItemId],
        Field(default_factory=list, max_length=16, description="Items to look for; all where there is none."),
    ]
    most: Annotated[int, Field(ge=1, le=MOST_MARKS, description="How many marks.")] = 5
    colour: Annotated[Share | None, Field(description="Colour against form; null as the model has it.")] = (
        None
    )


class FindBody(FindOptions):
    """A search in a scene as JSON."""

    photos: Annotated[PhotoBodies, Field(min_length=1, max_length=1)]


class MarkFound(BaseModel):
    """A place where an item seems to be: left, top, right, bottom as shares of the scene."""

    box: Box
    score: float
    item: str
    view: str


class Marked(BaseModel):
    """Places in a scene, likeliest first."""

    marks: list[MarkFound]
    model: str
    took_ms: float
