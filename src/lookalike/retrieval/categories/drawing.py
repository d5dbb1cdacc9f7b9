"""A photo beside the bars of what it shows."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from lookalike.catalogue.photos import open_image
from lookalike.errors import QueryError
from lookalike.retrieval.categories.predicting import Prediction

PHOTO_PX, BAR_PX, LINE_PX, EDGE_PX, NAME_PX = 260, 300, 34, 20, 170
GROUND, INK, SOFT, ACCENT, PALE = "#faf8f4", "#1c2321", "#5b645f", "#1d4a45", "#e4dfd5"


def draw_bars(prediction: Prediction, out: Path, *, photo: Path | bytes, most: int = 8) -> Path:
    """Draw a photo and the most probable values as bars.

    Args:
        prediction: what the photo shows.
        out: of the picture, a PNG.
        photo: that was asked.
        most: values that are drawn.

    Raises:
        QueryError: the picture's name is no PNG's.
        PhotoError: the photo cannot be read.
    """
    if out.suffix.lower() != ".png":
        raise QueryError(f"{out} is no .png.", hint="Give a name that ends in .png.")
    shown = prediction.guesses[:most]
    height = max(PHOTO_PX, (len(shown) + 1) * LINE_PX) + 2 * EDGE_PX
    picture = Image.new("RGB", (PHOTO_PX + NAME_PX + BAR_PX + 5 * EDGE_PX + 40, height), GROUND)
    image = open_image(photo, long_side_px=PHOTO_PX)
    picture.paste(image, (EDGE_PX, EDGE_PX))
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(16)
    left = PHOTO_PX + 2 * EDGE_PX
    pen.text((left, EDGE_PX), prediction.column, fill=SOFT, font=font)
    for number, guess in enumerate(shown):
        top = EDGE_PX + (number + 1) * LINE_PX
        pen.text((left, top), _short(guess.value, font), fill=INK, font=font)
        start = left + NAME_PX + EDGE_PX
        pen.rounded_rectangle((start, top + 3, start + BAR_PX, top + 17), 7, fill=PALE)
        filled = round(BAR_PX * guess.probability)
        if filled >= 7:
            pen.rounded_rectangle((start, top + 3, start + filled, top + 17), 7, fill=ACCENT)
        pen.text((start + BAR_PX + 10, top), f"{guess.probability:.0%}", fill=INK, font=font)
    picture.save(out)
    return out


def _short(name: str, font: ImageFont.ImageFont | ImageFont.FreeTypeFont) -> str:
    """The name, cut where it would run into the bars."""
    if font.getlength(name) <= NAME_PX:
        return name
    while name and font.getlength(name + "…") > NAME_PX:
        name = name[:-1]
    return name + "…"
