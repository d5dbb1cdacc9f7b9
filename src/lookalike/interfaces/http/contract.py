"""The part of the OpenAPI document that FastAPI cannot work out: bodies in two forms, and problems."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from lookalike.interfaces.http import schemas

_PHOTO_FILES = {
    "type": "array",
    "items": {"type": "string", "format": "binary"},
    "maxItems": schemas.MOST_PHOTOS,
    "description": "Photos of the same thing, as files.",
}
_CROPS = {
    "type": "string",
    "description": "JSON: for each photo null or [left, top, right, bottom] as shares.",
}
_ROLES = {"type": "string", "description": "JSON: for each photo null or how the item is seen on it."}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The answers of a route when something is wrong."""
    body = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemBody"}}}
    return {status: {"description": _WORDS[status], "content": body} for status in (*statuses, 400, 403)}


_WORDS = {
    400: "The host or the request is malformed.",
    401: "A token is needed.",
    403: "The token or the origin may not do this.",
    404: "It is not in the catalogue.",
    408: "The body took too long.",
    409: "Another item of that id is there.",
    413: "The body or a photo is too large.",
    415: "The kind of body or photo is not understood.",
    422: "The request does not fit, or a photo cannot be used.",
    429: "Too much to do; see Retry-After.",
    503: "Not now; see Retry-After.",
}


def body_of(as_json: type[BaseModel], form: dict[str, Any]) -> dict[str, Any]:
    """A request body that is JSON or a form."""
    content = {
        "application/json": {"schema": inlined(as_json.model_json_schema())},
        "multipart/form-data": {"schema": form},
    }
    return {"requestBody": {"required": True, "content": content}}


def inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """A JSON schema with what it refers to in the places that refer to it."""
    definitions = schema.get("$defs", {})

    def opened(part: Any) -> Any:
        if isinstance(part, list):
            return [opened(each) for each in part]
        if not isinstance(part, dict):
            return part
        if "$ref" in part:
            return opened(definitions[part["$ref"].rpartition("/")[2]])
        return {name: opened(value) for name, value in part.items() if name != "$defs"}

    plain: dict[str, Any] = opened(schema)
    return plain


def _form(facts: type[BaseModel], more: dict[str, Any], required: list[str]) -> dict[str, Any]:
    properties = dict(inlined(facts.model_json_schema()).get("properties", {}))
    for name, kind in properties.items():
        if "array" in str(kind) or "object" in str(kind):
            properties[name] = {"type": "string", "description": f"JSON text. {kind.get('description', '')}"}
    properties.update({"photos": _PHOTO_FILES, **more})
    return {"type": "object", "properties": properties, "required": required}


def form_of(facts: type[BaseModel], required: list[str], *, several: bool = False) -> dict[str, Any]:
    """A form that holds one photo or several of one thing, their crops, and some facts."""
    one = {**_PHOTO_FILES, "maxItems": 1, "description": "The photo, as a file."}
    return _form(facts, {"crops": _CROPS, "photos": _PHOTO_FILES if several else one}, required)


FORM_OF: dict[str, dict[str, Any]] = {
    "search": _form(schemas.SearchOptions, {"crops": _CROPS}, []),
    "embed": _form(schemas.NoFacts, {"crops": _CROPS}, ["photos"]),
    "new item": _form(schemas.NewItemFacts, {"crops": _CROPS, "roles": _ROLES}, ["id", "photos"]),
    "item": _form(schemas.ItemFacts, {"crops": _CROPS, "roles": _ROLES}, ["photos"]),
    "photos": _form(schemas.NoFacts, {"crops": _CROPS, "roles": _ROLES}, ["photos"]),
}
