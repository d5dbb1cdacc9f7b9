"""The atlas as one HTML file that needs nothing else: style, script, data and thumbnails are in it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookalike.atomic import write_atomically
from lookalike.errors import SettingsError
from lookalike.exploration.atlas.laying import Atlas
from lookalike.exploration.atlas.sprites import ACROSS, Sprites, make_sprites
from lookalike.exploration.palette import DARK, LIGHT, OTHER

SCRIPTS = ("data.js", "plane.js", "dots.js", "map.js", "panel.js", "main.js")

Progress = Callable[[int, int], None]


def write_atlas(atlas: Atlas, path: Path, *, title: str = "Atlas", progress: Progress | None = None) -> Path:
    """Write the page as one HTML file.

    Args:
        atlas: what is shown.
        path: of the HTML file.
        title: of the page.
        progress: told how many thumbnails are made.

    Raises:
        SettingsError: the file cannot be written.
    """
    text = atlas_page(atlas, make_sprites(atlas.seen.views, progress=progress), title=title)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, text)
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be written ({error.strerror or error}).", hint="Choose another place."
        ) from error
    return path


def atlas_page(atlas: Atlas, sprites: Sprites, *, title: str = "Atlas") -> str:
    """The page as text; whatever the catalogue calls its items stays text."""
    data = json.dumps(facts_of(atlas, sprites), separators=(",", ":"), allow_nan=False)
    parts = {
        "title": escape(title),
        "style": _file("atlas.css"),
        "data": data.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"),
        "script": "\n".join(_file(name) for name in SCRIPTS),
    }
    page = _file("atlas.html")
    pieces = page.split("%%")  # text, name, text, name, ..., text
    return "".join(parts[piece] if place % 2 else piece for place, piece in enumerate(pieces))


def facts_of(atlas: Atlas, sprites: Sprites) -> dict[str, Any]:
    """What the page's script is given: numbers as base64, texts once each."""
    seen = atlas.seen
    items = list(dict.fromkeys(item.id for item in seen.items))
    place = {name: number for number, name in enumerate(items)}
    by_id = {item.id: item for item in seen.items}
    return {
        "method": atlas.method,
        "trust": atlas.trust,
        "count": len(seen),
        "points": _base64(_square(atlas.points).astype("<f4")),
        "item": _base64(np.array([place[item.id] for item in seen.items], "<i4")),
        "items": items,
        "attributes": [
            {key: str(value) for key, value in by_id[name].attributes.items() if value != ""}
            for name in items
        ],
        "roles": [view.role or "" for view in seen.views],
        "columns": {name: _column(values) for name, values in atlas.columns.items()},
        "scores": {name: _base64(np.asarray(score, "<f4")) for name, score in atlas.scores.items()},
        "sheets": list(sprites.sheets),
        "tile": sprites.tile_px,
        "across": ACROSS,
        "palette": {"light": list(LIGHT.colours), "dark": list(DARK.colours)},
        "other": OTHER,
    }


def _square(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """The points within -1..1, their shape kept; one point where all are the same."""
    middle = (points.max(axis=0) + points.min(axis=0)) / 2
    reach = float(np.ptp(points, axis=0).max()) / 2
    return np.asarray((points - middle) / (reach or 1.0))


def _column(values: list[str | None]) -> dict[str, Any]:
    names = sorted({value for value in values if value is not None})
    counts = dict.fromkeys(names, 0)
    for value in values:
        if value is not None:
            counts[value] += 1
    names.sort(key=lambda name: (-counts[name], name))
    number = {name: code for code, name in enumerate(names)}
    codes = np.array([-1 if value is None else number[value] for value in values], "<i2")
    return {"names": names, "codes": _base64(codes)}


def _base64(array: NDArray[Any]) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def _file(name: str) -> str:
    return files("lookalike.exploration.atlas").joinpath(name).read_text(encoding="utf-8")
