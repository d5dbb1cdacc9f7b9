"""What goes wrong is told as a problem document (RFC 9457), with the next step in ``hint``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from lookalike.errors import LookalikeError, MissingExtra, PhotoError, QueryError, StoreError

MEDIA_TYPE = "application/problem+json"

_PHOTO_STATUS = {"too_large": 413, "unsupported": 415}

_PLAIN = {
    404: ("There is nothing here.", "See /openapi.json for what there is."),
    405: ("This address does not take that method.", "See /openapi.json for what it takes."),
}


class Problem(HTTPException):
    """An answer that says what went wrong, and what to do next.

    Args:
        status: of the HTTP answer.
        title: what happened, in one line.
        hint: the next step.
        headers: to send along, such as ``Retry-After``.
        facts: more members of the document, such as ``reason``.
    """

    def __init__(
        self,
        status: int,
        title: str,
        hint: str,
        *,
        headers: Mapping[str, str] | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(status, title, dict(headers or {}))
        self.title, self.hint, self.facts = title, hint, dict(facts or {})

    def response(self) -> Response:
        """The problem as an HTTP answer."""
        document = {
            "title": self.title,
            "detail": f"{self.title} {self.hint}",
            "hint": self.hint,
            "status": self.status_code,
            **self.facts,
        }
        return Response(
            json.dumps(document, ensure_ascii=False).encode("utf-8", "replace"),
            self.status_code,
            media_type=MEDIA_TYPE,
            headers=dict(self.headers or {}),
        )


def problem_of(error: LookalikeError) -> Problem:
    """The problem that tells of one of our own errors."""
    if isinstance(error, PhotoError):
        status = _PHOTO_STATUS.get(error.reason, 422)
        return Problem(status, error.message, error.hint, facts={"reason": error.reason})
    if isinstance(error, QueryError):
        return Problem(422, error.message, error.hint)
    if isinstance(error, StoreError):
        return Problem(503, error.message, error.hint, headers={"Retry-After": "2"})
    if isinstance(error, MissingExtra):
        return Problem(501, error.message, error.hint)
    return Problem(500, error.message, error.hint)


def told(error: HTTPException | LookalikeError) -> Response:
    """The answer that tells of an error."""
    if isinstance(error, LookalikeError):
        return problem_of(error).response()
    if isinstance(error, Problem):
        return error.response()
    title, hint = _PLAIN.get(error.status_code, (str(error.detail), "See /openapi.json."))
    return Problem(error.status_code, title, hint, headers=error.headers).response()


def not_found(item: str) -> Problem:
    """The problem of an item that is not in the catalogue."""
    return Problem(404, f"There is no item {item!r}.", "GET /v1/items lists them.")


def install(app: FastAPI) -> None:
    """Make every error of the app a problem document."""

    async def on_known(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException | LookalikeError)
        return told(error)

    async def on_invalid(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return invalid(list(error.errors())).response()

    async def on_anything(_: Request, __: Exception) -> Response:
        return Problem(
            500, "The server made a mistake.", "Look into its log, and tell its makers."
        ).response()

    app.add_exception_handler(HTTPException, on_known)
    app.add_exception_handler(LookalikeError, on_known)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(Exception, on_anything)


def invalid(errors: list[Any]) -> Problem:
    """The problem of a request that does not fit its schema, naming the first misfit and listing all."""
    told = [
        {"where": ".".join(str(part) for part in error["loc"]), "what": str(error["msg"])} for error in errors
    ]
    first = told[0] if told else {"where": "the request", "what": "it does not fit"}
    return Problem(
        422,
        f"{first['where'] or 'The request'}: {first['what']}.",
        "See /openapi.json for what it takes.",
        facts={"errors": told[:20]},
    )
