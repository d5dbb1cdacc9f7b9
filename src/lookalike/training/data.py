"""From a catalogue to what a run learns from: decoded photos, labels, and the three parts of the split."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lookalike.catalogue.items import Catalogue, Item, View
from lookalike.catalogue.photos import read_photo
from lookalike.catalogue.splits import split_items
from lookalike.errors import PhotoError, TrainingError
from lookalike.evaluation.evaluated import codes_of
from lookalike.evaluation.leaks import check_split, leaks_across
from lookalike.training.recipe import Recipe

Rows = NDArray[np.int64]
Pairs = list[tuple[Item, View]]
Progress = Callable[[int, int], None]

OWN_LABELS = ("item", "photo")
"""Labels that every catalogue has; all others are attributes."""


@dataclass(frozen=True, eq=False)
class Lessons:
    """What a run learns from.

    Args:
        pixels: letterboxed photos, uint8, shape (rows, size, size, 3), on disk.
        labels: a class number for each head and row, shape (heads, rows); -1 where validation shows a
            class that training does not.
        classes: how many classes each head has.
        items, categories: numbers of each row's item and category, shape (rows,).
        train, validation: row numbers.
        held_out: the items kept back for the report.
        names: the class names of each head.
        unusable: photos that could not be decoded.
        leaks: held-out photos that are nearly photos learned from, as lines for a report.
    """

    pixels: NDArray[np.uint8]
    labels: Rows
    classes: tuple[int, ...]
    items: Rows
    categories: Rows
    train: Rows
    validation: Rows
    held_out: Catalogue
    names: tuple[tuple[str, ...], ...]
    unusable: int
    leaks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Parts:
    """Views to train on, views to choose the best checkpoint by, items to report on."""

    train: Pairs
    validation: Pairs
    held_out: Catalogue


def prepare(
    catalogue: Catalogue, recipe: Recipe, *, folder: Path, progress: Progress | None = None
) -> Lessons:
    """Choose, split, label and decode.

    Args:
        catalogue: whose items.
        recipe: its sections data, split and seed decide.
        folder: where decoded photos are kept for the run.
        progress: told photos decoded, and all.

    Raises:
        TrainingError: a label that nothing has, one class only, or too few photos.
        CatalogueError: the catalogue cannot be split so.
        EvaluationError: the split leaks.
    """
    parts = split(chosen_items(catalogue, recipe), recipe)
    pairs, pixels = decode(
        [*parts.train, *parts.validation], recipe.data.size_px, folder=folder, progress=progress
    )
    in_training = {id(view) for _, view in parts.train}
    training = np.array([id(view) in in_training for _, view in pairs], bool)
    coded = [_codes(label_values(pairs, name), training) for name in recipe.data.labels]
    labels = np.stack([codes for codes, _ in coded])
    names = tuple(names for _, names in coded)
    for label, there in zip(recipe.data.labels, names, strict=True):
        if len(there) < 2:
            raise TrainingError(
                f"The training photos show {len(there)} class of {label!r}; there is nothing to tell apart.",
                hint="Choose another label by data.labels, or give more of the catalogue.",
            )
    train = np.flatnonzero(training)
    _spoil(labels, train, classes=len(names[0]), recipe=recipe)
    return Lessons(
        pixels=pixels,
        labels=labels,
        classes=tuple(len(one) for one in names),
        items=codes_of([item.id for item, _ in pairs]),
        categories=codes_of([item.category or "" for item, _ in pairs]),
        train=train,
        validation=np.flatnonzero(~training),
        held_out=parts.held_out,
        names=names,
        unusable=len(parts.train) + len(parts.validation) - len(pairs),
        leaks=leaks_across(pairs, list(parts.held_out.views())),
    )


def chosen_items(catalogue: Catalogue, recipe: Recipe) -> Catalogue:
    """The items that have every label of the recipe, of the commonest classes where it says so.

    Raises:
        TrainingError: no item has them.
    """
    items = list(catalogue)
    for name in recipe.data.labels:
        if name not in OWN_LABELS:
            items = [item for item in items if _label(item, item.views[0], name) is not None]
    first = recipe.data.labels[0] if recipe.data.labels else "item"
    if recipe.data.most_common and first not in OWN_LABELS:
        counts = Counter(_label(item, item.views[0], first) for item in items)
        kept = {value for value, _ in counts.most_common(recipe.data.most_common)}
        items = [item for item in items if _label(item, item.views[0], first) in kept]
    if not items:
        there = sorted({name for item in catalogue for name in item.attributes})
        raise TrainingError(
            f"No item has all of the labels {', '.join(recipe.data.labels)}.",
            hint=f"Set data.labels to item, photo, or of: {', '.join(there) or 'no attributes'}.",
        )
    return Catalogue(tuple(items), source=catalogue.source)


def split(catalogue: Catalogue, recipe: Recipe) -> Parts:
    """The parts, disjoint by item; validation by views shows other views of the training items.

    Raises:
        CatalogueError: a part got no items, or there is no such attribute.
        EvaluationError: an item, a group or a photo is on both sides.
    """
    how = recipe.split
    inside = 0.0 if how.validate == "views" else how.validation
    shares = {"train": 1 - how.held_out - inside, "held_out": how.held_out}
    shares |= {"validation": inside} if inside else {}
    found = split_items(
        catalogue, shares=shares, seed=recipe.seed, group=how.group or None, stratify=how.stratify or None
    )
    check_split(found["train"], found["held_out"], group=how.group or None, near=False).require_clean()
    items = _shared(found["train"], recipe)
    most = recipe.data.views_per_item or None
    if how.validate == "items":
        validation = list(found["validation"].views()) if inside else []
        return Parts(
            [(item, view) for item in items for view in item.views[:most]], validation, found["held_out"]
        )
    train = [(item, view) for item in items for view in item.views[: max(1, len(item.views) - 1)][:most]]
    validation = [(item, item.views[-1]) for item in items if len(item.views) > 1]
    return Parts(train, validation, found["held_out"])


def decode(
    pairs: Pairs, size_px: int, *, folder: Path, progress: Progress | None = None
) -> tuple[Pairs, NDArray[np.uint8]]:
    """The usable views and their letterboxed photos, on disk rather than in memory.

    Raises:
        TrainingError: no photo can be used.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pixels = np.lib.format.open_memmap(
        folder / "photos.npy", mode="w+", dtype=np.uint8, shape=(len(pairs), size_px, size_px, 3)
    )
    kept: Pairs = []
    with ThreadPoolExecutor(2) as pool:
        decoded = pool.map(lambda pair: _pixels(pair[1], size_px), pairs)
        for done, (pair, photo) in enumerate(zip(pairs, decoded, strict=True), start=1):
            if photo is not None:
                pixels[len(kept)] = photo
                kept.append(pair)
            if progress is not None:
                progress(done, len(pairs))
    if not kept:
        raise TrainingError(
            f"None of {len(pairs)} photos can be used.", hint="Index the catalogue to see why."
        )
    return kept, pixels[: len(kept)]


