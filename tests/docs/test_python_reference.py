"""The page of the Python API is made from the code; run with REMAKE_DOCS=1 to write it anew."""

from __future__ import annotations

import inspect
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import is_dataclass
from functools import cached_property
from pathlib import Path
from types import FunctionType

import lookalike
from lookalike import errors

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "python.md"
WIDE = 100
"""Columns of a signature on one line."""
SECTIONS = {
    "Opening and filling": ("open", "index", "read_catalogue", "open_embedder", "tune", "serve"),
    "Searching": ("SearchEngine", "Query", "QueryPhoto", "Palette", "Between", "Ranking", "Match"),
    "Catalogues": ("Catalogue", "Item", "View"),
    "Models and vectors": ("Embedder", "Card", "Vectors"),
    "The store": ("Store",),
    "A running server": ("Client", "Ask"),
    "Errors": ("LookalikeError",),
}
INNER = {
    "SearchEngine": ("serving", "snapshot", "calibrations"),
    "Query": ("scoring",),
    "Store": ("check_fingerprint", "reading", "lookup", "writing"),
    "Ask": ("facts",),
}
"""What our own layers use and may change from one version to the next: not on the page."""
LISTS = ("Args:", "Raises:", "Returns:", "Attributes:")


def plain(annotation: object) -> str:
    """An annotation as it stands in the code."""
    return annotation if isinstance(annotation, str) else getattr(annotation, "__name__", str(annotation))


def default_of(parameter: inspect.Parameter) -> str:
    value = parameter.default
    shown = "..." if repr(value).startswith("<") or callable(value) else repr(value)
    if is_dataclass(value):
        shown = f"{type(value).__name__}()"
    return f" = {shown}" if parameter.annotation is not parameter.empty else f"={shown}"


def signature_of(name: str, called: object) -> str:
    """A call as it is written, on one line or on one for each argument."""
    try:
        signature = inspect.signature(called)  # type: ignore[arg-type]
    except ValueError:
        return name
    parts, keywords = [], False
    for parameter in signature.parameters.values():
        if parameter.name in ("self", "cls"):
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and not keywords:
            parts, keywords = [*parts, "*"], True
        noted = "" if parameter.annotation is parameter.empty else f": {plain(parameter.annotation)}"
        default = "" if parameter.default is parameter.empty else default_of(parameter)
        stars = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
        parts.append(stars + parameter.name + noted + default)
    returned = signature.return_annotation
    end = "" if inspect.isclass(called) or returned is signature.empty else f" -> {plain(returned)}"
    line = f"{name}({', '.join(parts)}){end}"
    return line if len(line) <= WIDE else f"{name}(\n    " + ",\n    ".join(parts) + f",\n){end}"


def blocks_of(doc: str) -> Iterator[str]:
    """A docstring's paragraphs, lists and examples as Markdown."""
    for block in re.split(r"\n\s*\n", inspect.cleandoc(doc)):
        first, _, rest = block.partition("\n")
        if block.startswith(">>>"):
            yield f"```pycon\n{block}\n```"
        elif first in LISTS:
            entries = re.split(r"\n(?=\S)", inspect.cleandoc(rest))
            lines = [re.sub(r"^([^:`(]+): ", r"**\1**: ", " ".join(entry.split())) for entry in entries]
            yield f"*{first}*\n\n" + "\n".join(f"- {line}" for line in lines)
        else:
            yield " ".join(block.split())


def told(doc: str | None) -> str:
    return "\n\n".join(blocks_of(doc or "")).replace("``", "`")


def members_of(kind: type) -> Iterator[tuple[str, object]]:
    """What a class adds of its own that others may use, in the order of the code."""
    for name, member in vars(kind).items():
        shown = isinstance(member, property | cached_property | classmethod | staticmethod | FunctionType)
        inner = name.startswith("_") or name in INNER.get(kind.__name__, ())
        if shown and member.__doc__ and not inner:
            yield name, member


