"""Routes that answer with ranked items: by photos, by views, by items; and the vectors themselves."""

from __future__ import annotations

import time
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response
from pydantic_core import to_json

from lookalike.errors import FingerprintMismatch
from lookalike.interfaces.http import schemas
from lookalike.interfaces.http.confidence import sureness
from lookalike.interfaces.http.contract import FORM_OF, body_of, problems
from lookalike.interfaces.http.forms import Sent, SentPhoto, conditions, read_body, where_of
from lookalike.interfaces.http.lookup import Shelf, view_facts, view_id
from lookalike.interfaces.http.making import Work
from lookalike.interfaces.http.problems import Problem, not_found
from lookalike.interfaces.http.query_options import parted
from lookalike.interfaces.http.recent_queries import Looks
from lookalike.interfaces.http.service import Served, Service
from lookalike.interfaces.http.tried_parts import with_parts
from lookalike.interfaces.http.workers import outcome_of
from lookalike.retrieval.query import Query as Question
from lookalike.retrieval.query import QueryPhoto
from lookalike.retrieval.ranking import Match, Ranking
from lookalike.retrieval.records import StoredView

router = APIRouter(prefix="/v1", tags=["search"])

MOST_SWITCHES = 4
"""Switches of the store to another model that a search outlives."""

WhereText = Annotated[str, Query(description='Filters as JSON: `{"colour": ["red"], "price": {"low": 10}}`.')]
K = Annotated[int, Query(ge=1, le=schemas.MOST_K, description="How many items.")]
ColourWeight = Annotated[float | None, Query(ge=0, le=1, description="Colour against form.")]


@router.post(
    "/search",
    response_model=schemas.Found,
    responses=problems(401, 404, 408, 413, 415, 422, 429, 503),
    openapi_extra=body_of(schemas.SearchBody, FORM_OF["search"]),
)
async def search(request: Request, service: Served) -> Response:
    """The items that look most like photos, views of the catalogue, or items; all taken as one thing."""
    begun, deadline = time.perf_counter(), service.deadline()
    sent = await read_body(request, schemas.SearchBody, schemas.SearchOptions)
    if not sent.photos:  # no photo to decode: it need not wait behind those that have
        work = _searched(service, sent, begun=begun, deadline=deadline)
        return await run_in_threadpool(outcome_of, work, service.supplied)
    work = _searched(service, sent, begun=begun, deadline=deadline)
    return await service.answered(work, deadline=deadline)


@router.get(
    "/similar/{item:path}",
    response_model=schemas.Found,
    responses=problems(401, 404, 422, 429, 503),
)
async def similar(
    item: str, service: Served, k: K = 24, colour: ColourWeight = None, where: WhereText = ""
) -> Response:
    """The items that look most like an item of the catalogue, without that item."""
    begun = time.perf_counter()
    options = schemas.SearchOptions(
        items=[item] if 0 < len(item) <= 400 else [],
        exclude=[item],
        k=k,
        colour=colour,
        where=where_of(where),
    )
    if not options.items:
        raise not_found(item)
    sent = Sent([], options)
    work = _searched(service, sent, begun=begun, deadline=service.deadline())
    return await run_in_threadpool(outcome_of, work, service.supplied)


@router.post(
    "/embed",
    response_model=schemas.Embedded,
    responses=problems(401, 408, 413, 415, 422, 429, 503),
    openapi_extra=body_of(schemas.EmbedBody, FORM_OF["embed"]),
)
async def embed(request: Request, service: Served) -> JSONResponse:
    """The vectors of photos, for use elsewhere with the same model."""
    deadline = service.deadline()
    sent = await read_body(request, schemas.EmbedBody, schemas.NoFacts)
    photos = _few(sent.photos)
    if not photos:
        raise Problem(422, "photos: there is none.", "Send one photo at least.")
    made = await service.answered(service.embedded(photos, deadline=deadline), deadline=deadline)
    rows = [[round(float(value), 7) for value in row] for row in made.vectors]
    return JSONResponse({"vectors": rows, "model": made.by})


def _searched(
    service: Service, sent: Sent[schemas.SearchOptions], *, begun: float, deadline: float
) -> Work[Response]:
    """The answer of one version; begun anew where the store was switched to another model meanwhile."""
    for _ in range(MOST_SWITCHES):
        try:
            return (yield from _searched_once(service, sent, begun=begun, deadline=deadline))
        except FingerprintMismatch:
            continue
    return (yield from _searched_once(service, sent, begun=begun, deadline=deadline))


