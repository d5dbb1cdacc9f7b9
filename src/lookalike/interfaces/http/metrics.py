"""Counters for Prometheus, in its text format (version 0.0.4)."""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections import defaultdict

from starlette.types import ASGIApp, Message, Receive, Scope, Send

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SIZES = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"})

Labels = tuple[tuple[str, str], ...]


class Counter:
    """A number for each set of labels, that only grows."""

    kind = "counter"

    def __init__(self, name: str, meaning: str) -> None:
        self.name, self.meaning = name, meaning
        self._values: dict[Labels, float] = defaultdict(float)
        self._turn = threading.Lock()

    def add(self, amount: float = 1.0, labels: Labels = ()) -> None:
        """Count up."""
        with self._turn:
            self._values[labels] += amount

    def lines(self) -> list[str]:
        """The samples as text."""
        with self._turn:
            values = dict(self._values)
        return [f"{self.name}{_written(labels)} {value:g}" for labels, value in sorted(values.items())]


class Histogram:
    """How many values lie at or below each bound, their sum and their count."""

    kind = "histogram"

    def __init__(self, name: str, meaning: str, bounds: tuple[float, ...]) -> None:
        self.name, self.meaning, self._bounds = name, meaning, bounds
        self._counts: dict[Labels, list[int]] = {}
        self._sums: dict[Labels, float] = defaultdict(float)
        self._turn = threading.Lock()

    def observe(self, value: float, labels: Labels = ()) -> None:
        """Note a value."""
        with self._turn:
            counts = self._counts.setdefault(labels, [0] * (len(self._bounds) + 1))
            counts[bisect_left(self._bounds, value)] += 1
            self._sums[labels] += value

    def lines(self) -> list[str]:
        """The samples as text."""
        with self._turn:
            seen = [(labels, list(counts), self._sums[labels]) for labels, counts in self._counts.items()]
        text: list[str] = []
        for labels, counts, total in sorted(seen):
            below = 0
            for bound, count in zip((*map(str, self._bounds), "+Inf"), counts, strict=True):
                below += count
                text.append(f"{self.name}_bucket{_written((*labels, ('le', bound)))} {below}")
            text.append(f"{self.name}_sum{_written(labels)} {total:.6g}")
            text.append(f"{self.name}_count{_written(labels)} {below}")
        return text


class Metrics:
    """Everything that the server counts."""

    def __init__(self) -> None:
        self.requests = Counter("lookalike_requests_total", "Requests answered, by route, method and status.")
        self.seconds = Histogram("lookalike_request_seconds", "Time to answer, by route.", SECONDS)
        self.passes = Histogram("lookalike_batch_photos", "Photos in one forward pass.", SIZES)
        self.model_seconds = Counter("lookalike_model_seconds_total", "Seconds in the model.")
        self.refused = Counter("lookalike_refused_total", "Requests refused at the door, by reason.")

    def forward_pass(self, photos: int, seconds: float) -> None:
        """Note one run of the model."""
        self.passes.observe(photos)
        self.model_seconds.add(seconds)

    def text(self, gauges: dict[str, tuple[str, float]]) -> str:
        """All samples, and the gauges: name to (meaning, value)."""
        lines: list[str] = []
        for family in (self.requests, self.seconds, self.passes, self.model_seconds, self.refused):
            lines += [f"# HELP {family.name} {family.meaning}", f"# TYPE {family.name} {family.kind}"]
            lines += family.lines()
        for name, (meaning, value) in gauges.items():
            lines += [f"# HELP {name} {meaning}", f"# TYPE {name} gauge", f"{name} {value:g}"]
        return "\n".join(lines) + "\n"


class Counted:
    """Stands before everything else: counts each answer, and the time that it took, by route."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and note its end."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status = time.perf_counter(), 500

        async def send_noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_noting)
        finally:
            labels = (("route", str(getattr(scope.get("route"), "path", "none"))),)
            self._metrics.seconds.observe(time.perf_counter() - begun, labels)
            told = (("method", _method(scope["method"])), *labels, ("status", str(status)))
            self._metrics.requests.add(labels=told)


def _method(method: str) -> str:
    """The method, or OTHER: a stranger must not make as many counters as there are words."""
    return method if method in METHODS else "OTHER"


def _written(labels: Labels) -> str:
    if not labels:
        return ""
    escaped = (
        (name, value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")) for name, value in labels
    )
    return "{" + ",".join(f'{name}="{value}"' for name, value in escaped) + "}"
