"""How much may come in: request bodies counted while they stream, and work under way counted at the door."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lookalike.interfaces.http.guard import SAFE_METHODS
from lookalike.interfaces.http.metrics import Metrics
from lookalike.interfaces.http.problems import Problem
from lookalike.interfaces.settings import ServeSettings

_ROOMS = ("/v1/search", "/v1/embed", "/v1/items", "/v1/similar")


class Intake:
    """Stands before the app: too much work is put off before its body is read, too long a body cut.

    Args:
        app: what comes behind.
        settings: the limits.
        metrics: counts what was refused.
        wait_s: an estimate of how long the work under way will take, in seconds.
    """

    def __init__(
        self, app: ASGIApp, *, settings: ServeSettings, metrics: Metrics, wait_s: Callable[[int], float]
    ) -> None:
        self._app, self._settings, self._metrics, self._wait_s = app, settings, metrics, wait_s
        self.under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or tell when to come back."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = Body(receive, self._settings)
        begun = False

        async def send_noting(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        heavy = scope["method"] not in SAFE_METHODS and scope["path"].startswith(_ROOMS)
        try:
            if heavy and self.under_way >= self._settings.max_waiting:
                raise self._busy()
            body.check_stated(Headers(scope=scope))
            self.under_way += heavy
            try:
                await self._app(scope, body.receive, send_noting)
            finally:
                self.under_way -= heavy
        except Problem as problem:
            self._metrics.refused.add(labels=(("status", str(problem.status_code)),))
            if not begun:
                await problem.response()(scope, receive, send)

    def _busy(self) -> Problem:
        wait_s = max(1, math.ceil(self._wait_s(self.under_way)))
        return Problem(
            429,
            "The server has as much to do as it can take.",
            f"Try again in {wait_s} s.",
            headers={"Retry-After": str(wait_s)},
        )


class Body:
    """A request's body on its way in.

    Raises:
        Problem: 413 where it is longer than allowed, 408 where it takes too long.
    """

    def __init__(self, receive: Receive, settings: ServeSettings) -> None:
        self._receive, self._settings = receive, settings
        self._seen, self._whole = 0, False
        self._deadline = time.monotonic() + settings.body_timeout_s

    def check_stated(self, headers: Headers) -> None:
        """Refuse a body that says itself that it is too long."""
        stated = headers.get("content-length", "0")
        if stated.isdecimal() and int(stated) > self._settings.max_body_bytes:
            raise self._too_long()

    async def receive(self) -> Message:
        """The next piece."""
        if self._whole:
            return await self._receive()
        try:
            wait_s = max(0.0, self._deadline - time.monotonic())
            message = await asyncio.wait_for(self._receive(), wait_s)
        except TimeoutError as error:
            raise Problem(
                408,
                "The request took too long to arrive.",
                "Send smaller photos, or over a faster line.",
                headers={"Connection": "close"},
            ) from error
        if message["type"] == "http.request":
            self._seen += len(message.get("body", b""))
            self._whole = not message.get("more_body", False)
            if self._seen > self._settings.max_body_bytes:
                raise self._too_long()
        return message

    def _too_long(self) -> Problem:
        return Problem(
            413,
            f"The request has more than {self._settings.max_body_bytes / 1e6:g} MB.",
            "Send fewer or smaller photos.",
            headers={"Connection": "close"},
        )
