"""Photos, items or groups that stand on both sides of a split, where they make figures too good."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.catalogue.items import Catalogue, Item, View
from lookalike.catalogue.photos import read_photo
from lookalike.errors import EvaluationError, PhotoError
from lookalike.evaluation.evaluated import Evaluated, codes_of

SIDE_PX = 16
FINER = 6  # thumbnails are averaged from photos so many times finer, lest the way of resizing shows
THRESHOLD = 0.995
"""Cosine of two thumbnails' contrast from which photos count as the same shot."""

MOST_NEAR = 20_000  # views whose thumbnails are compared pair by pair
LEVEL = 6.0  # root mean squared difference, of 255, that thumbnails of one shot stay below


@dataclass(frozen=True, slots=True)
class Leak:
    """One thing on both sides: ``same item``, ``same group``, ``same photo`` or ``near-duplicate``."""

    kind: str
    left: str
    right: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.left}" + ("" if self.left == self.right else f" and {self.right}")


@dataclass(frozen=True, slots=True)
class LeakReport:
    """Everything found on both sides, and what was compared."""

    leaks: tuple[Leak, ...]
    compared: str

    def require_clean(self) -> None:
        """Refuse a leaking split.

        Raises:
            EvaluationError: something stands on both sides.
        """
        if self.leaks:
            raise EvaluationError(
                f"The split leaks: {len(self.leaks)} found on both sides, the first {self.leaks[0]}.",
                hint="Split by item, or by a group column that near-duplicates share (a style).",
            )


def check_split(
    left: Catalogue, right: Catalogue, *, group: str | None = None, near: bool = True
) -> LeakReport:
    """What two catalogues, such as the two sides of a split, share that they should not.

    Args:
        left, right: the two sides.
        group: an attribute whose values may stand on one side only.
        near: also decode the photos and compare small thumbnails.
    """
    leaks = [Leak("same item", name, name) for name in _shared((i.id for i in left), (i.id for i in right))]
    if group is not None:
        leaks += [Leak(f"same {group}", v, v) for v in _shared(_values(left, group), _values(right, group))]
    ours, theirs = list(left.views()), list(right.views())
    leaks += same_photos(ours, theirs)
    if near:
        leaks += near_duplicates(ours, theirs)
    compared = "ids" + (f", {group}" if group else "") + ", content hashes" + (", thumbnails" if near else "")
    return LeakReport(tuple(leaks), compared)


def same_photos(left: list[tuple[Item, View]], right: list[tuple[Item, View]]) -> list[Leak]:
    """Photos of the same content on both sides; a view on both sides is a leak too."""
    ours = _by_content(left)
    return [
        Leak("same photo", ours[name].name, view.name)
        for name, view in _by_content(right).items()
        if name in ours
    ]


def near_duplicates(
    left: list[tuple[Item, View]], right: list[tuple[Item, View]], *, threshold: float = THRESHOLD
) -> list[Leak]:
    """Photos that look the same at 16 px though their bytes differ: recompressed, resized, slightly edited.

    Both must hold: the thumbnails' contrast (mean taken away) has a cosine of at least ``threshold``,
    and their pixels differ by little, so that a recoloured copy is not called a duplicate.
    """
    ours, our_photos = _thumbnails(left)
    theirs, their_photos = _thumbnails(right)
    pairs = ((our_photos[row], their_photos[column]) for row, column in _alike(ours, theirs, threshold))
    return [Leak("near-duplicate", one.name, other.name) for one, other in pairs if one.id != other.id]


def leaks_across(left: list[tuple[Item, View]], right: list[tuple[Item, View]]) -> tuple[str, ...]:
    """Near-duplicates on both sides of a split, as lines for a report; they make its figures too good.

    Args:
        left: the views that are learned from.
        right: those that are measured on; both together at most ``MOST_NEAR`` views.
    """
    if len(left) + len(right) > MOST_NEAR:
        return ("near-duplicates across the split were not looked for",)
    found = near_duplicates(left, right)
    if not found:
        return ()
    count = len({leak.right for leak in found})
    photos = "1 held-out photo is" if count == 1 else f"{count} held-out photos are"
    return (f"near-duplicates across the split: {photos} like one learned from, the first {found[0].right}",)


