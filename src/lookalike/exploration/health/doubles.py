"""The same photo twice: in two items, or as two views of one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.evaluation.evaluated import Evaluated
from lookalike.exploration.health.findings import Finding
from lookalike.exploration.health.measures import Looks


@dataclass(frozen=True, slots=True)
class Alike:
    """How alike two photos are, or from when on they are one shot.

    Args:
        contrast: cosine of two small pictures, their means taken away.
        level: root mean squared difference, of 255: a recoloured copy differs by more.
        edges: cosine of two pictures of edges: neighbouring angles of a turned thing differ by more.
    """

    contrast: float
    level: float
    edges: float

    def reaches(self, wanted: Alike) -> bool:
        """Whether a pair is as alike as is wanted."""
        close = self.contrast >= wanted.contrast and self.level <= wanted.level
        return close and self.edges >= wanted.edges


ACROSS = (Alike(contrast=0.98, level=9.0, edges=0.955),)
WITHIN = (
    Alike(contrast=0.96, level=12.0, edges=0.92),
    Alike(contrast=0.985, level=20.0, edges=0.87),
    Alike(contrast=0.94, level=8.0, edges=0.95),
)
"""Between views of one item, of which one may be a crop of the other, and a false alarm costs less. A crop of
a strong shape on white moves its edges, so level and edges differ more; one of a thin thing has less contrast
in common."""


def doubled_photos(seen: Evaluated, looks: Looks) -> list[Finding]:
    """Photos of the same content, and copies that were recompressed, resized or slightly edited.

    One finding for each two items that share photos, and one for each item with nearly identical views.
    """
    pairs: dict[tuple[int, int], list[tuple[float, int, int]]] = defaultdict(list)
    for one, other, likeness in alike_pairs(seen, looks):
        first, second = sorted((int(looks.rows[one]), int(looks.rows[other])))
        exact = seen.ids[first] == seen.ids[second]
        key = (int(seen.codes[first]), int(seen.codes[second]))
        pairs[min(key), max(key)].append((1.0 if exact else min(likeness, 0.99999), first, second))
    return [_doubled(seen, found) for found in pairs.values()]


def _doubled(seen: Evaluated, pairs: list[tuple[float, int, int]]) -> Finding:
    likeness, first, second = max(pairs)
    rows = tuple(sorted({row for _, one, other in pairs for row in (one, other)}))
    same_item = seen.codes[first] == seen.codes[second]
    what = "the very same file" if likeness == 1 else f"small pictures alike by {likeness:.4f}"
    reason = f"{what}; {len(rows)} photos" if len(rows) > 2 else what
    return Finding(
        kind="near_duplicate" if same_item else "same_photo",
        item=seen.items[first].id,
        views=tuple(seen.views[row].name for row in rows),
        score=float(np.clip((likeness - 0.98) * 50, 0, 1)),
        reason=reason,
        rows=rows,
        others=() if same_item else (seen.items[second].id,),
    )


def alike_pairs(seen: Evaluated, looks: Looks) -> Iterator[tuple[int, int, float]]:
    """Pairs of rows of ``looks`` that are one shot, with the likeness of their small pictures."""
    small, edges, codes = looks["small"], looks["edges"], seen.codes[looks.rows]
    contrast = _contrast(small)
    least = min(wanted.contrast for wanted in (*ACROSS, *WITHIN))
    for start in range(0, len(small), 512):
        likeness = contrast[start : start + 512] @ contrast.T
        for row, column in zip(*np.nonzero(likeness >= least), strict=True):
            one, other = int(start + row), int(column)
            if one >= other:
                continue
            found = Alike(
                contrast=float(likeness[row, column]),
                level=float(np.sqrt(((small[one] - small[other]) ** 2).mean())),
                edges=float(edges[one] @ edges[other]),
            )
            if any(map(found.reaches, WITHIN if codes[one] == codes[other] else ACROSS)):
                yield one, other, found.contrast


def _contrast(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    if not len(pixels):
        return pixels
    centred = pixels - pixels.mean(axis=1, keepdims=True)
    return np.asarray(centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-6))
