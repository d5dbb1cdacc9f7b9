"""A small client of the HTTP door, of the standard library alone."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from lookalike.errors import LookalikeError

Photo = str | Path | bytes


class ServerProblem(LookalikeError):
    """The server refused; ``status`` is that of the HTTP answer, 0 where there was none."""

    def __init__(self, message: str, *, hint: str, status: int) -> None:
        super().__init__(message, hint=hint)
        self.status = status


@dataclass(frozen=True, slots=True)
class Answer:
    """One item that the server found; ``verdict`` is None where the score's meaning is not known."""

    item: str
    score: float
    verdict: str | None
    view: str
    attributes: Mapping[str, Any]


class Client:
    """Asks a running server.

    Args:
        url: of the server, such as ``http://127.0.0.1:8000``.
        token: where the server is guarded.
        timeout_s: of each request.

    Raises:
        ServerProblem: from every method, where the server refuses or does not answer.
    """

    def __init__(self, url: str, *, token: str | None = None, timeout_s: float = 30.0) -> None:
        self._url, self._token, self._timeout_s = url.rstrip("/"), token, timeout_s

    def search(
        self, photos: Sequence[Photo], *, k: int = 10, where: Mapping[str, Any] | None = None
    ) -> list[Answer]:
        """The items that look most like photos of one thing, best first."""
        body = {"photos": [_sent(photo) for photo in photos], "k": k, "where": dict(where or {})}
        return _answers(self._ask("POST", "/v1/search", body))

    def similar(self, item: str, *, k: int = 10) -> list[Answer]:
        """The items that look most like one of the catalogue."""
        return _answers(self._ask("GET", f"/v1/similar/{quote(item)}?{urlencode({'k': k})}"))

    def item(self, item: str) -> dict[str, Any]:
        """One item with its attributes and views."""
        return self._ask("GET", f"/v1/items/{quote(item)}")

    def put(
        self, item: str, photos: Sequence[Photo], *, attributes: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Add an item or replace it; it can be found when this returns."""
        body = {"photos": [_sent(photo) for photo in photos], "attributes": dict(attributes or {})}
        return self._ask("PUT", f"/v1/items/{quote(item)}", body)

    def delete(self, item: str) -> None:
        """Take an item out."""
        self._ask("DELETE", f"/v1/items/{quote(item)}")

    def stats(self) -> dict[str, Any]:
        """What the server has."""
        return self._ask("GET", "/v1/stats")

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        request = urllib.request.Request(self._url + path, method=method)
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        if self._token:
            request.add_header("Authorization", f"Bearer {self._token}")
        try:
            with urllib.request.urlopen(request, timeout=self._timeout_s) as answer:
                told: dict[str, Any] = json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as error:
            raise _problem(error) from error
        except OSError as error:
            raise ServerProblem(
                f"{self._url} does not answer ({error}).", hint="Check that `lookalike serve` runs.", status=0
            ) from error
        return told


def _sent(photo: Photo) -> dict[str, str]:
    content = photo if isinstance(photo, bytes) else Path(photo).read_bytes()
    return {"base64": base64.b64encode(content).decode()}


def _answers(told: Mapping[str, Any]) -> list[Answer]:
    return [
        Answer(match["item"], match["score"], match["verdict"], match["view"], match["attributes"])
        for match in told["matches"]
    ]


def _problem(error: urllib.error.HTTPError) -> ServerProblem:
    try:
        told = json.loads(error.read())
        return ServerProblem(told["title"], hint=told["hint"], status=error.code)
    except (ValueError, KeyError, TypeError):
        return ServerProblem(f"The server answered {error.code}.", hint="See its log.", status=error.code)
