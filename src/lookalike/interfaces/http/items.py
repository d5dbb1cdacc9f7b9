"""Routes about items: list, get, add, replace, delete, their photos, and two items side by side."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response

from lookalike.interfaces.http import schemas
from lookalike.interfaces.http.contract import FORM_OF, body_of, problems
from lookalike.interfaces.http.forms import SentPhoto, conditions, read_body, where_of
from lookalike.interfaces.http.lookup import item_facts, view_id
from lookalike.interfaces.http.problems import Problem, not_found
from lookalike.interfaces.http.search import WhereText
from lookalike.interfaces.http.service import Served, Service
from lookalike.interfaces.http.writing import (
    Outcome,
    add_photos,
    check_writable,
    drop_view,
    put_item,
    remove_item,
    stored,
)
from lookalike.retrieval.records import StoredItem

router = APIRouter(prefix="/v1", tags=["items"])

_WRITE = problems(401, 404, 408, 409, 413, 415, 422, 429, 503)


@router.get("/items", response_model=schemas.ItemPage, responses=problems(401, 422))
def list_items(
    service: Served,
    where: WhereText = "",
    offset: Annotated[int, Query(ge=0, le=2**31, description="How many to pass over.")] = 0,
    limit: Annotated[int, Query(ge=1, le=schemas.MOST_K, description="How many at most.")] = 24,
) -> JSONResponse:
    """Some of the items that pass the filters, in the order of their ids."""
    shelf = service.shelf
    places = shelf.passing(conditions(where_of(where)))
    page = [item_facts(shelf.snapshot.item(int(place))) for place in places[offset : offset + limit]]
    version = shelf.snapshot.version
    return JSONResponse({"items": page, "total": len(places), "offset": offset, "store_version": version})


@router.post(
    "/items",
    response_model=schemas.Stored,
    status_code=201,
    responses={200: {"model": schemas.Stored, "description": "It was there already."}, **_WRITE},
    openapi_extra=body_of(schemas.NewItemBody, FORM_OF["new item"]),
)
async def add_item(request: Request, service: Served) -> JSONResponse:
    """Add an item. The same item again changes nothing; another one under its id is refused."""
    check_writable(service)
    deadline = service.deadline()
    sent = await read_body(request, schemas.NewItemBody, schemas.NewItemFacts)
    _check_id(sent.facts.id)
    item, outcome = await run_in_threadpool(
        put_item,
        service,
        sent.facts.id,
        attributes=sent.facts.attributes,
        photos=_some(sent.photos),
        may_replace=False,
        deadline=deadline,
    )
    return _told(service, item, outcome)


@router.get("/items/{item:path}/closest", response_model=schemas.Pair, responses=problems(401, 404, 422))
def closest(
    item: str, service: Served, to: Annotated[str, Query(description="Another item.")]
) -> JSONResponse:
    """Of two items, the two views that are closest to each other."""
    shelf = service.shelf
    places = shelf.snapshot.places
    for identity in (item, to):
        if identity not in places:
            raise not_found(identity)
    one, other = places[item], places[to]
    scores = shelf.snapshot.vectors(one) @ shelf.snapshot.vectors(other).T
    meaning = service.meaning(shelf.snapshot)
    view, beside = np.unravel_index(int(np.argmax(scores)), scores.shape)
    return JSONResponse(
        {
            "view": view_id(shelf.snapshot.item(one).views[view]),
            "beside_view": view_id(shelf.snapshot.item(other).views[beside]),
            "score": round(float(scores[view, beside]), 6),
            "verdict": meaning and meaning.verdict(float(scores[view, beside])),
        }
    )


@router.post(
    "/items/{item:path}/photos",
    response_model=schemas.Stored,
    responses=_WRITE,
    openapi_extra=body_of(schemas.PhotosBody, FORM_OF["photos"]),
)
async def add_item_photos(item: str, request: Request, service: Served) -> JSONResponse:
    """Add photos to an item; those that it has already change nothing."""
    check_writable(service)
    deadline = service.deadline()
    sent = await read_body(request, schemas.PhotosBody, schemas.NoFacts)
    changed, outcome = await run_in_threadpool(
        add_photos, service, item, _some(sent.photos), deadline=deadline
    )
    return _told(service, changed, outcome)


@router.delete("/items/{item:path}/photos/{view}", status_code=204, responses=_WRITE)
def delete_item_photo(item: str, view: str, service: Served) -> Response:
    """Take a photo from an item; its last one goes only with the item."""
    check_writable(service)
    drop_view(service, item, view)
    return Response(status_code=204)


@router.get("/items/{item:path}", response_model=schemas.Item, responses=problems(401, 404, 422))
def get_item(item: str, service: Served) -> JSONResponse:
    """One item with all its views."""
    found = stored(service, item)
    if found is None:
        raise not_found(item)
    return JSONResponse(item_facts(found))


@router.put(
    "/items/{item:path}",
    response_model=schemas.Stored,
    responses={201: {"model": schemas.Stored, "description": "It was added."}, **_WRITE},
    openapi_extra=body_of(schemas.ItemBody, FORM_OF["item"]),
)
async def replace_item(item: str, request: Request, service: Served) -> JSONResponse:
    """Put an item in place of the one of that id, or add it."""
    check_writable(service)
    _check_id(item)
    deadline = service.deadline()
    sent = await read_body(request, schemas.ItemBody, schemas.ItemFacts)
    changed, outcome = await run_in_threadpool(
        put_item,
        service,
        item,
        attributes=sent.facts.attributes,
        photos=_some(sent.photos),
        may_replace=True,
        deadline=deadline,
    )
    return _told(service, changed, outcome)


@router.delete("/items/{item:path}", status_code=204, responses=_WRITE)
def delete_item(item: str, service: Served) -> Response:
    """Take an item out; it is found no more when this returns."""
    check_writable(service)
    remove_item(service, item)
    return Response(status_code=204)


def _told(service: Service, item: StoredItem, outcome: Outcome) -> JSONResponse:
    facts = {"item": item_facts(item), "outcome": outcome, "store_version": service.snapshot.version}
    return JSONResponse(facts, 201 if outcome == "added" else 200)


def _some(photos: list[SentPhoto]) -> list[SentPhoto]:
    if not photos:
        raise Problem(422, "photos: there is none.", "Send one photo at least.")
    return photos


def _check_id(identity: str) -> None:
    """Ids that a URL cannot carry as they are would be stored and never reached again."""
    if not 0 < len(identity) <= 400 or set(identity.split("/")) & {"", ".", ".."}:
        raise Problem(
            422, f"{identity!r} cannot be an id.", "Use letters, digits, and signs such as - and _."
        )
