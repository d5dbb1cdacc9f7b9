"""The small pictures in a drawn ranking: photos at a size, and a placeholder for those that are gone."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from lookalike.catalogue.photos import open_image
from lookalike.errors import PhotoError
from lookalike.retrieval.ranking import Match
from lookalike.retrieval.records import Crop, StoredView

GONE_GREY = (236, 236, 232)


@dataclass(frozen=True, slots=True)
class Look:
    """A photo as it was compared: its source, and the part that counted."""

    source: Path | bytes
    crop: Crop | None = None


def look_of(view: StoredView) -> Look:
    """A view of the catalogue as it was compared."""
    return Look(view.path, view.crop)


def other_views(match: Match, limit: int) -> list[StoredView]:
    """The first few views of an item beside the one that met the query."""
    others = [view for place, view in enumerate(match.views) if place != match.matched]
    return others[:limit]


def picture(look: Look, long_side_px: int) -> Image.Image | None:
    """The photo, its long side at most so many pixels; None where it cannot be read any more."""
    try:
        return open_image(look.source, long_side_px=long_side_px, crop=look.crop)
    except PhotoError:
        return None


def data_uri(look: Look, long_side_px: int) -> str | None:
    """The photo as a JPEG of our own making within an address, for pages that stand alone."""
    image = picture(look, long_side_px)
    if image is None:
        return None
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, "JPEG", quality=85)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()
