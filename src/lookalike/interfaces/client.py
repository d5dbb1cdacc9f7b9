"""A small typed client of the HTTP door, of the standard library and NumPy alone."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import numpy as np
from numpy.typing import NDArray

from lookalike.errors import LookalikeError
from lookalike.interfaces.answers import Ask, CatalogueItem, Found, Page, Part, Stored
from lookalike.interfaces.looked import Explained, SeenMark

Photo = str | Path | bytes | Part
Where = Mapping[str, Any]


class ServerProblem(LookalikeError):
    """The server refused; ``status`` is that of the HTTP answer, 0 where there was none.

    ``retry_after_s`` says when to come back, where the server said so.
    """

    def __init__(self, message: str, *, hint: str, status: int, retry_after_s: float | None = None) -> None:
        super().__init__(message, hint=hint)
        self.status, self.retry_after_s = status, retry_after_s


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
        self,
        photos: Photo | Sequence[Photo],
        *,
        k: int = 10,
        where: Where | None = None,
        colour: float | None = None,
        min_score: float | None = None,
    ) -> Found:
        """The items that look most like photos of one thing, best first.

        Args:
            photos: files, bytes, or ``Part`` for a part of one; several are several looks at one thing.
            k: how many items.
            where: filters, such as ``{"colour": ["red"], "price": {"low": 10}}``.
            colour: how much colour counts against form, 0 to 1; None as the model has it.
            min_score: items below are left out.
        """
        body = {"photos": _sent(photos), "k": k, "where": dict(where or {})}
        body.update({"colour": colour, "min_score": min_score})
        return Found.of(self._ask("POST", "/v1/search", body))

    def ask(self, question: Ask, *, k: int = 10) -> Found:
        """The items that fit a question best: photos, items, dislikes, colours; best first."""
        unlike, several = _sent(question.unlike), _sent(question.photos)
        body = {**question.facts(), "k": k, "photos": several + unlike}
        body["unlike"] = list(range(len(several), len(several) + len(unlike)))
        return Found.of(self._ask("POST", "/v1/search", body))

    def similar(self, item: str, *, k: int = 10, where: Where | None = None) -> Found:
        """The items that look most like one of the catalogue, without that one."""
        asked = urlencode({"k": k, "where": json.dumps(dict(where or {}))})
        return Found.of(self._ask("GET", f"/v1/similar/{quote(item)}?{asked}"))

    def categorise(
        self, photos: Photo | Sequence[Photo], column: str | None = None, *, most: int = 10
    ) -> dict[str, float]:
        """What photos of one thing show: values of a column with their probabilities, the likeliest first."""
        body = {"photos": _sent(photos), "column": column, "most": most}
        told = self._ask("POST", "/v1/categorise", body)
        return {one["value"]: one["probability"] for one in told["guesses"]}

    def goes_with(self, item: str, *, k: int = 12) -> tuple[CatalogueItem, ...]:
        """What goes with an item, best first, by what was bought, worn or furnished together."""
        told = self._ask("GET", f"/v1/goes-with/{quote(item)}?{urlencode({'k': k})}")
        return tuple(map(CatalogueItem.of, told["companions"]))

    def explain(self, photo: Photo, item: str, *, colour: float | None = None) -> Explained:
        """Why an item is like a photo: heat over both, and the shares of colour, texture and shape."""
        body = {"photos": _sent(photo), "item": item, "colour": colour}
        return Explained.of(self._ask("POST", "/v1/explain", body))

    def find(self, scene: Photo, items: Sequence[str] = (), *, most: int = 5) -> tuple[SeenMark, ...]:
        """Where in a big photo items are, likeliest first; any item where none is named."""
        body = {"photos": _sent(scene), "items": list(items), "most": most}
        return tuple(map(SeenMark.of, self._ask("POST", "/v1/find", body)["marks"]))

    def embed(self, photos: Photo | Sequence[Photo]) -> NDArray[np.float32]:
        """Unit vectors of photos, shape (photos, width)."""
        return np.array(self._ask("POST", "/v1/embed", {"photos": _sent(photos)})["vectors"], np.float32)

    def items(self, *, where: Where | None = None, offset: int = 0, limit: int = 24) -> Page:
        """Some of the items that pass the filters, in the order of their ids."""
        asked = urlencode({"where": json.dumps(dict(where or {})), "offset": offset, "limit": limit})
        return Page.of(self._ask("GET", f"/v1/items?{asked}"))

    def item(self, item: str) -> CatalogueItem:
        """One item with its attributes and views."""
        return CatalogueItem.of(self._ask("GET", f"/v1/items/{quote(item)}"))

    def add(
        self, item: str, photos: Photo | Sequence[Photo], *, attributes: Mapping[str, Any] | None = None
    ) -> Stored:
        """Add an item; the same again changes nothing, another under its id is refused with 409."""
        body = {"id": item, "photos": _sent(photos), "attributes": dict(attributes or {})}
        return Stored.of(self._ask("POST", "/v1/items", body))

    def put(
        self, item: str, photos: Photo | Sequence[Photo], *, attributes: Mapping[str, Any] | None = None
    ) -> Stored:
        """Add an item or replace it; it can be found when this returns."""
        body = {"photos": _sent(photos), "attributes": dict(attributes or {})}
        return Stored.of(self._ask("PUT", f"/v1/items/{quote(item)}", body))

    def add_photos(self, item: str, photos: Photo | Sequence[Photo]) -> Stored:
        """Add photos to an item; those that it has already change nothing."""
        return Stored.of(self._ask("POST", f"/v1/items/{quote(item)}/photos", {"photos": _sent(photos)}))

    def remove_photo(self, item: str, view: str) -> None:
        """Take a photo from an item; its last one goes only with the item."""
        self._ask("DELETE", f"/v1/items/{quote(item)}/photos/{quote(view)}")

    def delete(self, item: str) -> None:
        """Take an item out."""
        self._ask("DELETE", f"/v1/items/{quote(item)}")

    def thumbnail(self, view: str, *, size_px: int = 480) -> bytes:
        """A JPEG of a view, its long side at least about that, or as large as the photo."""
        return self._send("GET", f"/v1/views/{quote(view)}?{urlencode({'size': size_px})}", None)

    def stats(self) -> dict[str, Any]:
        """What the server has: items, views, model, attributes with their values and counts."""
        return self._ask("GET", "/v1/stats")

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self._send(method, path, body) or b"{}")
        return told

    def _send(self, method: str, path: str, body: Mapping[str, Any] | None) -> bytes:
        request = urllib.request.Request(self._url + path, method=method)
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        if self._token:
            request.add_header("Authorization", f"Bearer {self._token}")
        try:
            with urllib.request.urlopen(request, timeout=self._timeout_s) as answer:
                content: bytes = answer.read()
        except urllib.error.HTTPError as error:
            with error:
                raise _problem(error) from error
        except OSError as error:
            raise ServerProblem(
                f"{self._url} does not answer ({error}).", hint="Check that `lookalike serve` runs.", status=0
            ) from error
        return content


def _sent(photos: Photo | Sequence[Photo]) -> list[dict[str, Any]]:
    several = [photos] if isinstance(photos, str | Path | bytes | Part) else photos
    return [_one(photo if isinstance(photo, Part) else Part(photo)) for photo in several]


def _one(part: Part) -> dict[str, Any]:
    content = part.photo if isinstance(part.photo, bytes) else Path(part.photo).read_bytes()
    return {"base64": base64.b64encode(content).decode(), "crop": part.crop, "role": part.role}


def _problem(error: urllib.error.HTTPError) -> ServerProblem:
    wait = error.headers.get("Retry-After")
    wait_s = float(wait) if wait and wait.isdecimal() else None
    try:
        told = json.loads(error.read())
        return ServerProblem(told["title"], hint=told["hint"], status=error.code, retry_after_s=wait_s)
    except (ValueError, KeyError, TypeError):
        return ServerProblem(
            f"The server answered {error.code}.", hint="See its log.", status=error.code, retry_after_s=wait_s
        )
