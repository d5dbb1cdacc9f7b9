"""The app: routes, what stands before them, and what runs beside them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

import anyio.to_thread
from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from lookalike import __version__
from lookalike.errors import LookalikeError
from lookalike.interfaces.http import (
    categorise,
    items,
    looking,
    problems,
    schemas,
    search,
    server,
    together,
    views,
)
from lookalike.interfaces.http.guard import Guard
from lookalike.interfaces.http.intake import Intake
from lookalike.interfaces.http.metrics import Counted
from lookalike.interfaces.http.service import Service
from lookalike.interfaces.http.shortcut import Shortcut
from lookalike.interfaces.settings import ServeSettings
from lookalike.retrieval.engine import SearchEngine

log = logging.getLogger("lookalike.serve")


def create_app(engine: SearchEngine, settings: ServeSettings | None = None) -> FastAPI:
    """The HTTP door to an engine: the API under ``/v1``, and the page.

    Args:
        engine: what answers.
        settings: limits and tokens; those of a server on loopback if None.
    """
    settings = settings or ServeSettings()
    service = Service(engine, settings)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = settings.max_waiting + 16
        beside = [asyncio.create_task(_follow(service)), asyncio.create_task(_warm_up(service))]
        yield
        for task in beside:
            task.cancel()
        await asyncio.to_thread(service.close)

    app = FastAPI(
        title="lookalike",
        version=__version__,
        summary="Find the same item from any angle.",
        docs_url=None,  # that page would load scripts from elsewhere
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.service = service
    for part in (search, categorise, together, looking, items, views, server):
        app.include_router(part.router)
    app.mount("/static", StaticFiles(directory=server.WEB), name="static")
    problems.install(app)
    _describe(app)
    app.add_middleware(
        Shortcut, ways={("POST", "/v1/search"): lambda request: search.search(request, service)}
    )
    app.add_middleware(Intake, settings=settings, load=service.load, metrics=service.metrics)
    app.add_middleware(Guard, settings=settings, metrics=service.metrics)
    app.add_middleware(Counted, metrics=service.metrics)
    return app


async def _warm_up(service: Service) -> None:
    try:
        await asyncio.to_thread(service.warm_up)
        await asyncio.to_thread(service.learn)
    except LookalikeError as error:  # searches will tell it too
        log.error("the server is not ready: %s", error)


async def _follow(service: Service) -> None:
    """Go on with the store's present version when another process has changed it."""
    while True:
        await asyncio.sleep(service.settings.refresh_s)
        try:
            await asyncio.to_thread(service.engine.refresh)
        except LookalikeError as error:  # a store that comes back is taken up again
            log.warning("the store cannot be followed: %s", error)


def _describe(app: FastAPI) -> None:
    """Put the problem document among the schemas, and the tokens into the OpenAPI document."""
    generated = app.openapi

    def openapi() -> dict[str, object]:
        document = generated()
        components = document.setdefault("components", {})
        problem = schemas.ProblemBody.model_json_schema(ref_template="#/components/schemas/{model}")
        known = components.setdefault("schemas", {})
        known.update(problem.pop("$defs", {}))
        known["ProblemBody"] = problem
        return document

    app.openapi = openapi  # type: ignore[method-assign]
