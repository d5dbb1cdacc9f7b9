"""What one look at each photo tells: size, sharpness, light, border, writing, and two small fingerprints."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from lookalike.catalogue.items import View
from lookalike.catalogue.photos import read_photo
from lookalike.errors import PhotoError
from lookalike.exploration.health.marks import written_marks

LOOK_PX = 192  # the side at which photos are looked at
SIDE_PX = 16  # of the fingerprint in colour
EDGE_PX = 24  # of the fingerprint of edges
BLUR_TAPS = 9

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, eq=False)
class PhotoLook:
    """One photo's measures.

    Args:
        width_px, height_px: of the photo itself.
        blur: 0 sharp to 1 blurred (Crété-Roffet et al. 2007): how little a further blur changes.
        light: the 95th percentile of its lightness, 0 to 1.
        marks: how many small faint marks on the background stand in lines, as letters do.
        border: median RGB of its outermost pixels, 0 to 1, shape (3,).
        even: share of the border within 0.06 of that colour.
        small: the photo in ``SIDE_PX`` x ``SIDE_PX`` x 3, 0 to 255, flattened.
        edges: unit vector of edge strength on ``EDGE_PX`` x ``EDGE_PX`` cells, colour left out.
        colour: mean RGB weighted towards what is not border colour, 0 to 1, shape (3,).
    """

    width_px: float
    height_px: float
    blur: float
    light: float
    marks: float
    border: NDArray[np.float32]
    even: float
    small: NDArray[np.float32]
    edges: NDArray[np.float32]
    colour: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Looks:
    """The measures of all photos that could be read, one row each; see ``PhotoLook`` for the columns.

    Args:
        rows: which photo each row is of.
        failed: photos that could not be read, with the reason.
    """

    rows: NDArray[np.int64]
    columns: dict[str, NDArray[np.float32]]
    failed: tuple[tuple[int, str], ...]

    def __getitem__(self, name: str) -> NDArray[np.float32]:
        return self.columns[name]

    def __len__(self) -> int:
        return len(self.rows)


def look_at(views: Sequence[View], *, progress: Progress | None = None) -> Looks:
    """Measure every photo, each decoded once; photos that cannot be read are listed, not raised.

    Args:
        views: whose photos.
        progress: told after every 64 photos.
    """
    found: list[PhotoLook] = []
    rows: list[int] = []
    failed: list[tuple[int, str]] = []
    with ThreadPoolExecutor(2) as pool:
        for start, outcomes in _chunks(views, pool):
            for row, outcome in enumerate(outcomes, start=start):
                if isinstance(outcome, PhotoLook):
                    rows.append(row)
                    found.append(outcome)
                else:
                    failed.append((row, outcome))
            if progress is not None:
                progress(min(start + 64, len(views)), len(views))
    columns = {
        field.name: np.array([getattr(one, field.name) for one in found], np.float32)
        for field in fields(PhotoLook)
    }
    return Looks(np.array(rows, np.int64), columns, tuple(failed))


def _chunks(views: Sequence[View], pool: ThreadPoolExecutor) -> Iterable[tuple[int, list[PhotoLook | str]]]:
    remaining = iter(views)
    start = 0
    while part := list(islice(remaining, 64)):
        yield start, list(pool.map(look, part))
        start += len(part)


def look(view: View) -> PhotoLook | str:
    """One photo's measures, or why it cannot be read."""
    try:
        photo = read_photo(view.source, size_px=LOOK_PX, crop=view.crop)
    except PhotoError as error:
        return f"{error.reason}: {error.message}"
    left, top, right, bottom = photo.content
    whole = photo.pixels.astype(np.float32)
    pixels = np.asarray(whole[top:bottom, left:right] / 255, np.float32)
    grey = pixels @ np.array([0.299, 0.587, 0.114], np.float32)
    border, even = _border(pixels)
    return PhotoLook(
        width_px=photo.width_px,
        height_px=photo.height_px,
        blur=blur_of(grey),
        light=float(np.percentile(grey, 95)),
        marks=written_marks(pixels, border, even),
        border=border,
        even=even,
        small=_cells(whole, SIDE_PX),
        edges=_edges(whole @ np.array([0.299, 0.587, 0.114], np.float32)),
        colour=_item_colour(pixels, border),
    )


def blur_of(grey: NDArray[np.float32]) -> float:
    """No-reference blur, 0 sharp to 1 blurred; a plain surface counts as sharp, there is nothing to see.

    Crété-Roffet, Dolmiere, Ladret and Nicolas, "The Blur Effect: Perception and Estimation with a New
    No-Reference Perceptual Blur Metric", 2007: the share of the differences of neighbours that is left
    after a strong blur, the larger of both directions.

    Args:
        grey: 0 to 1, shape (height, width).
    """
    worst = 0.0
    for plane in (grey, grey.T):
        if len(plane) <= BLUR_TAPS:
            continue
        total = np.cumsum(np.pad(plane, ((1, 0), (0, 0))), axis=0, dtype=np.float64)
        blurred = (total[BLUR_TAPS:] - total[:-BLUR_TAPS]) / BLUR_TAPS
        half = BLUR_TAPS // 2
        before = np.abs(np.diff(plane[half : half + len(blurred)], axis=0))
        lost = np.maximum(before - np.abs(np.diff(blurred, axis=0)), 0).sum()
        if before.sum() > 1e-3 * before.size:
            worst = max(worst, float(1 - lost / before.sum()))
    return worst


def _border(pixels: NDArray[np.float32]) -> tuple[NDArray[np.float32], float]:
    band = max(1, min(pixels.shape[:2]) // 25)
    edge = np.concatenate(
        [part.reshape(-1, 3) for part in (pixels[:band], pixels[:, :band], pixels[:, -band:])]
    )  # not the bottom: people and things are cut off there
    middle = np.median(edge, axis=0)
    return middle.astype(np.float32), float((np.abs(edge - middle).max(axis=1) < 0.06).mean())


def _item_colour(pixels: NDArray[np.float32], border: NDArray[np.float32]) -> NDArray[np.float32]:
    weight = np.abs(pixels - border).max(axis=2) > 0.12
    chosen = pixels[weight] if weight.any() else pixels.reshape(-1, 3)
    return np.asarray(chosen.mean(axis=0), np.float32)


def _cells(pixels: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    step = LOOK_PX // side
    return np.asarray(pixels.reshape(side, step, side, step, -1).mean(axis=(1, 3)).ravel(), np.float32)


def _edges(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    along, across = np.gradient(grey)
    strength = np.sqrt(_cells(np.hypot(along, across)[:, :, None], EDGE_PX))
    return np.asarray(strength / max(float(np.linalg.norm(strength)), 1e-6), np.float32)
