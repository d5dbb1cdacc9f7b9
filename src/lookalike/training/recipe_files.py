"""Recipes out of TOML files: those of the package by name, any by its path; an unknown key is an error."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from lookalike.errors import TrainingError
from lookalike.training.recipe import FORMAT, Recipe
from lookalike.training.recipe_limits import check_limits

FOLDER = Path(__file__).with_name("recipes")


def known_recipes() -> list[str]:
    """Names of the recipes in the package, in the order of the alphabet."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load_recipe(name_or_path: str | Path, *, settings: Sequence[str] = ()) -> Recipe:
    """A recipe of the package by name, or a TOML file, with single values changed.

    Args:
        name_or_path: such as ``resnet34-simclr``, or a path ending in ``.toml``.
        settings: such as ``schedule.epochs=5``; values as TOML writes them, bare words as text.

    Raises:
        TrainingError: no such recipe, it is not TOML, or a key or a value is wrong.
    """
    path = Path(name_or_path)
    if path.suffix != ".toml":
        path = FOLDER / f"{name_or_path}.toml"
        if not path.is_file():
            raise TrainingError(
                f"There is no recipe {str(name_or_path)!r}.",
                hint=f"Choose one of: {', '.join(known_recipes())}; or give a TOML file.",
            )
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TrainingError(
            f"The recipe {path} cannot be read ({error.strerror}).",
            hint="Give a TOML file, or a name of `lookalike train --list`.",
        ) from error
    except ValueError as error:
        raise TrainingError(f"{path} is not TOML ({error}).", hint="Mend the file.") from error
    values.setdefault("name", path.stem)
    for setting in settings:
        _set(values, setting)
    return recipe_of(values)


def recipe_of(values: Mapping[str, Any]) -> Recipe:
    """A recipe from plain values.

    Raises:
        TrainingError: an unknown key, a value of the wrong kind or beyond its limits, or another version.
    """
    recipe: Recipe = _parse(Recipe, values, where="")
    if recipe.version != FORMAT:
        raise TrainingError(
            f"The recipe is of version {recipe.version}; this is version {FORMAT}.",
            hint="Bring it up to date, and set version.",
        )
    check_limits(recipe)
    return recipe


def _set(values: dict[str, Any], setting: str) -> None:
    key, equals, text = setting.partition("=")
    if not equals:
        raise TrainingError(f"{setting!r} sets nothing.", hint="Write section.key=value.")
    *sections, last = key.strip().split(".")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except ValueError:
        value = text.strip()
    for section in sections:
        values = values.setdefault(section, {})
        if not isinstance(values, dict):
            raise TrainingError(
                f"{setting!r} sets a part of {section!r}, which is one value.",
                hint=f"Write {'.'.join(sections)}=VALUE.",
            )
    values[last] = value


def _parse(kind: type[Any], values: Any, *, where: str) -> Any:
    """A dataclass from a mapping, its sections likewise."""
    if not isinstance(values, Mapping):
        raise TrainingError(
            f"{where.rstrip('.') or 'The recipe'} must be a table of keys and values.",
            hint=f"Known there: {', '.join(one.name for one in fields(kind))}.",
        )
    known = [one.name for one in fields(kind)]
    unknown = sorted(set(values) - set(known))
    if unknown:
        raise TrainingError(
            f"The recipe has an unknown key {where + unknown[0]!r}.", hint=f"Known here: {', '.join(known)}."
        )
    hints = get_type_hints(kind)
    return kind(**{key: _value(hints[key], value, where=where + key) for key, value in values.items()})


def _value(kind: Any, value: Any, *, where: str) -> Any:
    if is_dataclass(kind):
        return _parse(kind, value, where=f"{where}.")  # type: ignore[arg-type]
    if get_origin(kind) is tuple and isinstance(value, list | tuple):
        return tuple(_value(get_args(kind)[0], each, where=where) for each in value)
    if get_origin(kind) is Literal:
        if value in get_args(kind):
            return value
        wanted = "one of " + ", ".join(get_args(kind))
    else:
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            return float(value)
        if type(value) is kind:
            return value
        wanted = "a list" if get_origin(kind) is tuple else f"of kind {kind.__name__}"
    raise TrainingError(f"{where} is {value!r}; it must be {wanted}.", hint="Change the recipe or --set.")