def leaks_within(seen: Evaluated, *, near: bool = True) -> tuple[str, ...]:
    """What makes a model's figures on these views easier than they look, as lines for a report.

    The same photo, or nearly the same, twice in one item makes a query find itself; in two items it
    makes the right answer a matter of luck.

    Args:
        seen: the views; photos that are gone from disk are compared by content hash only.
        near: also decode the photos and compare small thumbnails (at most ``MOST_NEAR`` views).
    """
    inside, across = doubled_content(seen.ids, [item.id for item in seen.items])
    lines = [f"same photo: {inside} views have their very photo twice in their item"] if inside else []
    lines += [f"same photo: {across} views have their very photo in another item"] if across else []
    if not near or len(seen) > MOST_NEAR:
        return (*lines, "near-duplicates were not looked for")
    thumbnails, photos = _thumbnails(list(zip(seen.items, seen.views, strict=True)))
    row_of = {id(view): row for row, view in enumerate(seen.views)}
    rows = np.array([row_of[id(view)] for view in photos], np.int64)
    pairs = [(rows[a], rows[b]) for a, b in _alike(thumbnails, thumbnails, THRESHOLD) if rows[a] < rows[b]]
    different = [(a, b) for a, b in pairs if seen.ids[a] != seen.ids[b]]
    same_item = sum(bool(seen.codes[a] == seen.codes[b]) for a, b in different)
    lines += [f"near-duplicates: {same_item} {_pairs(same_item)} within one item"] if same_item else []
    apart = len(different) - same_item
    lines += [f"near-duplicates: {apart} {_pairs(apart)} of different items"] if apart else []
    return tuple(lines)


def doubled_content(ids: Iterable[str], items: Iterable[str]) -> tuple[int, int]:
    """How many rows share their photo with another row of the same item, and of another item.

    >>> doubled_content(["p", "p", "q", "q"], ["cup", "cup", "cup", "hat"])
    (2, 2)
    """
    photo, item = codes_of(list(ids)), codes_of(list(items))
    of_photo = np.bincount(photo)[photo]
    _, both, count = np.unique(np.stack([photo, item]), axis=1, return_inverse=True, return_counts=True)
    of_both = count[both.ravel()]
    return int((of_both > 1).sum()), int((of_photo > of_both).sum())


def _shared(left: Iterable[str], right: Iterable[str]) -> list[str]:
    return sorted(set(left) & set(right))


def _values(catalogue: Catalogue, column: str) -> Iterable[str]:
    for item, view in catalogue.views():
        value = view.attributes.get(column, item.attributes.get(column))
        if value is not None:
            yield str(value)


def _by_content(views: list[tuple[Item, View]]) -> dict[str, View]:
    found = {}
    for _, view in views:
        try:
            found[view.id] = view
        except PhotoError:  # a photo that cannot be read takes no part in any figure either
            continue
    return found


def _thumbnails(views: list[tuple[Item, View]]) -> tuple[NDArray[np.float32], list[View]]:
    """16 px thumbnails, float32, shape (usable photos, 768), and whose they are."""
    pixels, usable = [], []
    for _, view in views:
        try:
            photo = read_photo(view.source, size_px=SIDE_PX * FINER, crop=view.crop)
        except PhotoError:
            continue
        cells = photo.pixels.reshape(SIDE_PX, FINER, SIDE_PX, FINER, 3)
        pixels.append(cells.mean(axis=(1, 3), dtype=np.float32).ravel())
        usable.append(view)
    return np.asarray(pixels, np.float32).reshape(len(usable), SIDE_PX * SIDE_PX * 3), usable


def _alike(
    left: NDArray[np.float32], right: NDArray[np.float32], threshold: float
) -> Iterator[tuple[int, int]]:
    """Rows of thumbnails that show the same shot."""
    theirs = _contrast(right)
    for start in range(0, len(left), 512):
        contrast = _contrast(left[start : start + 512]) @ theirs.T
        for row, column in zip(*np.nonzero(contrast >= threshold), strict=True):
            level = float(np.sqrt(((left[start + row] - right[column]) ** 2).mean()))
            if level <= LEVEL:
                yield int(start + row), int(column)


def _contrast(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    centred = pixels - pixels.mean(axis=1, keepdims=True)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    return np.asarray(centred / np.maximum(length, 1e-6))


def _pairs(number: int) -> str:
    return "pair of views" if number == 1 else "pairs of views"
