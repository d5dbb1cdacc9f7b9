"""An explanation as a picture or a page: both photos under their heat, and what kind of likeness it is."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from html import escape
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageOps

from lookalike.errors import SettingsError
from lookalike.retrieval.explaining.agreement import Heat
from lookalike.retrieval.explaining.correspondence import Spot
from lookalike.retrieval.explaining.explanation import Explanation
from lookalike.retrieval.explaining.links import Frame, draw_links, number_spots
from lookalike.retrieval.figure import ACCENT, GAP, INK, LINE, LINE_HEIGHT, MARGIN, PAPER, QUIET, SCALE, font
from lookalike.retrieval.pictures import GONE_GREY, Look, picture

PHOTO = 300 * SCALE
BAR = 10 * SCALE
COOL, WARM = np.array([255, 196, 0]), np.array([214, 32, 32])
"""Colours of faint and of strong heat."""
KIND_COLOURS = {"colour": "#d1495b", "texture": "#edae49", "shape": "#00798c"}


def draw_explanation(explanation: Explanation, out: Path) -> Path:
    """Write an explanation as a picture (``.png``) or as a page that stands alone (``.html``).

    Raises:
        SettingsError: another ending, or the file cannot be written.
    """
    ending = out.suffix.lower()
    if ending not in {".png", ".html"}:
        raise SettingsError(f"{out} is no kind of picture.", hint="Give a file that ends in .png or .html.")
    try:
        if ending == ".png":
            explanation_image(explanation).save(out, "PNG", optimize=True)
        else:
            out.write_text(_page(explanation), encoding="utf-8")
    except OSError as error:
        raise SettingsError(
            f"{out} cannot be written ({error.strerror or error}).", hint="Choose another place."
        ) from error
    return out


def heated(look: Look, heat: Heat, side_px: int = PHOTO) -> Image.Image | None:
    """A photo under its heat, its long side so many pixels; None where it cannot be read any more.

    The photo is greyed; warm places are those that the score comes from.
    """
    image = picture(look, side_px)
    if image is None:
        return None
    image = ImageOps.contain(image.convert("RGB"), (side_px, side_px))
    grid = Image.fromarray(heat.on_photo).resize(image.size, Image.Resampling.BICUBIC)
    amount = np.clip(np.asarray(grid), 0, 1)[..., None]
    grey = 0.75 * np.asarray(ImageOps.grayscale(image), np.float32)[..., None] + 0.25 * 255
    cover = 0.8 * amount**0.8
    warm = (1 - cover) * grey + cover * ((1 - amount) * COOL + amount * WARM)
    return Image.fromarray(warm.clip(0, 255).astype(np.uint8))


def explanation_image(explanation: Explanation) -> Image.Image:
    """Both photos side by side under their heat, and a bar with the shares."""
    head = LINE_HEIGHT + GAP // 2
    foot = (BAR + GAP + LINE_HEIGHT) if explanation.agreement.shares else 0
    sheet = Image.new(
        "RGB", (2 * MARGIN + 2 * PHOTO + 2 * GAP, 2 * MARGIN + head + PHOTO + GAP + foot), PAPER
    )
    draw = ImageDraw.Draw(sheet)
    faces = (
        ("Query", explanation.look, explanation.agreement.first, LINE),
        (_title(explanation), explanation.view_look, explanation.agreement.second, ACCENT),
    )
    frames: list[Frame] = []
    for place, (title, look, heat, edge) in enumerate(faces):
        left, top = MARGIN + place * (PHOTO + 2 * GAP), MARGIN + head
        draw.text((left, MARGIN), title, QUIET, font(13))
        box = (left, top, left + PHOTO, top + PHOTO)
        if (image := heated(look, heat)) is None:
            draw.rectangle(box, GONE_GREY)
        else:
            corner = (left + (PHOTO - image.width) // 2, top + (PHOTO - image.height) // 2)
            sheet.paste(image, corner)
            frames.append((*corner, *image.size))
        draw.rectangle(box, outline=edge, width=SCALE)
    if len(frames) == len(faces):
        draw_links(draw, explanation.agreement.places, *frames)
    if explanation.agreement.shares:
        _draw_shares(draw, explanation, top=MARGIN + head + PHOTO + GAP, width=sheet.width - 2 * MARGIN)
    return sheet


def _draw_shares(draw: ImageDraw.ImageDraw, explanation: Explanation, *, top: int, width: int) -> None:
    left, text_left = float(MARGIN), float(MARGIN)
    for kind, share in explanation.agreement.shares.items():
        draw.rectangle((left, top, left + share * width, top + BAR), KIND_COLOURS[kind])
        left += share * width
        line = top + BAR + GAP // 2
        words = f"{kind} {share:.0%}"
        draw.rectangle(
            (text_left, line + 4 * SCALE, text_left + BAR, line + 4 * SCALE + BAR), KIND_COLOURS[kind]
        )
        draw.text((text_left + BAR + 6 * SCALE, line), words, INK, font(13))
        text_left += BAR + 24 * SCALE + draw.textlength(words, font(13))


def _title(explanation: Explanation) -> str:
    role = f", {explanation.view.role}" if explanation.view.role else ""
    return f"{explanation.item}{role}   {explanation.agreement.score:.3f}"


def explanation_fragment(explanation: Explanation) -> str:
    """The explanation as HTML with its pictures inside, for notebooks; names are escaped."""
    agreement = explanation.agreement
    firsts, seconds = ([getattr(place, side) for place in agreement.places] for side in ("first", "second"))
    faces = "".join(
        f"<figure style='margin:0'>{_image(look, heat, alt, spots)}"
        f"<figcaption style='font-size:13px;color:#6b675f'>{escape(title)}</figcaption></figure>"
        for title, look, heat, alt, spots in (
            ("Query", explanation.look, agreement.first, "the query under its heat", firsts),
            (
                _title(explanation),
                explanation.view_look,
                agreement.second,
                "the view under its heat",
                seconds,
            ),
        )
    )
    bar = "".join(
        f"<span style='flex:{share:.4f};background:{KIND_COLOURS[kind]}'></span>"
        for kind, share in agreement.shares.items()
    )
    words = " · ".join(f"{kind} {share:.0%}" for kind, share in agreement.shares.items())
    return (
        "<div style='font:14px/1.4 system-ui,sans-serif;color:#1c1b19;background:#fff;max-width:720px'>"
        f"<div style='display:grid;grid-template-columns:1fr 1fr;gap:24px;align-items:end'>{faces}</div>"
        f"<div style='display:flex;height:10px;margin-top:12px;border-radius:5px;overflow:hidden'>{bar}</div>"
        f"<p style='margin:6px 0 0'>{words}{' · equal numbers mark like places' * bool(firsts)}</p></div>"
    )


def _image(look: Look, heat: Heat, alt: str, spots: Sequence[Spot]) -> str:
    image = heated(look, heat, 480)
    if image is None:
        return "<span>photo gone</span>"
    number_spots(image, spots)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=85)
    address = "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()
    return f"<img style='width:100%;border-radius:6px' src='{address}' alt='{alt}'>"


def _page(explanation: Explanation) -> str:
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<title>Why {escape(explanation.item)}</title></head>"
        f"<body style='margin:24px auto;max-width:720px'>{explanation_fragment(explanation)}</body></html>"
    )
