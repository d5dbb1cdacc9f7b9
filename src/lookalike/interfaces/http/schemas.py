"""The JSON of the HTTP door: what requests hold, and what answers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from lookalike.interfaces.http.confidence import Advice, Confidence
from lookalike.interfaces.http.query_options import FurtherOptions

Word = Annotated[str, Field(min_length=1, max_length=200)]
ItemId = Annotated[str, Field(min_length=1, max_length=400)]
Share = Annotated[float, Field(ge=0, le=1)]
Box = tuple[float, float, float, float]


def _a_part(box: Box) -> Box:
    left, top, right, bottom = box
    if left >= right or top >= bottom:
        raise ValueError("the box has no inside: give left < right and top < bottom")
    return box


CropBox = Annotated[tuple[Share, Share, Share, Share], AfterValidator(_a_part)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Whole = Annotated[int, Field(ge=-(2**53), le=2**53)]
AttributeValue = Annotated[str, Field(max_length=2000)] | bool | Whole | Finite
AttributeMap = Annotated[
    dict[Word, AttributeValue], Field(max_length=200, description="What is known of the item.")
]
PoolingName = Literal["best", "mean", "top2", "centroid"]
MOST_PHOTOS = 8
MOST_VIEWS = 64
MOST_K = 200


class Strict(BaseModel):
    """A request: what it does not know is an error rather than ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Range(Strict):
    """A range of numbers, both ends included; an open end is left out."""

    low: Finite | None = None
    high: Finite | None = None


Condition = AttributeValue | Annotated[list[AttributeValue], Field(max_length=200)] | Range
WhereMap = Annotated[
    dict[Word, Condition],
    Field(max_length=50, description="Filters: an attribute to a value, a list of them, or a range."),
]


class PhotoBody(Strict):
    """A photo as base64, the part of it that counts, and how the item is seen on it."""

    base64: Annotated[str, Field(min_length=1, description="The bytes of the file.")]
    crop: Annotated[CropBox | None, Field(description="Left, top, right, bottom as shares.")] = None
    role: Annotated[Word | None, Field(description="How the item is seen, such as front.")] = None


PhotoBodies = Annotated[list[PhotoBody], Field(description="`base64`, and `crop` and `role` if you like.")]


class SearchOptions(FurtherOptions, Strict):
    """Everything about a search but its photos."""

    views: Annotated[
        list[Word], Field(max_length=MOST_VIEWS, description="Views of the catalogue, by id.")
    ] = []
    items: Annotated[list[ItemId], Field(max_length=16, description="Items to look for, by id.")] = []
    k: Annotated[int, Field(ge=1, le=MOST_K, description="How many items.")] = 24
    where: WhereMap = {}
    exclude: Annotated[
        list[ItemId], Field(max_length=1000, description="Items that are not to be found.")
    ] = []
    colour: Annotated[Share | None, Field(description="Colour against form; null as the model has it.")] = (
        None
    )
    min_score: Annotated[Finite | None, Field(description="Items below are left out.")] = None
    pooling: Annotated[
        PoolingName | None,
        Field(description="Over the query's photos; null takes the mean, of items the best."),
    ] = None
    view_pooling: Annotated[PoolingName, Field(description="Over the views of an item.")] = "best"
    parts: Annotated[
        int, Field(ge=0, le=5, description="Parts of each photo to try beside it; see `crops` in the answer.")
    ] = 0
    rerank: Annotated[
        list[Word],
        Field(max_length=3, description="Second looks at the best items, one after the other, by name."),
    ] = []
    again: Annotated[
        Word | None,
        Field(description="`query` of an earlier answer: its photos are asked again, without being sent."),
    ] = None


class SearchBody(SearchOptions):
    """A search as JSON."""

    photos: Annotated[PhotoBodies, Field(max_length=MOST_PHOTOS)] = []


class NoFacts(Strict):
    """A form that holds photos alone."""


class EmbedBody(NoFacts):
    """Photos to embed, as JSON."""

    photos: Annotated[PhotoBodies, Field(min_length=1, max_length=MOST_PHOTOS)]