def label_values(pairs: Sequence[tuple[Item, View]], name: str) -> list[str]:
    """The label of each view, as text: its item's id, a number of its own, or an attribute."""
    if name == "photo":
        return [f"{row:09d}" for row in range(len(pairs))]
    return [_label(item, view, name) or "" for item, view in pairs]


def _label(item: Item, view: View, name: str) -> str | None:
    if name in OWN_LABELS:
        return item.id
    value = view.attributes.get(name, item.attributes.get(name))
    return None if value is None or value == "" else str(value)


def _pixels(view: View, size_px: int) -> NDArray[np.uint8] | None:
    try:
        return read_photo(view.source, size_px=size_px, crop=view.crop).pixels
    except PhotoError:
        return None


def _codes(values: list[str], training: NDArray[np.bool_]) -> tuple[Rows, tuple[str, ...]]:
    """Class numbers by the training rows' names; -1 for a class that is not among them."""
    names = tuple(sorted({value for value, there in zip(values, training, strict=True) if there}))
    number = {name: code for code, name in enumerate(names)}
    return np.array([number.get(value, -1) for value in values], np.int64), names


def _shared(catalogue: Catalogue, recipe: Recipe) -> list[Item]:
    """The share of the training items that is used, in catalogue order."""
    count = max(2, round(recipe.data.share * len(catalogue)))
    chosen = np.random.default_rng(recipe.seed).permutation(len(catalogue))[:count]
    return [catalogue.items[row] for row in np.sort(chosen)]


def _spoil(labels: Rows, train: Rows, *, classes: int, recipe: Recipe) -> None:
    """Replace a share of the first head's training labels by other classes, in place."""
    rng = np.random.default_rng((recipe.seed, 1))
    rows = rng.permutation(train)[: round(recipe.data.label_noise * len(train))]
    labels[0, rows] = (labels[0, rows] + rng.integers(1, classes, len(rows))) % classes
