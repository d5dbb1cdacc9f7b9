"""Connections: silent ones are closed, and what is too much is refused before anything else is done.

uvicorn would wait for ever for the head of a request. And where ten times the load comes, nine requests in
ten are refused: through the whole app they would take the time of the searches; here each is one write.
"""

from __future__ import annotations

import asyncio
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from lookalike.interfaces.http.guard import SAFE_HEADERS
from lookalike.interfaces.http.load import busy
from lookalike.interfaces.http.request_kinds import is_work
from lookalike.interfaces.http.service import Service

HEAD_S = 15.0


class PatientProtocol(HttpToolsProtocol):
    """HTTP/1.1 in which the head of a request must have come whole within ``HEAD_S``."""

    service: Service
    _clock: asyncio.TimerHandle | None = None
    _latest: float | None = None
    _refused = False
    _ignored = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        self._corked = Corked(transport, self.loop)
        super().connection_made(self._corked)  # type: ignore[arg-type]
        self._wait()

    def on_message_begin(self) -> None:
        """A request begins to come."""
        self._wait()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Its head is whole: it is handed on, or refused; its body is the app's to wait for."""
        self._stop_waiting()
        idle = self.cycle is None or self.cycle.response_complete
        if idle and self._is_work():
            if self.service.load.full:
                self._refuse()
                return
            self.service.load.expect(self.loop)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of its body; that of a refused request goes nowhere, and not without end."""
        if not self._refused:
            super().on_body(body)
            return
        self._ignored += len(body)
        if self._ignored > self.service.settings.max_body_bytes:
            self.transport.close()

    def on_message_complete(self) -> None:
        """It has come whole."""
        if not self._refused:
            super().on_message_complete()
            return
        self._refused = False
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone."""
        self._stop_waiting()
        if self._clock is not None:
            self._clock.cancel()
        super().connection_lost(exc)

    def _is_work(self) -> bool:
        path = self.url.partition(b"?")[0].decode("ascii", "replace")
        return is_work(self.parser.get_method().decode("ascii"), path)

    def _refuse(self) -> None:
        closing = self.expect_100_continue or not self.parser.should_keep_alive()
        self._refused, self._ignored = True, 0
        self._corked.write_at_once(_refusal(self.service.load.wait_s(), closing=closing))
        self.service.metrics.refused.add(labels=(("status", "429"),))
        if closing:
            self.transport.close()

    def _wait(self) -> None:
        """One clock a connection, set anew when it rings: a new one for each request would cost more."""
        self._latest = self.loop.time() + HEAD_S
        if self._clock is None:
            self._clock = self.loop.call_later(HEAD_S, self._look)

    def _stop_waiting(self) -> None:
        self._latest = None

    def _look(self) -> None:
        self._clock = None
        if self._latest is None or self.transport.is_closing():
            return
        if (left := self._latest - self.loop.time()) > 0:
            self._clock = self.loop.call_later(left, self._look)
        else:
            self.transport.close()


class Corked:
    """A transport that sends what is written in one go in one packet: head and body of an answer.

    uvicorn writes them one after the other, uvloop sends each at once, and each send wakes the client.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._held: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send as soon as the writer is done."""
        if not self._held:
            self._loop.call_soon(self._send)
        self._held.append(data)

    def write_at_once(self, data: bytes) -> None:
        """Send what was written, and this."""
        self._send()
        self._transport.write(data)

    def close(self) -> None:
        """Send what was written, and close."""
        self._send()
        self._transport.close()

    def _send(self) -> None:
        held, self._held = self._held, []
        if held:
            self._transport.write(b"".join(held))


def protocol_for(service: Service) -> type[PatientProtocol]:
    """The protocol that stands before a service."""
    return type("ServiceProtocol", (PatientProtocol,), {"service": service})


@lru_cache(maxsize=64)
def _refusal(wait_s: int, *, closing: bool) -> bytes:
    """The whole answer, as the app would have given it."""
    answer = busy(wait_s).response()
    headers = {**dict(answer.headers), **SAFE_HEADERS, "connection": "close" if closing else "keep-alive"}
    lines = [f"HTTP/1.1 {answer.status_code} {HTTPStatus(answer.status_code).phrase}"]
    lines += [f"{name.lower()}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + bytes(answer.body)
