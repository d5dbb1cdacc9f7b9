"""Like places drawn on two photos: numbered dots, and lines between them where both are on one sheet."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw

from lookalike.retrieval.explaining.correspondence import Correspondence, Spot
from lookalike.retrieval.figure import ACCENT, SCALE, font

Frame = tuple[int, int, int, int]
"""Left, top, width and height of a photo on a sheet, in pixels."""

RADIUS = 8 * SCALE
EDGE = "white"


def draw_links(
    draw: ImageDraw.ImageDraw, places: Sequence[Correspondence], first: Frame, second: Frame
) -> None:
    """A line from each place of the first photo to the like one of the second, edged in white."""
    ends = [(_on(first, place.first), _on(second, place.second)) for place in places]
    for colour, width in ((EDGE, 3 * SCALE), (ACCENT, SCALE)):
        for end in ends:
            draw.line(end, fill=colour, width=width)
    for number, end in enumerate(ends, 1):
        for spot in end:
            _dot(draw, spot, number)


def number_spots(image: Image.Image, spots: Sequence[Spot]) -> None:
    """Dots numbered from 1 on a photo: the same number stands on the like place of the other photo."""
    draw = ImageDraw.Draw(image)
    for number, spot in enumerate(spots, 1):
        _dot(draw, _on((0, 0, *image.size), spot), number)


def _dot(draw: ImageDraw.ImageDraw, middle: tuple[float, float], number: int) -> None:
    across, down = middle
    box = (across - RADIUS, down - RADIUS, across + RADIUS, down + RADIUS)
    draw.ellipse(box, fill=ACCENT, outline=EDGE, width=SCALE)
    draw.text(middle, str(number), EDGE, font(10), anchor="mm")


def _on(frame: Frame, spot: Spot) -> tuple[float, float]:
    left, top, width, height = frame
    return left + spot[0] * width, top + spot[1] * height
