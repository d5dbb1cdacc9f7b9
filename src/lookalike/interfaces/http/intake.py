"""How much may come in: request bodies counted while they stream, and work under way counted at the door."""

from __future__ import annotations

import asyncio
import time

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lookalike.interfaces.http.load import Load
from lookalike.interfaces.http.metrics import Metrics
from lookalike.interfaces.http.problems import Problem
from lookalike.interfaces.http.request_kinds import is_work
from lookalike.interfaces.settings import ServeSettings


class Intake:
    """Stands before the app: too much work is put off before its body is read, too long a body cut.

    Args:
        app: what comes behind.
        settings: the limits.
        load: the work under way.
        metrics: counts what was refused.
    """

    def __init__(self, app: ASGIApp, *, settings: ServeSettings, load: Load, metrics: Metrics) -> None:
        self._app, self._settings, self._load, self._metrics = app, settings, load, metrics

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

        try:
            body.check_stated(Headers(scope=scope))
            await self._pass_on(scope, body.receive, send_noting)
        except Problem as problem:
            self._metrics.refused.add(labels=(("status", str(problem.status_code)),))
            if not begun:
                await problem.response()(scope, receive, send)

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not is_work(scope["method"], scope["path"]):
            await self._app(scope, receive, send)
            return
        self._load.begin()
        try:
            await self._app(scope, receive, send)
        finally:
            self._load.end()


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
            async with asyncio.timeout(self._deadline - time.monotonic()):
                message = await self._receive()
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