def member_part(kind: type, name: str, member: object) -> str:
    if isinstance(member, property | cached_property):
        called = member.fget if isinstance(member, property) else member.func
        shown = f"{kind.__name__}.{name}: {plain(inspect.signature(called).return_annotation)}"  # type: ignore[arg-type]
    else:
        shown = signature_of(f"{kind.__name__}.{name}", getattr(kind, name))
    return f"```python\n{shown}\n```\n\n{told(member.__doc__)}"


def function_of(member: object) -> object:
    """The function whose signature says what a member takes and gives."""
    if isinstance(member, property):
        return member.fget
    return member.func if isinstance(member, cached_property) else getattr(member, "__func__", member)


def named_in(called: object, module: str) -> Iterator[tuple[str, type]]:
    """Classes of ours in a signature, with the names that they have in that module."""
    signature = inspect.signature(called)  # type: ignore[arg-type]
    annotations = [*(each.annotation for each in signature.parameters.values()), signature.return_annotation]
    for name in re.findall(r"[A-Z]\w*", " ".join(each for each in annotations if isinstance(each, str))):
        found = getattr(sys.modules[module], name, None)
        if inspect.isclass(found) and found.__module__.startswith("lookalike."):
            yield name, found


def further_types() -> list[tuple[str, type]]:
    """Classes in the signatures of the front door that are not on it, by name."""
    found: dict[str, type] = {}
    for name in lookalike.__all__:
        held = getattr(lookalike, name)
        found.update(named_in(held, held.__module__))
        for _, member in members_of(held) if inspect.isclass(held) else ():
            found.update(named_in(function_of(member), held.__module__))
    for kind in list(found.values()):
        found.update(named_in(kind, kind.__module__))
    return sorted(one for one in found.items() if one[0] not in lookalike.__all__)


def error_line(error: type, depth: int = 0) -> Iterator[str]:
    """An error and those below it, in the order of the code."""
    first, _, _ = (error.__doc__ or "").partition("\n")
    yield f"{'    ' * depth}- `{error.__name__}`: {first}"
    for below in error.__subclasses__():
        if below.__module__ == errors.__name__:
            yield from error_line(below, depth + 1)


def python_page() -> str:
    parts = [
        "# Python",
        "What `import lookalike` gives, in the code's own words. A name is loaded when it is first used, and "
        "type checkers see it. Vectors are float32 rows of length 1; a higher score is closer.",
    ]
    for title, names in SECTIONS.items():
        parts.append(f"## {title}")
        for name in names:
            held = getattr(lookalike, name)
            parts += [f"### {name}", f"```python\n{signature_of(name, held)}\n```", told(held.__doc__)]
            if inspect.isclass(held):
                parts += [member_part(held, *member) for member in members_of(held)]
    parts.append("All are in `lookalike.errors`, so that a caller may mend one kind and let the others pass:")
    parts.append("\n".join(error_line(errors.LookalikeError)))
    parts += [
        "## Further types",
        "What the signatures above name besides; imported from their modules where they are made by hand.",
    ]
    for name, kind in further_types():
        parts += [
            f"### {name}",
            f"```python\nfrom {kind.__module__} import {kind.__name__}\n\n{signature_of(name, kind)}\n```",
            told(kind.__doc__),
        ]
    return "\n\n".join(part for part in parts if part) + "\n"


def test_the_page_is_what_the_code_says():
    if os.environ.get("REMAKE_DOCS"):
        PAGE.write_text(python_page())
    assert PAGE.read_text() == python_page(), "run REMAKE_DOCS=1 make test"


def test_the_page_has_every_name_of_the_front_door():
    assert sorted(name for names in SECTIONS.values() for name in names) == lookalike.__all__


def test_every_argument_of_a_public_function_is_explained():
    for name in SECTIONS["Opening and filling"]:
        called = getattr(lookalike, name)
        for argument in inspect.signature(called).parameters:
            assert re.search(rf"^\s*(\w+, )*{argument}(, \w+)*: ", called.__doc__, re.MULTILINE), (
                name,
                argument,
            )
