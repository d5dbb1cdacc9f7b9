"""Photo strips: rows of photos with a title each, as the study's validation pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from lookalike.catalogue.items import View
from lookalike.catalogue.photos import open_image
from lookalike.errors import ExplorationError, PhotoError
from lookalike.exploration.palette import LIGHT, Theme

TILE_PX, GAP_PX, TITLE_PX, NOTE_PX, MARGIN_PX = 132, 10, 26, 20, 18
TITLE_SIZE, NOTE_SIZE = 16, 13
MOST_ACROSS = 10


@dataclass(frozen=True, slots=True)
class Tile:
    """A photo in a strip, with a short note under it."""

    view: View
    note: str = ""


@dataclass(frozen=True, slots=True)
class Strip:
    """A row of photos under one title."""

    title: str
    tiles: tuple[Tile, ...]


def draw_strips(strips: Sequence[Strip], path: Path, *, theme: Theme = LIGHT) -> Path:
    """The strips one below the other, at most ten photos across; photos that are gone are an empty frame.

    Args:
        strips: what to draw.
        path: of the picture (png, jpg, webp).
        theme: paper and ink.

    Raises:
        ExplorationError: there is no strip.
    """
    if not strips:
        raise ExplorationError("There are no photos to draw.", hint="Choose more clusters or items.")
    across = min(MOST_ACROSS, max(len(strip.tiles) for strip in strips))
    has_notes = any(tile.note for strip in strips for tile in strip.tiles)
    height = TITLE_PX + TILE_PX + (NOTE_PX if has_notes else 0) + 2 * GAP_PX
    width = max(across * (TILE_PX + GAP_PX) - GAP_PX, 420) + 2 * MARGIN_PX
    sheet = Image.new("RGB", (width, len(strips) * height + 2 * MARGIN_PX - GAP_PX), theme.paper)
    for number, strip in enumerate(strips):
        _draw(sheet, strip, MARGIN_PX + number * height, theme)
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path)
    return path


def _draw(sheet: Image.Image, strip: Strip, top: int, theme: Theme) -> None:
    pen = ImageDraw.Draw(sheet)
    title = fitted(strip.title, sheet.width - 2 * MARGIN_PX, TITLE_SIZE)
    pen.text((MARGIN_PX, top), title, fill=theme.ink, font=ImageFont.load_default(TITLE_SIZE))
    for column, tile in enumerate(strip.tiles[:MOST_ACROSS]):
        left = MARGIN_PX + column * (TILE_PX + GAP_PX)
        _paste(sheet, tile.view, left, top + TITLE_PX, theme)
        note = fitted(tile.note, TILE_PX, NOTE_SIZE)
        pen.text(
            (left, top + TITLE_PX + TILE_PX + 3),
            note,
            fill=theme.quiet,
            font=ImageFont.load_default(NOTE_SIZE),
        )


def fitted(text: str, width_px: int, size: int) -> str:
    """The text, its end cut off by an ellipsis where it is wider than that."""
    font = ImageFont.load_default(size)
    if font.getlength(text) <= width_px:
        return text
    while text and font.getlength(text + "…") > width_px:
        text = text[:-1]
    return text.rstrip() + "…"


def _paste(sheet: Image.Image, view: View, left: int, top: int, theme: Theme) -> None:
    try:
        photo = open_image(view.source, long_side_px=TILE_PX, crop=view.crop)
    except PhotoError:
        pen = ImageDraw.Draw(sheet)
        pen.rectangle((left, top, left + TILE_PX - 1, top + TILE_PX - 1), outline=theme.line)
        pen.text((left + 8, top + TILE_PX // 2 - 8), "photo gone", fill=theme.quiet)
        return
    photo.thumbnail((TILE_PX, TILE_PX))
    sheet.paste(photo, (left + (TILE_PX - photo.width) // 2, top + (TILE_PX - photo.height) // 2))
