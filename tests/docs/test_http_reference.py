"""The page of the HTTP API is made from its OpenAPI document; run with REMAKE_DOCS=1 to write it anew."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from lookalike.interfaces.http.app import create_app
from lookalike.retrieval.engine import SearchEngine
from lookalike.retrieval.store import Store
from tests.retrieval.conftest import TinyEmbedder

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "http.md"
USUAL = {"400", "401", "403"}

Described = dict[str, Any]

INTRODUCTION = """\
Made from the server's own `/openapi.json`. What went wrong comes as `application/problem+json` (RFC 9457)
with `title`, `detail`, `hint` (the next step) and `status`. Besides the answers below, every route may
say 400 (the host is not ours), 401 (a token is needed) and 403 (the token or the origin may not do this)."""


@pytest.fixture
def document(tmp_path: Path) -> Described:
    embedder = TinyEmbedder()
    store = Store.create(tmp_path / "store", card=embedder.card)
    return create_app(SearchEngine(embedder, store)).openapi()


def page_of(document: Described) -> str:
    parts = ["# HTTP API", INTRODUCTION]
    for path, methods in document["paths"].items():
        parts += [operation(document, method, path, told) for method, told in methods.items()]
    return "\n\n".join(parts) + "\n"


def operation(document: Described, method: str, path: str, told: Described) -> str:
    lines = [f"## {method.upper()} {path}", told["description"]]
    rows = [
        ("path" if one["in"] == "path" else "query", one["name"], one["schema"], one)
        for one in told.get("parameters", [])
    ]
    content = told.get("requestBody", {}).get("content", {})
    for kind, name in (("multipart/form-data", "form"), ("application/json", "JSON")):
        fields = resolved(document, content.get(kind, {}).get("schema", {})).get("properties", {})
        rows += [(name, field, schema, schema) for field, schema in fields.items()]
    if rows:
        table = [
            f"| {place} | `{name}` | {kind_of(document, schema)} | {meaning(facts)} |"
            for place, name, schema, facts in rows
        ]
        lines.append("\n".join(["| in | name | kind | |", "|---|---|---|---|", *table]))
    answers = [
        f"{status}: {facts['description']}"
        for status, facts in sorted(told["responses"].items())
        if status not in USUAL
    ]
    lines.append("\n".join(f"- {answer}" for answer in answers))
    return "\n\n".join(lines)


def resolved(document: Described, schema: Described) -> Described:
    if "$ref" not in schema:
        return schema
    return document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]


def kind_of(document: Described, schema: Described) -> str:
    schema = resolved(document, schema)
    if "anyOf" in schema:
        kinds = dict.fromkeys(kind_of(document, one) for one in schema["anyOf"])
        return " or ".join(kinds)
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {kind_of(document, schema['items'])}" if "items" in schema else "list"
    limits = [
        f"{sign} {schema[name]:g}" for name, sign in (("minimum", "≥"), ("maximum", "≤")) if name in schema
    ]
    kind = "file" if schema.get("format") == "binary" else schema.get("type", "value")
    return f"{kind} {', '.join(limits)}".strip()


def meaning(facts: Described) -> str:
    default = facts.get("default", facts.get("schema", {}).get("default"))
    words = [facts.get("description", "").replace("\n", " ").replace("|", "\\|")]
    if default not in (None, "", [], {}):
        words.append(f"Default: `{default}`.")
    return " ".join(word for word in words if word)


def test_the_page_of_the_api_is_what_the_server_says(document):
    if os.environ.get("REMAKE_DOCS"):
        PAGE.write_text(page_of(document))
    assert PAGE.read_text() == page_of(document), "run REMAKE_DOCS=1 make test"


def test_every_route_and_every_query_parameter_is_described(document):
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            assert told.get("description"), f"{method} {path}"
            for parameter in told.get("parameters", []):
                assert parameter["in"] == "path" or parameter.get("description"), (
                    f"{path} {parameter['name']}"
                )
