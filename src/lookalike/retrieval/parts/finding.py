"""Finding items of a store in a scene, and the scene with its marks as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from lookalike.catalogue.photos import open_image, read_photo
from lookalike.embedding.embedder import Embedder
from lookalike.errors import SettingsError, StoreError
from lookalike.retrieval.engine import SearchEngine
from lookalike.retrieval.figure import ACCENT, font
from lookalike.retrieval.parts.scene import (
    DEFAULT_LOOKING,
    LONG_SIDE_PX,
    Array,
    Looking,
    Mark,
    Wanted,
    look_for,
)
from lookalike.retrieval.query import QueryPhoto, weigh_colour
from lookalike.retrieval.snapshot import Snapshot

PHOTO = "photo"
"""What marks name where a photo rather than an item is looked for."""


@dataclass(frozen=True, eq=False)
class MarkedScene:
    """A scene and where in it the wanted things seem to be, best first.

    Args:
        scene: upright, in sRGB.
        marks: best first.
    """

    scene: Image.Image
    marks: tuple[Mark, ...]

    def to_dict(self) -> dict[str, Any]:
        """The marks as JSON has them."""
        return {"marks": [mark.to_dict() for mark in self.marks]}

    def above(self, score: float) -> MarkedScene:
        """The scene with the marks of at least that score."""
        return replace(self, marks=tuple(mark for mark in self.marks if mark.score >= score))

    def picture(self) -> Image.Image:
        """The scene with its marks: the best one in full, the others thin."""
        scene = self.scene.convert("RGB").copy()
        draw = ImageDraw.Draw(scene)
        line = max(2, round(max(scene.size) / 250))
        for place, mark in reversed(list(enumerate(self.marks))):
            size = (scene.width, scene.height) * 2
            box = [round(share * side) for share, side in zip(mark.box, size, strict=True)]
            width = line if place == 0 else max(1, line // 2)
            draw.rectangle(box, outline="#ffffff", width=width + 2)
            draw.rectangle(box, outline=ACCENT, width=width)
            _label(draw, f"{mark.item} {mark.score:.2f}", box)
        return scene

    def save(self, out: str | Path) -> Path:
        """Write the picture (``.png`` or ``.jpg``).

        Raises:
            SettingsError: another ending, or the file cannot be written.
        """
        out = Path(out)
        if out.suffix.lower() not in {".png", ".jpg", ".jpeg"}:
            raise SettingsError(
                f"{out} is no kind of picture.", hint="Give a file that ends in .png or .jpg."
            )
        try:
            self.picture().save(out)
        except OSError as error:
            raise SettingsError(
                f"{out} cannot be written ({error.strerror or error}).", hint="Choose another place."
            ) from error
        return out


def find(
    engine: SearchEngine,
    scene: str | Path | bytes | QueryPhoto,
    items: Sequence[str] = (),
    *,
    photos: Sequence[str | Path | bytes] = (),
    colour: float | None = None,
    looking: Looking = DEFAULT_LOOKING,
) -> MarkedScene:
    """Where items of the store, or the thing on some photos, are in a scene.

    Args:
        engine: whose model and store are asked.
        scene: the photo to look through.
        items: by id; with neither items nor photos all items of the store are looked for.
        photos: of one thing that need not be in the store.
        colour: how much colour counts against shape, 0 to 1; None as the model has it.
        looking: windows, refinement, and how many marks.

    Raises:
        QueryError: there is no such item, or an option is out of range.
        PhotoError: the scene or a photo cannot be used.
        StoreError: the store is empty.
    """
    serving = engine.serving
    asked = scene if isinstance(scene, QueryPhoto) else QueryPhoto(_source(scene))
    opened = open_image(asked.source, long_side_px=LONG_SIDE_PX, crop=asked.crop)
    wanted = wanted_of(serving.index.snapshot, serving.embedder, items, colour=colour, beside=bool(photos))
    if photos:
        size_px = serving.embedder.card.size_px
        decoded = [read_photo(_source(photo), size_px=size_px) for photo in photos]
        wanted[PHOTO] = weighed(serving.embedder.encode(decoded), serving.embedder, colour)
    return MarkedScene(opened, look_for(serving.embedder, opened, Wanted.of(wanted), looking=looking))


def wanted_of(
    snapshot: Snapshot,
    embedder: Embedder,
    items: Sequence[str],
    *,
    colour: float | None,
    beside: bool = False,
) -> dict[str, Array]:
    """The vectors of items by id, weighed as queries are; of all items where none is named.

    Args:
        snapshot, embedder: that belong together.
        items: ids.
        colour: the dial.
        beside: whether photos are looked for too, so that no item need be named.

    Raises:
        QueryError: there is no such item, or the dial cannot be followed.
        StoreError: the store is empty.
    """
    if not len(snapshot) and not beside:
        raise StoreError("The store has no items.", hint="Fill it: lookalike index PHOTOS --store STORE")
    for item in items:
        snapshot.place(item)
    named = items or (() if beside else tuple(snapshot.places))
    return {item: weighed(snapshot.vectors(snapshot.places[item]), embedder, colour) for item in named}


def weighed(vectors: Array, embedder: Embedder, colour: float | None) -> Array:
    """Vectors with the dial in them."""
    return vectors if colour is None else weigh_colour(vectors, embedder.card, colour)


def _source(photo: str | Path | bytes) -> Path | bytes:
    return photo if isinstance(photo, bytes) else Path(photo)


def _label(draw: ImageDraw.ImageDraw, text: str, box: list[int]) -> None:
    letters = font(7)
    wide = draw.textlength(text, letters)
    top = box[1] - 18 if box[1] > 18 else box[1] + 2
    draw.rectangle((box[0], top, box[0] + wide + 8, top + 17), "#ffffff")
    draw.text((box[0] + 4, top + 1), text, "#1c1b19", letters)
