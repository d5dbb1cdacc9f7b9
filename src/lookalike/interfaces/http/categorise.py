"""The route that says what kind of thing a photo shows."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from lookalike.interfaces.http.contract import body_of, form_of, problems
from lookalike.interfaces.http.forms import Sent, read_body
from lookalike.interfaces.http.problems import Problem
from lookalike.interfaces.http.query_options import PhotoNumbers, parted
from lookalike.interfaces.http.recent_queries import Looks
from lookalike.interfaces.http.schemas import MOST_PHOTOS, PhotoBodies, Strict, Word
from lookalike.interfaces.http.service import Served, Service
from lookalike.retrieval.query import QueryPhoto

router = APIRouter(prefix="/v1", tags=["search"])


class CategoriseOptions(Strict):
    """Everything about the question but its photos."""

    column: Annotated[
        Word | None,
        Field(description="A column of the catalogue; `category`, or the first that fits, if null."),
    ] = None
    most: Annotated[int, Field(ge=1, le=500, description="How many values are told.")] = 10
    unlike: PhotoNumbers = Field(default_factory=list)
    again: Annotated[
        Word | None,
        Field(description="`query` of an earlier search: its photos are asked again, without being sent."),
    ] = None


class CategoriseBody(CategoriseOptions):
    """The question as JSON."""

    photos: Annotated[PhotoBodies, Field(default_factory=list, max_length=MOST_PHOTOS)]


class Guess(BaseModel):
    """A value and its probability."""

    value: str
    probability: float


class Categorised(BaseModel):
    """What the photos show, the most probable value first; all values together add up to one."""

    column: str
    guesses: list[Guess]
    model: str


@router.post(
    "/categorise",
    response_model=Categorised,
    responses=problems(401, 404, 408, 413, 415, 422, 429, 503),
    openapi_extra=body_of(CategoriseBody, form_of(CategoriseOptions, [], several=True)),
)
async def categorise(request: Request, service: Served) -> JSONResponse:
    """What kind of thing photos of one thing show, by a column of the catalogue."""
    deadline = service.deadline()
    sent = await read_body(request, CategoriseBody, CategoriseOptions)
    _check(sent)
    if sent.facts.again is None:
        work = service.embedded(sent.photos, deadline=deadline)
        made = await service.answered(work, deadline=deadline)
        looks = Looks(tuple(QueryPhoto(b"") for _ in sent.photos), made.vectors, made.by)
    else:
        looks = service.asked.again(sent.facts.again, made_by=service.model.fingerprint)
    wanted, _ = parted(looks, sent.facts.unlike)
    if not wanted.photos:
        raise Problem(422, "unlike: no photo is left.", "Leave one out of it.")
    # the first guess of a store learns for seconds: not in the threads that searches wait for
    return await run_in_threadpool(_guessed, service, wanted, sent.facts)


def _check(sent: Sent[CategoriseOptions]) -> None:
    if (len(sent.photos) > 0) == (sent.facts.again is not None):
        raise Problem(422, "There must be photos or `again`, and not both.", "Send either of them.")
    if len(sent.photos) > MOST_PHOTOS:
        raise Problem(422, f"There are {len(sent.photos)} photos.", f"Send {MOST_PHOTOS} at most.")


def _guessed(service: Service, looks: Looks, options: CategoriseOptions) -> JSONResponse:
    told = service.engine.categorise_embedded(looks.vectors, options.column, made_by=looks.made_by)
    return JSONResponse({**told.to_dict(most=options.most), "model": looks.made_by})
