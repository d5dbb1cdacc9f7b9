"""Photos that are bad as photos: too small, blurred, dark, watermarked, on an odd background, unreadable."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lookalike.evaluation.evaluated import Evaluated
from lookalike.exploration.health.findings import Finding
from lookalike.exploration.health.measures import Looks
from lookalike.exploration.health.neighbours import robust_z

LEAST_PX = 100  # a long side below which no view can be judged
SMALL_SHARE = 0.5  # of the catalogue's median long side
BLUR_Z, BLUR_LEAST = 3.0, 0.42
DARK_LIGHT = 0.5  # the brightest pixels of a photo that is exposed rightly are above it
LEAST_MARKS = 3  # a word over the background
PALETTE_APART, PALETTE_SHARE, PALETTE_EVEN = 0.08, 0.6, 0.5


def bad_photos(seen: Evaluated, looks: Looks) -> list[Finding]:
    """All findings about single photos, in no order."""
    checks = (_unreadable, _small, _blurred, _dark, _watermarked, _off_palette)
    return [one for check in checks for one in check(seen, looks)]


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


def _watermarked(seen: Evaluated, looks: Looks) -> list[Finding]:
    """Photos with faint writing over their background; one without an even background cannot be told."""
    marks = looks["marks"]
    return [
        about(
            seen,
            int(looks.rows[place]),
            "watermark",
            score=1 - np.exp(-marks[place] / 6),
            reason=f"{marks[place]:.0f} faint marks in lines, as of letters, lie on its background",
        )
        for place in np.flatnonzero(marks >= LEAST_MARKS)
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
