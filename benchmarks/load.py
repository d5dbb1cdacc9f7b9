"""A load generator for one address: raw HTTP/1.1 over kept connections, cheap enough to overload a server."""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

BOUNDARY = "lookalike-load"
MOST_UNDER_WAY = 400
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


@dataclass
class Outcome:
    """What came back of each request: (second of sending, status or 0 for none, seconds to the answer)."""

    seconds: float
    answers: list[tuple[float, int, float]] = field(default_factory=list)

    def count(self, status: int) -> int:
        return sum(1 for answer in self.answers if answer[1] == status)

    def latencies(self, status: int = 200) -> list[float]:
        return sorted(answer[2] for answer in self.answers if answer[1] == status)


class _Line(asyncio.Protocol):
    """One kept connection: a request out, the status of its answer back. Streams would cost twice as much."""

    def __init__(self) -> None:
        self._answer: asyncio.Future[int] | None = None
        self._come = b""
        self._transport: asyncio.Transport | None = None

    @property
    def closed(self) -> bool:
        return self._transport is None or self._transport.is_closing()

    def ask(self, request: bytes) -> asyncio.Future[int]:
        """The status that comes back; 0 where the connection breaks."""
        self._answer, self._come = asyncio.get_running_loop().create_future(), b""
        if self.closed or self._transport is None:
            self._answer.set_result(0)
        else:
            self._transport.write(request)
        return self._answer

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self._come += data
        head, found, body = self._come.partition(b"\r\n\r\n")
        if not found:
            return
        length = LENGTH.search(head)
        if length is None or len(body) >= int(length[1]):
            self._tell(int(head.split(b" ", 2)[1]) if length else 0)
            if length is None or b"connection: close" in head.lower():
                self.close()

    def connection_lost(self, _: Exception | None) -> None:
        self._transport = None
        self._tell(0)

    def _tell(self, status: int) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(status)


class Target:
    """Searches to send to one server, each by one photo."""

    def __init__(self, host: str, port: int, photos: Sequence[bytes], *, k: int = 10) -> None:
        self._address, self.photos = (host, port), list(photos)
        self._requests = [_request(f"{host}:{port}", photo, k) for photo in photos]
        self._free: list[_Line] = []

    async def search(self, number: int) -> int:
        """The status of an answer; 0 where the connection broke. A kept one may be closed by now."""
        while self._free:
            if status := await self._ask(number, self._free.pop()):
                return status
        try:
            return await self._ask(number, await self._connected())
        except OSError:
            return 0

    async def _ask(self, number: int, line: _Line) -> int:
        status = await line.ask(self._requests[number % len(self._requests)])
        if not line.closed:
            self._free.append(line)
        return status

    async def _connected(self) -> _Line:
        return (await asyncio.get_running_loop().create_connection(_Line, *self._address))[1]

    async def connect(self, count: int) -> None:
        """Open connections ahead, so that opening them is not taken for the server's slowness."""
        while len(self._free) < count:
            self._free.append(await self._connected())

    def close(self) -> None:
        for line in self._free:
            line.close()
        self._free.clear()


async def closed_loop(target: Target, *, clients: int, seconds: float) -> Outcome:
    """Each of some clients sends its next request when its last one is answered."""
    begun = time.perf_counter()
    outcome = Outcome(seconds)

    async def client(first: int) -> None:
        number = first
        while (sent := time.perf_counter() - begun) < seconds:
            status = await target.search(number)
            outcome.answers.append((sent, status, time.perf_counter() - begun - sent))
            number += clients

    await asyncio.gather(*(client(number) for number in range(clients)))
    return outcome


async def open_loop(
    target: Target, *, per_second: float, seconds: float, seed: int, most: int = MOST_UNDER_WAY
) -> Outcome:
    """Requests at random moments, whether earlier ones are answered or not; at most so many under way."""
    rng = random.Random(seed)
    begun = time.perf_counter()
    outcome = Outcome(seconds)
    under_way: set[asyncio.Task[None]] = set()

    async def one(number: int, due: float) -> None:
        status = await target.search(number)
        outcome.answers.append((due, status, time.perf_counter() - begun - due))

    due, number = 0.0, 0
    while (due := due + rng.expovariate(per_second)) < seconds:
        if (early := due - (time.perf_counter() - begun)) > 0:
            await asyncio.sleep(early)
        if len(under_way) < most:
            task = asyncio.create_task(one(number, due))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
        number += 1
    await asyncio.gather(*under_way)
    return outcome


def _request(host: str, photo: bytes, k: int) -> bytes:
    part = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{{}}"{{}}\r\n\r\n'
    body = part.format("k", "").encode() + str(k).encode() + b"\r\n"
    body += part.format("photos", '; filename="p.jpg"').encode() + photo + b"\r\n"
    body += f"--{BOUNDARY}--\r\n".encode()
    head = (
        f"POST /v1/search HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(body)}\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n\r\n"
    )
    return head.encode() + body
