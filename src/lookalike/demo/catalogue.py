"""The demo catalogue on disk: a folder of photos per item and the table that lists them."""

from __future__ import annotations

import csv
import json
import multiprocessing
import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path

from PIL import Image

from lookalike.demo.designs import Design, design
from lookalike.demo.shots import Shot, photograph, shots_of
from lookalike.errors import CatalogueError, SettingsError

DRAWING = 2
"""Raised when the same seed draws other pictures than before, so that old folders are drawn anew."""

COLUMNS = (
    "path", "item_id", "title", "category", "department", "family", "colour", "pattern", "material", "price",
    "view", "azimuth_deg", "elevation_deg",
)  # fmt: skip

JPEG_QUALITY = 80

_RECIPE, _TABLE, _PHOTOS = "recipe.json", "images.csv", "items"


@dataclass(frozen=True)
class Recipe:
    """What a catalogue is drawn from.

    Args:
        items: how many; item n of a seed is the same however many there are.
        views: photos per item, the last of them in a room.
        size_px: width and height of each photo.

    Raises:
        SettingsError: a number is out of range.
    """

    items: int = 96
    views: int = 7
    seed: int = 0
    size_px: int = 288
    drawing: int = DRAWING

    def __post_init__(self) -> None:
        for name, low, high in (
            ("items", 1, 1_000_000),
            ("views", 1, 360),
            ("seed", 0, 2**31),
            ("size_px", 16, 2048),
        ):
            value = getattr(self, name)
            if not low <= value <= high:
                raise SettingsError(f"{name} is {value}.", hint=f"Choose {name} between {low} and {high}.")


def draw_catalogue(
    folder: Path,
    recipe: Recipe | None = None,
    *,
    processes: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Draw the demo catalogue into a folder.

    Each item appears whole or not at all, and the table last; a run that was stopped goes on where it
    was, and one with the same recipe has nothing to do.

    Args:
        folder: made if absent; photos go to ``items/<item-id>/<nn>_<role>.jpg``.
        recipe: how much to draw; by default 96 items of seven views.
        processes: how many to draw with; more than one needs an importable main module.
        progress: called with (items done, items in all).

    Returns:
        the table, ``folder/images.csv``, to be read by ``read_catalogue``.

    Raises:
        CatalogueError: the folder holds something else, or cannot be written.
    """
    recipe = recipe or Recipe()
    try:
        _claim(folder, recipe)
        missing = [
            n for n in range(recipe.items) if not (folder / _PHOTOS / design(n, seed=recipe.seed).id).is_dir()
        ]
        done = recipe.items - len(missing)
        for _ in _drawn(folder, recipe, missing, processes):
            done += 1
            if progress:
                progress(done, recipe.items)
        return _write_table(folder, recipe)
    except OSError as error:
        raise CatalogueError(
            f"{folder}: the demo catalogue cannot be written ({error.strerror or error}).",
            hint="Choose a folder that can be written and has room.",
        ) from error


def _claim(folder: Path, recipe: Recipe) -> None:
    """Make the folder ours: empty, or drawn by us before; another recipe's photos go."""
    marker, wanted = folder / _RECIPE, json.dumps(asdict(recipe), indent=1)
    if marker.is_file() and marker.read_text() == wanted:
        return
    if folder.is_dir() and any(folder.iterdir()) and not marker.is_file():
        raise CatalogueError(
            f"{folder} is not empty and holds no demo catalogue.",
            hint="Choose an empty folder, or one that does not exist.",
        )
    if marker.is_file():
        (folder / _TABLE).unlink(missing_ok=True)
        shutil.rmtree(folder / _PHOTOS, ignore_errors=True)
    (folder / _PHOTOS).mkdir(parents=True, exist_ok=True)
    _replace(marker, wanted)


def _drawn(folder: Path, recipe: Recipe, numbers: list[int], processes: int) -> Iterator[None]:
    """Draw the items, one step per finished item."""
    draw = partial(_draw_item, folder, recipe)
    if processes <= 1 or len(numbers) < 2:
        yield from map(draw, numbers)
        return
    context = multiprocessing.get_context("spawn")  # safe beside threads, and the same on every system
    with ProcessPoolExecutor(
        min(processes, len(numbers)), mp_context=context, initializer=_end_with_parent
    ) as pool:
        yield from pool.map(draw, numbers, chunksize=2)


def _end_with_parent() -> None:
    """In a worker: leave Ctrl-C to the parent, and end when it does, however that came about."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent,), daemon=True).start()


def _end_after(parent: BaseProcess) -> None:
    """Wait for the parent's end; a killed parent cannot tell its workers to stop."""
    parent.join()
    os._exit(1)


def _draw_item(folder: Path, recipe: Recipe, number: int) -> None:
    """Photograph one item into a folder that gets its name when it is whole."""
    what = design(number, seed=recipe.seed)
    final = folder / _PHOTOS / what.id
    partial_folder = folder / _PHOTOS / f".{what.id}.{os.getpid()}.part"
    partial_folder.mkdir(parents=True, exist_ok=True)
    for shot in shots_of(what, views=recipe.views):
        picture = Image.fromarray(photograph(what, shot, size_px=recipe.size_px))
        picture.save(partial_folder / _file_name(shot), quality=JPEG_QUALITY, optimize=True)
    partial_folder.rename(final)


def _file_name(shot: Shot) -> str:
    """Such as ``00_front.jpg``."""
    return f"{shot.take:02d}_{shot.role}.jpg"


def _rows(what: Design, recipe: Recipe) -> Iterator[dict[str, object]]:
    """The item's rows of the table, one per photo."""
    for shot in shots_of(what, views=recipe.views):
        yield {
            "path": f"{_PHOTOS}/{what.id}/{_file_name(shot)}",
            "item_id": what.id,
            **what.attributes,
            "view": shot.role,
            "azimuth_deg": shot.azimuth_deg,
            "elevation_deg": shot.elevation_deg,
        }


def _write_table(folder: Path, recipe: Recipe) -> Path:
    """Write the table in one step, and clear what stopped runs left behind."""
    for leftover in (folder / _PHOTOS).glob(".*.part"):
        shutil.rmtree(leftover, ignore_errors=True)
    fresh = folder / f"{_TABLE}.part"
    with fresh.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for number in range(recipe.items):
            writer.writerows(_rows(design(number, seed=recipe.seed), recipe))
    return fresh.replace(folder / _TABLE)


def _replace(path: Path, text: str) -> None:
    """Write a small file in one step."""
    fresh = path.with_name(path.name + ".part")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)