class ItemFacts(Strict):
    """What is known of an item besides its photos."""

    attributes: AttributeMap = {}


class ItemBody(ItemFacts):
    """An item as JSON, its id being in the address."""

    photos: Annotated[PhotoBodies, Field(min_length=1, max_length=MOST_VIEWS)]


class NewItemFacts(ItemFacts):
    """What is known of a new item besides its photos."""

    id: Annotated[ItemId, Field(description="Your own id of the item.")]


class NewItemBody(NewItemFacts):
    """A new item as JSON."""

    photos: Annotated[PhotoBodies, Field(min_length=1, max_length=MOST_VIEWS)]


class PhotosBody(NoFacts):
    """Photos to add to an item, as JSON."""

    photos: Annotated[PhotoBodies, Field(min_length=1, max_length=MOST_VIEWS)]


class SessionBody(Strict):
    """The page's way to hand over a token."""

    token: Annotated[str, Field(max_length=1000, description="As in LOOKALIKE_TOKEN.")]


class View(BaseModel):
    """One photo of an item; ``/v1/views/{id}`` shows it."""

    id: str
    role: str | None = None
    azimuth_deg: float | None = None
    elevation_deg: float | None = None


class Item(BaseModel):
    """One thing in the catalogue."""

    id: str
    attributes: dict[str, str | bool | int | float]
    views: list[View]


class ItemPage(BaseModel):
    """Some of the items that pass the filters, in the order of their ids."""

    items: list[Item]
    total: int
    offset: int
    store_version: int


class Stored(BaseModel):
    """An item that was stored, and what that changed."""

    item: Item
    outcome: Literal["added", "replaced", "unchanged"]
    store_version: int


class Match(BaseModel):
    """One item that was found; ``view`` met the query's photo number ``query_photo``."""

    item: str
    score: float
    verdict: Literal["same", "similar", "far"] | None = Field(description="null where it cannot be told.")
    view: str
    query_photo: int
    pair_score: float
    terms: dict[str, float] = Field(
        description="What adds up to the score: `shape`, `colour`, `words`, less what `unlike` took."
    )
    attributes: dict[str, str | bool | int | float]
    views: list[View]


class Found(BaseModel):
    """The items that look most like the query, best first, all of one version of the store."""

    matches: list[Match]
    probably_absent: bool | None = Field(description="Whether the thing is probably not in the catalogue.")
    confidence: Confidence | None = Field(description="How sure it is; null where that cannot be told.")
    advice: Advice | None = Field(description="A further photo that would help; null where none would.")
    crops: list[Box | None] = Field(
        description="Of the query's photos, the parts that were tried among them: null for a whole photo."
    )
    query: str | None = Field(description="Asks the same photos `again`; null where none were sent.")
    model: str
    store_version: int
    took_ms: float


class Pair(BaseModel):
    """Of two items, the views that are closest."""

    view: str
    beside_view: str
    score: float
    verdict: Literal["same", "similar", "far"] | None = Field(description="null where it cannot be told.")


class Embedded(BaseModel):
    """Unit vectors, one a photo."""

    vectors: list[list[float]]
    model: str


class Value(BaseModel):
    """A value of an attribute, and how many items have it."""

    value: str | bool | int | float
    count: int


class Facet(BaseModel):
    """An attribute to filter by: its values, or for many numbers its range."""

    name: str
    values: list[Value]
    low: float | None = None
    high: float | None = None


class Stats(BaseModel):
    """What the server has."""

    items: int
    views: int
    failed_photos: int = Field(description="Photos of the catalogues that could not be indexed.")
    store_version: int
    model: str
    width: int
    blocks: list[str]
    attributes: list[Facet]
    calibrated: bool
    writable: bool
    map: str | None = Field(description="Where the map of the catalogue is, if there is one.")
    version: str


class Misfit(BaseModel):
    """A part of a request that does not fit."""

    where: str
    what: str


class ProblemBody(BaseModel):
    """What went wrong (RFC 9457), and the next step."""

    title: str
    detail: str
    hint: str
    status: int
    reason: str | None = None
    errors: list[Misfit] = []
