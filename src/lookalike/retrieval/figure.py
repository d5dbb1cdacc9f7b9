"""The picture of a ranking: the query at the left, the items it found at the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

from lookalike.errors import SettingsError
from lookalike.retrieval.figure_html import ranking_page
from lookalike.retrieval.pictures import GONE_GREY, Look, look_of, other_views, picture
from lookalike.retrieval.query import QueryPhoto
from lookalike.retrieval.ranking import Match, Ranking

PAPER, INK, QUIET, LINE, ACCENT = "#ffffff", "#1c1b19", "#77736b", "#e4e1da", "#0b7a75"
SCALE = 2  # drawn at twice the size, for sharp screens
MARGIN = 24 * SCALE
GAP = 16 * SCALE
CARD = 176 * SCALE
SMALL = 40 * SCALE
LINE_HEIGHT = 20 * SCALE
CARD_HEIGHT = CARD + SMALL + 2 * LINE_HEIGHT + 20 * SCALE
COLUMNS = 5
QUERY_PHOTOS = 4
SMALL_VIEWS = 4


@dataclass(frozen=True, slots=True)
class _Box:
    left: int
    top: int
    side: int

    @property
    def corners(self) -> tuple[int, int, int, int]:
        return self.left, self.top, self.left + self.side, self.top + self.side


def draw_ranking(ranking: Ranking, *, out: str | Path) -> Path:
    """Write a ranking as a picture (``.png``) or as a page that stands alone (``.html``).

    Raises:
        SettingsError: another ending, or the file cannot be written.
    """
    out = Path(out)
    try:
        if out.suffix.lower() == ".png":
            ranking_image(ranking).save(out, "PNG", optimize=True)
        elif out.suffix.lower() in (".html", ".htm"):
            out.write_text(ranking_page(ranking), encoding="utf-8")
        else:
            raise SettingsError(
                f"{out} is no kind of picture.", hint="Give a file that ends in .png or .html."
            )
    except OSError as error:
        raise SettingsError(
            f"{out} cannot be written ({error.strerror or error}).", hint="Choose another place."
        ) from error
    return out


def ranking_image(ranking: Ranking) -> Image.Image:
    """The ranking as one RGB picture; photos that cannot be read any more are grey."""
    columns = max(1, min(COLUMNS, len(ranking)))
    rows = max(1, -(-len(ranking) // columns))
    left = MARGIN + CARD + 2 * GAP
    size = (
        left + columns * CARD + (columns - 1) * GAP + MARGIN,
        2 * MARGIN + LINE_HEIGHT + GAP // 2 + rows * CARD_HEIGHT + (rows - 1) * GAP,
    )
    sheet = Image.new("RGB", size, PAPER)
    draw = ImageDraw.Draw(sheet)
    _draw_query(sheet, draw, ranking.photos)
    _draw_asked(draw, ranking)
    draw.line((left - GAP, MARGIN, left - GAP, size[1] - MARGIN), LINE, SCALE)
    top = MARGIN + LINE_HEIGHT + GAP // 2
    heading = "Best matches" if len(ranking) else "No item matches"
    draw.text((left, MARGIN), heading, QUIET, font(13))
    for place, match in enumerate(ranking):
        row, column = divmod(place, columns)
        corner = (left + column * (CARD + GAP), top + row * (CARD_HEIGHT + GAP))
        _draw_match(sheet, draw, corner, place + 1, match)
    return sheet


def _draw_query(sheet: Image.Image, draw: ImageDraw.ImageDraw, photos: Sequence[QueryPhoto]) -> None:
    draw.text((MARGIN, MARGIN), "Query", QUIET, font(13))
    top = MARGIN + LINE_HEIGHT + GAP // 2
    if len(photos) == 1:
        _paste(sheet, draw, Look(photos[0].source, photos[0].crop), _Box(MARGIN, top, CARD))
        return
    side = (CARD - GAP // 2) // 2
    for place, photo in enumerate(photos[:QUERY_PHOTOS]):
        row, column = divmod(place, 2)
        box = _Box(MARGIN + column * (side + GAP // 2), top + row * (side + GAP // 2), side)
        _paste(sheet, draw, Look(photo.source, photo.crop), box)
    if len(photos) > QUERY_PHOTOS:
        below = top + CARD + GAP // 2
        draw.text((MARGIN, below), f"and {len(photos) - QUERY_PHOTOS} more", QUIET, font(12))


def _draw_asked(draw: ImageDraw.ImageDraw, ranking: Ranking) -> None:
    """What was asked besides photos, a line a part, below them."""
    top = MARGIN + LINE_HEIGHT + GAP // 2
    if ranking.photos:
        top += CARD + GAP // 2 + (LINE_HEIGHT if len(ranking.photos) > QUERY_PHOTOS else 0)
    for line in ranking.asked:
        draw.text((MARGIN, top), _fitted(draw, line, CARD), INK, font(13))
        top += LINE_HEIGHT


def _draw_match(
    sheet: Image.Image, draw: ImageDraw.ImageDraw, corner: tuple[int, int], rank: int, match: Match
) -> None:
    left, top = corner
    _paste(sheet, draw, look_of(match.view), _Box(left, top, CARD), marked=True)
    top += CARD + 8 * SCALE
    score = f"{match.score:.3f}"
    width = int(draw.textlength(score, font(13)))
    draw.text((left + CARD - width, top), score, ACCENT, font(13))
    draw.text((left, top), _fitted(draw, f"{rank}  {match.item}", CARD - width - GAP // 2), INK, font(13))
    top += LINE_HEIGHT
    draw.text((left, top), _fitted(draw, _caption(match), CARD), QUIET, font(11))
    top += LINE_HEIGHT
    step = SMALL + 4 * SCALE
    others = other_views(match, SMALL_VIEWS)
    for place, view in enumerate(others):
        _paste(sheet, draw, look_of(view), _Box(left + place * step, top, SMALL))
    hidden = len(match.views) - 1 - len(others)
    if hidden:
        at = (left + len(others) * step - SCALE, top + SMALL - 14 * SCALE)
        draw.text(at, f"+{hidden}", QUIET, font(11))


def _caption(match: Match) -> str:
    role = match.view.role or "view"
    if len(match.views) == 1:
        return f"its only view ({role})" if match.view.role else "its only view"
    return f"matched: {role}, view {match.matched + 1} of {len(match.views)}"


def _paste(
    sheet: Image.Image, draw: ImageDraw.ImageDraw, look: Look, box: _Box, *, marked: bool = False
) -> None:
    image = picture(look, box.side)
    if image is None:
        draw.rectangle(box.corners, GONE_GREY)
        draw.text((box.left + 8 * SCALE, box.top + 8 * SCALE), "photo gone", QUIET, font(11))
    else:
        image = ImageOps.contain(image, (box.side, box.side))  # small photos fill their box too
        left = box.left + (box.side - image.width) // 2
        sheet.paste(image.convert("RGB"), (left, box.top + (box.side - image.height) // 2))
    draw.rectangle(box.corners, outline=ACCENT if marked else LINE, width=(2 if marked else 1) * SCALE)


def _fitted(draw: ImageDraw.ImageDraw, text: str, width: int) -> str:
    """The text on one line, cut where it would not fit."""
    text = "".join(sign if sign.isprintable() else " " for sign in text)
    if draw.textlength(text, font(13)) <= width:
        return text
    while text and draw.textlength(text + "…", font(13)) > width:
        text = text[:-1]
    return text + "…"


@cache
def font(size_pt: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The drawing's typeface at a size in points."""
    return ImageFont.load_default(size_pt * SCALE)
