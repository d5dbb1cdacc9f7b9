"""Reading request bodies: JSON, or multipart with photos as files; both become the same values."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import from_json

from lookalike.interfaces.http import schemas
from lookalike.interfaces.http.multipart import Part, read_parts
from lookalike.interfaces.http.problems import Problem, invalid
from lookalike.interfaces.http.query_options import FurtherOptions
from lookalike.interfaces.http.schemas import MOST_VIEWS, CropBox, PhotoBody, Word
from lookalike.retrieval.filters import Between, Where

Facts = TypeVar("Facts", bound=BaseModel)

_CROPS = TypeAdapter(list[CropBox | None])
_WHERE = TypeAdapter(schemas.WhereMap)
_ROLES = TypeAdapter(list[Word | None])
_PHOTO_FIELDS = frozenset({"photos", "crops", "roles"})
_JSON_FIELDS = frozenset({"where", "attributes", "views", "items", "exclude", *FurtherOptions.LISTS})


@dataclass(frozen=True, slots=True, eq=False)
class SentPhoto:
    """A photo as it came: its bytes, the part that counts, and how the item is seen."""

    content: bytes
    crop: CropBox | None = None
    role: str | None = None


@dataclass(frozen=True, slots=True)
class Sent(Generic[Facts]):
    """A request body: its photos in the order that they came, and everything else."""

    photos: list[SentPhoto]
    facts: Facts


async def read_body(request: Request, as_json: type[Facts], facts: type[Facts]) -> Sent[Facts]:
    """The body of a request.

    Args:
        request: whose body it is.
        as_json: what it holds as JSON; ``photos`` among it.
        facts: what it holds besides photos when it is a form.

    Raises:
        Problem: it is neither, or does not fit.
    """
    stated = request.headers.get("content-type", "")
    kind = stated.partition(";")[0].strip().lower()
    if kind == "application/json":
        return await run_in_threadpool(_read_json, await request.body(), as_json)
    if kind == "multipart/form-data":
        parts = await read_parts(stated, request.stream(), most_files=MOST_VIEWS)
        try:
            return _read_form(parts, facts)
        except ValidationError as error:
            raise invalid(list(error.errors())) from error
    raise Problem(
        415,
        f"A body of type {kind or 'none'!r} is not understood.",
        "Send multipart/form-data or application/json.",
    )


def where_of(text: str) -> schemas.WhereMap:
    """Filters from the JSON text of a query parameter; an empty text is none.

    Raises:
        Problem: they do not fit.
    """
    try:
        return _WHERE.validate_json(text or "{}")
    except ValidationError as error:
        raise invalid([{**misfit, "loc": ("where", *misfit["loc"])} for misfit in error.errors()]) from error


def conditions(where: schemas.WhereMap) -> Where:
    """Filters as the engine takes them."""
    return {
        name: Between(wanted.low, wanted.high) if isinstance(wanted, schemas.Range) else wanted
        for name, wanted in where.items()
    }


def _read_json(body: bytes, as_json: type[Facts]) -> Sent[Facts]:
    try:
        read = as_json.model_validate_json(body)
    except ValidationError as error:
        raise invalid(list(error.errors())) from error
    return Sent([_decoded(photo) for photo in getattr(read, "photos", [])], read)


def _read_form(parts: list[Part], facts: type[Facts]) -> Sent[Facts]:
    sent = [part for part in parts if part.name == "photos"]
    if not all(part.is_file for part in sent):
        raise Problem(422, "photos: a photo came as text.", "Send each photo as a file, with a file name.")
    told = {part.name: part.text for part in parts if not part.is_file}
    read = facts.model_validate(
        {name: _field(name, text) for name, text in told.items() if name not in _PHOTO_FIELDS}
    )
    crops = _CROPS.validate_json(told.get("crops") or "[]")
    roles = _ROLES.validate_json(told.get("roles") or "[]")
    if len(crops) > len(sent) or len(roles) > len(sent):
        raise Problem(422, "There are more crops or roles than photos.", "Send one for each photo, or none.")
    crops += [None] * (len(sent) - len(crops))
    roles += [None] * (len(sent) - len(roles))
    photos = [
        SentPhoto(part.content, crop, role) for part, crop, role in zip(sent, crops, roles, strict=True)
    ]
    return Sent(photos, read)


def _field(name: str, text: str) -> Any:
    if name not in _JSON_FIELDS:
        return text
    try:
        return from_json(text, allow_inf_nan=False)
    except ValueError as error:
        raise Problem(422, f"{name} is no JSON ({error}).", "Send this field as JSON text.") from error


def _decoded(photo: PhotoBody) -> SentPhoto:
    try:
        content = base64.b64decode(photo.base64, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Problem(
            422, f"A photo is no base64 ({error}).", "Encode the file's bytes as base64."
        ) from error
    return SentPhoto(content, photo.crop, photo.role)
