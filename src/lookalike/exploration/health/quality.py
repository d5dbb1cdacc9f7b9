"""Photos that are bad as photos: too small, blurred, dark, watermarked, on an odd background, unreadable."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lookalike.evaluation.evaluated import Evaluated
from lookalike.exploration.health.findings import Finding
from lookalike.exploration.health.measures import Looks
from lookalike.exploration.health.neighbours import Neighbours, robust_z

LEAST_PX = 100  # a long side below which no view can be judged
SMALL_SHARE = 0.5  # of the catalogue's median long side
BLUR_Z, BLUR_LEAST = 3.0, 0.42
DARK_LIGHT = 0.5  # the brightest pixels of a photo that is exposed rightly are above it
STROKES_Z, STROKES_LEAST = 4.0, 0.012
PALETTE_APART, PALETTE_SHARE, PALETTE_EVEN = 0.08, 0.6, 0.5


def bad_photos(seen: Evaluated, looks: Looks, neighbours: Neighbours) -> list[Finding]:
    """All findings about single photos, in no order."""
    checks = (_unreadable, _small, _blurred, _dark, _off_palette)
    return [
        *(one for check in checks for one in check(seen, looks)),
        *_watermarked(seen, looks, neighbours),
    ]


def about(seen: Evaluated, row: int, kind: str, *, score: float, reason: str) -> Finding:
    """A finding about one photo."""
    score = float(np.clip(score, 0, 1))
    return Finding(kind, seen.items[row].id, (seen.views[row].name,), score, reason, (int(row),))


def _unreadable(seen: Evaluated, looks: Looks) -> list[Finding]:
    return [about(seen, row, "corrupt", score=1.0, reason=reason) for row, reason in looks.failed]


def _small(seen: Evaluated, looks: Looks) -> list[Finding]:
    if not len(looks):
        return []
    sides = _sides(looks)
    usual, limit = float(np.median(sides)), _limit(looks)
    return [
        about(
            seen,
            int(looks.rows[place]),
            "too_small",
            score=1 - sides[place] / limit / 2,
            reason=f"its long side has {sides[place]:.0f} px, the catalogue's median is {usual:.0f} px",
        )
        for place in np.flatnonzero(_too_small(looks))
    ]


def _blurred(seen: Evaluated, looks: Looks) -> list[Finding]:
    blur = looks["blur"]
    z = robust_z(blur)
    return [
        about(
            seen,
            int(looks.rows[place]),
            "blurred",
            score=blur[place],
            reason=f"blur {blur[place]:.2f} of 1, the catalogue's median is {np.median(blur):.2f}",
        )
        for place in np.flatnonzero((z > BLUR_Z) & (blur > BLUR_LEAST) & ~_too_small(looks))
    ]


def _dark(seen: Evaluated, looks: Looks) -> list[Finding]:
    light = looks["light"]
    return [
        about(
            seen,
            int(looks.rows[place]),
            "dark",
            score=1 - light[place],
            reason=f"95% of it is darker than {light[place]:.0%} of white",
        )
        for place in np.flatnonzero(light < DARK_LIGHT)
    ]


def _watermarked(seen: Evaluated, looks: Looks, neighbours: Neighbours) -> list[Finding]:
    """Photos with many more strokes than the most similar items have: a bicycle's spokes are no watermark."""
    strokes = np.full(len(seen), np.nan)
    strokes[looks.rows] = looks["strokes"]
    near = neighbours.rows[:, :5]
    usual = np.nanmedian(np.where(near >= 0, strokes[np.maximum(near, 0)], 0.0), axis=1)
    excess = np.nan_to_num(strokes - usual, nan=0.0)
    return [
        about(
            seen,
            int(row),
            "watermark",
            score=min(1.0, float(excess[row]) * 12),
            reason=f"{strokes[row]:.1%} of it are thin strokes on flat ground, {usual[row]:.1%} of its like",
        )
        for row in np.flatnonzero((robust_z(excess * 10) > STROKES_Z) & (excess > STROKES_LEAST))
    ]


def _off_palette(seen: Evaluated, looks: Looks) -> list[Finding]:
    """Even backgrounds unlike the usual one, where the catalogue has a usual one."""
    border, even = looks["border"], looks["even"] >= PALETTE_EVEN
    if not even.any():
        return []
    usual = np.median(border[even], axis=0)
    apart = np.abs(border - usual).max(axis=1)
    if ((apart < PALETTE_APART) & even).mean() < PALETTE_SHARE:
        return []
    return [
        about(
            seen,
            int(looks.rows[place]),
            "off_palette",
            score=0.5 + apart[place],
            reason=f"its background is {_hex(border[place])}, the usual one {_hex(usual)}",
        )
        for place in np.flatnonzero((apart >= PALETTE_APART) & even & (looks["light"] >= DARK_LIGHT))
    ]


def _sides(looks: Looks) -> NDArray[np.float32]:
    """The long sides of the photos, in pixels."""
    return np.maximum(looks["width_px"], looks["height_px"])


def _limit(looks: Looks) -> float:
    """The long side below which a photo is called too small."""
    return max(LEAST_PX, SMALL_SHARE * float(np.median(_sides(looks))))


def _too_small(looks: Looks) -> NDArray[np.bool_]:
    return _sides(looks) < _limit(looks) if len(looks) else np.zeros(0, np.bool_)


def _hex(colour: NDArray[np.floating]) -> str:
    return "#" + "".join(f"{round(255 * float(part)):02x}" for part in colour)
