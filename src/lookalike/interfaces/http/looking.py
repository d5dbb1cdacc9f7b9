"""Routes that look into photos: why a match is one, and where in a scene an item is."""

from __future__ import annotations

import time
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from PIL import Image

from lookalike.catalogue.photos import Photo, read_photo
from lookalike.interfaces.http import looking_schemas as schemas
from lookalike.interfaces.http.contract import body_of, form_of, problems
from lookalike.interfaces.http.forms import Sent, read_body
from lookalike.interfaces.http.lookup import view_id
from lookalike.interfaces.http.problems import Problem, not_found
from lookalike.interfaces.http.service import Served, Service
from lookalike.retrieval.explaining.explanation import agreement_facts, explained
from lookalike.retrieval.parts.finding import wanted_of
from lookalike.retrieval.parts.scene import LONG_SIDE_PX, Looking, Mark, Wanted, look_for
from lookalike.retrieval.snapshot import Snapshot

router = APIRouter(prefix="/v1", tags=["looking"])


@router.post(
    "/explain",
    response_model=schemas.Explained,
    responses=problems(401, 404, 408, 413, 415, 422, 429, 503),
    openapi_extra=body_of(schemas.ExplainBody, form_of(schemas.ExplainOptions, ["item"])),
)
async def explain(request: Request, service: Served) -> JSONResponse:
    """Why an item is like a photo: heat over both, and the shares of colour, texture and shape."""
    begun, deadline = time.perf_counter(), service.deadline()
    sent = await read_body(request, schemas.ExplainBody, schemas.ExplainOptions)
    told = await run_in_threadpool(_explained, service, sent, deadline=deadline)
    return JSONResponse({**told, "took_ms": round(1000 * (time.perf_counter() - begun), 2)})


def _explained(service: Service, sent: Sent[schemas.ExplainOptions], *, deadline: float) -> dict[str, Any]:
    options, serving = sent.facts, service.engine.serving
    snapshot = serving.index.snapshot
    if options.item not in snapshot.places:
        raise not_found(options.item)
    photo = _asked(service, sent, size_px=serving.embedder.card.size_px, deadline=deadline)
    number = None
    if options.view is not None:
        views = [view_id(view) for view in snapshot.item(snapshot.places[options.item]).views]
        if options.view not in views:
            raise Problem(404, f"The item has no view {options.view!r}.", "GET /v1/items/{item} lists them.")
        number = views.index(options.view)
    view, agreement = explained(
        serving.embedder, snapshot, photo, options.item, view=number, colour=options.colour
    )
    return {
        "item": options.item,
        "view": view_id(view),
        "role": view.role,
        **agreement_facts(agreement),
        "model": snapshot.fingerprint,
    }


def _asked(service: Service, sent: Sent[schemas.ExplainOptions], *, size_px: int, deadline: float) -> Photo:
    """The photo that was sent, or the view of the catalogue that stands in for it."""
    beside = sent.facts.beside
    if len(sent.photos) + (beside is not None) != 1:
        raise Problem(422, "There must be one photo or `beside`, and not both.", "Send one of the two.")
    if beside is None:
        return service.decode(sent.photos, deadline=deadline, size_px=size_px)[0]
    view = service.shelf.view(beside)
    if view is None:
        raise Problem(404, f"There is no view {beside!r}.", "GET /v1/items lists the items and their views.")
    return read_photo(view.path, size_px=size_px, crop=view.crop)


@router.post(
    "/find",
    response_model=schemas.Marked,
    responses=problems(401, 404, 408, 413, 415, 422, 429, 503),
    openapi_extra=body_of(schemas.FindBody, form_of(schemas.FindOptions, ["photos"])),
)
async def find(request: Request, service: Served) -> JSONResponse:
    """Where in a big photo the items are."""
    begun, deadline = time.perf_counter(), service.deadline()
    sent = await read_body(request, schemas.FindBody, schemas.FindOptions)
    told = await run_in_threadpool(_found, service, sent, deadline=deadline)
    return JSONResponse({**told, "took_ms": round(1000 * (time.perf_counter() - begun), 2)})


def _found(service: Service, sent: Sent[schemas.FindOptions], *, deadline: float) -> dict[str, Any]:
    options, serving = sent.facts, service.engine.serving
    snapshot = serving.index.snapshot
    if len(sent.photos) != 1:
        raise Problem(422, f"photos: there are {len(sent.photos)}.", "Send one photo, the scene.")
    for item in options.items:
        if item not in snapshot.places:
            raise not_found(item)
    (scene,) = service.decode(sent.photos, deadline=deadline, size_px=LONG_SIDE_PX)
    left, top, right, bottom = scene.content
    image = Image.fromarray(scene.pixels[top:bottom, left:right])
    wanted = Wanted.of(wanted_of(snapshot, serving.embedder, options.items, colour=options.colour))
    marks = look_for(serving.embedder, image, wanted, looking=Looking(most=options.most))
    return {
        "marks": [{**mark.to_dict(), "view": _view_of(snapshot, mark)} for mark in marks],
        "model": snapshot.fingerprint,
    }


def _view_of(snapshot: Snapshot, mark: Mark) -> str:
    return view_id(snapshot.item(snapshot.places[mark.item]).views[mark.view])