def _searched_once(
    service: Service, sent: Sent[schemas.SearchOptions], *, begun: float, deadline: float
) -> Work[Response]:
    options, shelf = sent.facts, service.shelf
    looks = yield from _looks(service, options, _few(sent.photos), deadline=deadline)
    wanted, unwanted = parted(looks, options.unlike)
    question = _question(options, wanted, shelf, unwanted)
    vectors = [wanted.vectors]
    vectors += [shelf.vector(view)[None] for view in options.views]
    vectors += [shelf.snapshot.vectors(shelf.snapshot.places[item]) for item in options.items]
    vectors += [unwanted.vectors]
    if looks.made_by != shelf.snapshot.fingerprint:
        raise FingerprintMismatch("The query", expected=shelf.snapshot.fingerprint, found=looks.made_by)
    ranking = yield from service.ranked(question, np.concatenate(vectors), options.k, made_by=looks.made_by)
    told = _told(ranking, took_ms=1000 * (time.perf_counter() - begun))
    told["crops"] = [photo.crop for photo in wanted.photos]
    told["query"] = options.again or (service.asked.keep(looks) if looks.photos else None)
    return Response(to_json(told), media_type="application/json")  # a third of the time of the json module


def _looks(
    service: Service, options: schemas.SearchOptions, photos: list[SentPhoto], *, deadline: float
) -> Work[Looks]:
    """The photos that were sent, or those of an earlier query."""
    if options.again is None:
        photos = with_parts(service, photos, options.parts, deadline=deadline)
        made = yield from service.embedded(photos, deadline=deadline)
        seen = tuple(QueryPhoto(b"", photo.crop) for photo in photos)
        return Looks(seen, made.vectors, made.by, options.parts)
    if photos:
        raise Problem(422, "again: there are photos too.", "Send either of them.")
    return service.asked.again(options.again, made_by=service.model.fingerprint)


def _question(options: schemas.SearchOptions, looks: Looks, shelf: Shelf, unwanted: Looks) -> Question:
    for item in (*options.items, *options.named_items()):
        if item not in shelf.snapshot.places:
            raise not_found(item)
    views = [_view(shelf, view) for view in options.views]
    return Question(
        photos=(*looks.photos, *(QueryPhoto(view.path, view.crop) for view in views)),
        items=tuple(options.items),
        where=conditions(options.where),
        exclude=frozenset(options.exclude),
        views=options.view_pooling,
        pooling=options.pooling or ("best" if looks.parts else None),
        parts=looks.parts,
        colour=options.colour,
        min_score=options.min_score,
        unlike=unwanted.photos,
        unlike_items=tuple(options.unlike_items),
        plus=tuple(options.plus),
        minus=tuple(options.minus),
        palette=options.colours(),
        words=options.words,
        rerank=tuple(options.rerank),
    )


def _few(photos: list[SentPhoto]) -> list[SentPhoto]:
    if len(photos) > schemas.MOST_PHOTOS:
        raise Problem(422, f"There are {len(photos)} photos.", f"Send {schemas.MOST_PHOTOS} at most.")
    return photos


def _view(shelf: Shelf, identity: str) -> StoredView:
    view = shelf.view(identity)
    if view is None:
        raise Problem(
            404, f"There is no view {identity!r}.", "GET /v1/items lists the items and their views."
        )
    return view


def _told(ranking: Ranking, *, took_ms: float) -> dict[str, Any]:
    """The answer as JSON has it, each score with its meaning where it has one."""
    return {
        "matches": [_match_facts(match) for match in ranking],
        **sureness(ranking),
        "model": ranking.fingerprint,
        "store_version": ranking.version,
        "took_ms": round(took_ms, 2),
    }


def _match_facts(match: Match) -> dict[str, Any]:
    return {
        "item": match.item,
        "score": round(match.score, 6),
        "verdict": match.verdict,
        "view": view_id(match.view),
        "query_photo": match.photo,
        "pair_score": round(match.pair_score, 6),
        "terms": {name: round(term, 6) for name, term in match.terms.items()},
        "attributes": dict(match.attributes),
        "views": [view_facts(view) for view in match.views],
    }
