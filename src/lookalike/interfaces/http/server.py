"""Routes about the server itself: what it has, how it is, its page, and its way to take a token."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, JSONResponse, PlainTextResponse, Response

from lookalike import __version__
from lookalike.interfaces.http import schemas
from lookalike.interfaces.http.contract import problems
from lookalike.interfaces.http.guard import COOKIE, same
from lookalike.interfaces.http.metrics import MEDIA_TYPE
from lookalike.interfaces.http.problems import Problem
from lookalike.interfaces.http.service import Served, Service

WEB = Path(__file__).resolve().parents[1] / "web"
MAP_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

router = APIRouter(tags=["server"])


@router.get("/v1/stats", response_model=schemas.Stats, responses=problems(401))
def stats(service: Served) -> JSONResponse:
    """How much there is, what it can be filtered by, and what the model can tell apart."""
    shelf, card = service.shelf, service.engine.embedder.card
    return JSONResponse(
        {
            "items": len(shelf.snapshot),
            "views": len(shelf.snapshot.matrix),
            "failed_photos": len(service.engine.store.failures()),
            "store_version": shelf.snapshot.version,
            "model": card.fingerprint,
            "width": card.width,
            "blocks": [block.name for block in card.blocks],
            "attributes": shelf.facets,
            "calibrated": service.meaning(shelf.snapshot) is not None,
            "writable": not (service.settings.read_only or service.engine.store.read_only),
            "map": "/atlas" if _map(service).is_file() else None,
            "version": __version__,
        }
    )


@router.post("/v1/session", status_code=204, responses=problems(401, 422))
def open_session(body: schemas.SessionBody, service: Served, request: Request) -> Response:
    """Keep a token as a cookie that scripts cannot read, so that the page's pictures can be asked for."""
    settings = service.settings
    known = same(body.token, settings.token) or same(body.token, settings.read_token)
    if settings.token is not None and not known:
        raise Problem(401, "That is not the token.", "Ask whoever runs this server.")
    answer = Response(status_code=204)
    if settings.token is not None:
        secure = request.url.scheme == "https"
        answer.set_cookie(COOKIE, body.token, httponly=True, samesite="strict", secure=secure)
    return answer


@router.get("/healthz", response_class=PlainTextResponse)
def healthz() -> str:
    """Whether the process is alive."""
    return "ok\n"


@router.get("/readyz", response_class=PlainTextResponse, responses=problems(503))
def readyz(service: Served) -> str:
    """Whether it answers searches: the model is loaded, the decoders run, the store can be read."""
    if not service.ready:
        raise Problem(503, "The model is being loaded.", "Ask again soon.", headers={"Retry-After": "1"})
    service.engine.store.version  # noqa: B018  (raises where the store cannot be read)
    return "ready\n"


@router.get("/metrics", response_class=PlainTextResponse, responses=problems(401))
def metrics(service: Served) -> Response:
    """Counters for Prometheus."""
    gauges = {
        "lookalike_items": ("Items in the catalogue.", float(len(service.snapshot))),
        "lookalike_store_version": ("Version that is searched.", float(service.snapshot.version)),
        "lookalike_under_way": ("Searches, embeddings and changes under way.", float(service.load.under_way)),
        "lookalike_waiting": ("Requests that wait for a thread.", float(service.waiting)),
        "lookalike_decoder_crashes": ("Decoders that a photo killed.", float(service.desks.crashes)),
    }
    return Response(service.metrics.text(gauges), media_type=MEDIA_TYPE)


@router.get("/atlas", include_in_schema=False)
def catalogue_map(service: Served) -> Response:
    """The map of the catalogue, one file that stands alone."""
    if not _map(service).is_file():
        raise Problem(
            404, "There is no map yet.", f"Draw one: lookalike explore --store {service.engine.store.folder}"
        )
    return FileResponse(_map(service), headers={"Content-Security-Policy": MAP_POLICY})


@router.get("/", include_in_schema=False)
def page() -> Response:
    """The page."""
    return FileResponse(WEB / "index.html", headers={"Cache-Control": "no-cache"})


def _map(service: Service) -> Path:
    return service.engine.store.folder / "atlas.html"
