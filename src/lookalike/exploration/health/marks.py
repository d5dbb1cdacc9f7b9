"""Writing over the background of a photo, as a watermark leaves it: small faint marks in lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.exploration.features import library

EVEN = 0.5  # share of the border in one colour, from which there is a ground to see writing on
GROUND = 0.03  # difference from the border's colour up to which a pixel is ground
FAINT, STRONG = 0.06, 0.55  # the strongest difference of a mark; a thing of its own differs by more
LEAST_PX, LEAST_AREA_PX = 4, 6  # height and area of a mark that can be seen
TALLEST = 0.25  # of the photo's height
WIDEST = 6.0  # times its height: letters that run together, not a shadow
SAME_LINE, SAME_HEIGHT, SAME_STRENGTH = 0.35, 1.67, 0.15
MOST_MARKS = 200  # more is a texture
MOST_SPOTS = 60  # of any size; more are a texture, unless half of them stand in lines
LETTERS_OF_LINE = 4


@dataclass(frozen=True, slots=True)
class Mark:
    """A connected spot on the ground: its box in pixels, and how much it differs from the ground at most."""

    top: int
    bottom: int
    left: int
    right: int
    strength: float

    @property
    def height(self) -> int:
        """In pixels."""
        return self.bottom - self.top

    @property
    def letters(self) -> int:
        """How many letters may have run together into it."""
        return max(1, round(1.2 * (self.right - self.left) / self.height))

    def in_line_with(self, other: Mark) -> bool:
        """Whether both may be letters of one line: side by side, as high, and as faint."""
        apart = abs(self.top + self.bottom - other.top - other.bottom) / 2
        return (
            apart < SAME_LINE * self.height
            and 1 / SAME_HEIGHT < other.height / self.height < SAME_HEIGHT
            and abs(self.strength - other.strength) < SAME_STRENGTH
        )


def written_marks(pixels: NDArray[np.float32], border: NDArray[np.float32], even: float) -> int:
    """How many marks on the background stand in lines of four letters or more.

    The background is what has the border's colour and is joined to the border; a thing's own writing and its
    thin parts hang together with the thing, so they are no marks.

    Args:
        pixels: RGB, 0 to 1, shape (height, width, 3).
        border: the border's colour, shape (3,).
        even: share of the border that has it; below ``EVEN`` nothing is looked for.
    """
    if even < EVEN:
        return 0
    marks, spots = _marks(np.abs(pixels - border).max(axis=2))
    if len(marks) > MOST_MARKS:
        return 0
    lines = ([other for other in marks if one.in_line_with(other)] for one in marks)
    written = sum(sum(mark.letters for mark in line) >= LETTERS_OF_LINE for line in lines)
    return written if spots <= max(MOST_SPOTS, 2 * written) else 0


def _marks(apart: NDArray[np.float32]) -> tuple[list[Mark], int]:
    """The faint spots of letter size that touch nothing but the ground, and the number of all spots."""
    morphology = library("scipy.ndimage", "Looking for watermarks")
    stretches, _ = morphology.label(apart < GROUND)
    edge = np.concatenate([stretches[0], stretches[-1], stretches[:, 0], stretches[:, -1]])
    ground = np.isin(stretches, np.unique(edge[edge > 0]))
    spots, count = morphology.label(~ground, np.ones((3, 3), np.int64))
    if not count:
        return [], 0
    strength = morphology.maximum(apart, spots, np.arange(1, count + 1))
    area = np.bincount(spots.ravel(), minlength=count + 1)[1:]
    found = [
        Mark(rows.start, rows.stop, columns.start, columns.stop, float(peak))
        for (rows, columns), peak in zip(morphology.find_objects(spots), strength, strict=True)
    ]
    height, width = apart.shape
    letters = [
        mark
        for mark, size in zip(found, area.tolist(), strict=True)
        if _may_be_letter(mark, size, height_px=height, width_px=width)
    ]
    return letters, count


def _may_be_letter(mark: Mark, area_px: int, *, height_px: int, width_px: int) -> bool:
    width = mark.right - mark.left
    return (
        LEAST_PX <= mark.height <= TALLEST * height_px
        and width <= min(WIDEST * mark.height, 0.8 * width_px)
        and FAINT < mark.strength < STRONG
        and LEAST_AREA_PX <= area_px < 0.8 * mark.height * width + 8
    )
