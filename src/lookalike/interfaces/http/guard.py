"""Who may come in: host and origin checks, tokens with scopes, a rate for each client, safe headers."""

from __future__ import annotations

import hmac
import time
from collections import OrderedDict
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lookalike.interfaces.http.metrics import Metrics
from lookalike.interfaces.http.problems import Problem
from lookalike.interfaces.http.request_kinds import SAFE_METHODS, changes, is_private, is_work
from lookalike.interfaces.settings import ServeSettings

COOKIE = "lookalike_token"
SESSION = "/v1/session"
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1", "[::1]"})
_CLIENTS_REMEMBERED = 10_000

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
SAFE_HEADERS = {
    "Content-Security-Policy": PAGE_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), microphone=()",
}
_RAW_SAFE_HEADERS = tuple((name.lower().encode(), value.encode()) for name, value in SAFE_HEADERS.items())


class Guard:
    """Stands before the app: refuses what may not come in, and puts safe headers on every answer."""

    def __init__(self, app: ASGIApp, *, settings: ServeSettings, metrics: Metrics) -> None:
        self._app, self._settings, self._metrics = app, settings, metrics
        self._names = LOOPBACK_NAMES | {settings.host, *settings.hosts}
        self._open_to_all = not settings.on_loopback and not settings.hosts
        self._rates = Rates(settings.per_second)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or tell why not."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name for name, _ in message["headers"]}  # in lower case, as ASGI has them
                safe = [header for header in _RAW_SAFE_HEADERS if header[0] not in own]
                message["headers"] = [*message["headers"], *safe]
            await send(message)

        try:
            self._check(scope)
        except Problem as problem:
            self._metrics.refused.add(labels=(("status", str(problem.status_code)),))
            await problem.response()(scope, receive, send_safely)
            return
        await self._app(scope, receive, send_safely)

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        self._check_host(headers)
        _check_origin(scope["method"], headers)
        if is_private(scope["path"]):
            self._check_token(scope, headers)
        if is_work(scope["method"], scope["path"]) or scope["path"] == SESSION:
            self._rates.take(str((scope.get("client") or ("unknown",))[0]))

    def _check_host(self, headers: Headers) -> None:
        """A page elsewhere that points its own name at us (DNS rebinding) calls us by that name."""
        name = host_name(headers.get("host", ""))
        if name not in self._names and not self._open_to_all:
            raise Problem(
                400,
                f"This server is not called {name!r}.",
                f"Start it with --allow-host {name or 'NAME'}, or call it by its address.",
            )

    def _check_token(self, scope: Scope, headers: Headers) -> None:
        settings = self._settings
        if settings.token is None or scope["path"] == SESSION:
            return
        given = presented(headers)
        if same(given, settings.token):
            return
        if not same(given, settings.read_token):
            raise Problem(
                401,
                "That is not the token." if given else "A token is needed.",
                "Send it as `Authorization: Bearer ...`, or open the page and enter it.",
                headers={"WWW-Authenticate": "Bearer"},
            )
        if changes(scope["method"], scope["path"]):
            raise Problem(403, "This token may only read.", "Use the token that may write.")


class Rates:
    """A bucket of tokens for each client address, refilled steadily; full ones are forgotten first.

    Args:
        per_second: how many requests a second; twice as many may come at once. None for no limit.
    """

    def __init__(self, per_second: float | None) -> None:
        self._per_second = per_second
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str) -> None:
        """Count a request of a client.

        Raises:
            Problem: (429) it comes too often.
        """
        if self._per_second is None:
            return
        now, most = time.monotonic(), max(1.0, 2 * self._per_second)
        left, since = self._left.pop(client, (most, now))
        left = min(most, left + (now - since) * self._per_second)
        self._left[client] = (max(0.0, left - 1), now)
        if len(self._left) > _CLIENTS_REMEMBERED:
            self._left.popitem(last=False)
        if left < 1:
            wait_s = max(1, round((1 - left) / self._per_second))
            raise Problem(
                429, "Too many requests.", f"Wait {wait_s} s.", headers={"Retry-After": str(wait_s)}
            )


def host_name(host: str) -> str:
    """The name in a Host header, without its port.

    >>> host_name("localhost:8000"), host_name("[::1]:80")
    ('localhost', '::1')
    """
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def presented(headers: Headers) -> str:
    """The token that a request carries, as a bearer or as the page's cookie; empty where none."""
    kind, _, token = headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return token.strip()
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


def same(given: str, token: str | None) -> bool:
    """Whether a token is the right one; takes as long whichever character differs."""
    return token is not None and hmac.compare_digest(given.encode(), token.encode())


def _check_origin(method: str, headers: Headers) -> None:
    """Other people's pages may link here, but neither change anything nor read."""
    origin = headers.get("origin")
    if origin is not None and (
        origin == "null" or urlsplit_netloc(origin) != headers.get("host", "").lower()
    ):
        raise Problem(
            403, "Pages of other origins may not ask here.", "Open the page that this server sends."
        )
    if method not in SAFE_METHODS and headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        raise Problem(
            403, "Pages of other origins may not ask here.", "Open the page that this server sends."
        )


def urlsplit_netloc(url: str) -> str:
    """Host and port of a URL in lower case; empty where it is none."""
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""
