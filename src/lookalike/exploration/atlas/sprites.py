"""Thumbnails of all photos, packed into a few pictures of our own making."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from PIL import Image

from lookalike.catalogue.items import View
from lookalike.catalogue.photos import open_image
from lookalike.errors import PhotoError

ACROSS = 24  # tiles in a row and rows in a sheet: sheets of at most 1,536 px, which every browser holds
QUALITY = 72

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Sprites:
    """Sheets of square tiles; photo n is tile n, counted along rows and sheets.

    Args:
        sheets: WebP pictures as data addresses.
        tile_px: side of a tile.
        gone: rows whose photo could not be read; their tile is grey.
    """

    sheets: tuple[str, ...]
    tile_px: int
    gone: tuple[int, ...]


def tile_size_px(photos: int) -> int:
    """The side of a tile, smaller for more photos so that the page stays below some 25 MB."""
    return 64 if photos <= 3000 else 48 if photos <= 10_000 else 36


def make_sprites(
    views: Sequence[View], *, tile_px: int | None = None, progress: Progress | None = None
) -> Sprites:
    """Thumbnails of the views on white, letterboxed, in their order.

    Args:
        views: whose photos.
        tile_px: side of a tile; by the number of photos where None.
        progress: told after every sheet, in photos.
    """
    side = tile_px or tile_size_px(len(views))
    sheets, gone = [], []
    with ThreadPoolExecutor(2) as pool:
        for start in range(0, len(views), ACROSS * ACROSS):
            part = views[start : start + ACROSS * ACROSS]
            rows = -(-len(part) // ACROSS)
            sheet = Image.new("RGB", (ACROSS * side, rows * side), "white")
            for place, tile in enumerate(pool.map(lambda view: _tile(view, side), part)):
                left, top = place % ACROSS * side, place // ACROSS * side
                if tile is None:
                    gone.append(start + place)
                    tile = Image.new("RGB", (side, side), "#d9dde1")
                sheet.paste(tile, (left + (side - tile.width) // 2, top + (side - tile.height) // 2))
            sheets.append(_address(sheet))
            if progress is not None:
                progress(start + len(part), len(views))
    return Sprites(tuple(sheets), side, tuple(gone))


def _tile(view: View, side: int) -> Image.Image | None:
    try:
        photo = open_image(view.source, long_side_px=side, crop=view.crop)
    except PhotoError:
        return None
    photo.thumbnail((side, side))
    return photo


def _address(sheet: Image.Image) -> str:
    buffer = io.BytesIO()
    sheet.save(buffer, "WEBP", quality=QUALITY, method=2)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()
