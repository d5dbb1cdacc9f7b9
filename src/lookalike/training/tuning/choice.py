"""Which heads to take: candidates judged on training items that their fold did not learn from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from lookalike.embedding.card import Block
from lookalike.errors import TrainingError
from lookalike.training.tuning.base import COLOUR
from lookalike.training.tuning.heads import (
    Codes,
    Floats,
    Head,
    Principal,
    Scatter,
    directions,
    in_features,
    item_mrr,
    scatter_of,
)

SHRINKAGES = (0.1, 0.3, 1.0)
SHARES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
"""Shares of the squared length that a new colour block may get."""
FOLDS = 3
MOST_JUDGED = 3000
"""Rows of a fold that candidates are judged on."""


@dataclass(frozen=True, eq=False)
class Lessons:
    """What heads are learned from.

    Args:
        parts: unit features of each block, shape (rows, variants, width).
        items: the item of each row.
        groups: the group of each row (the item where there is none); folds keep groups whole.
    """

    parts: Mapping[str, Floats]
    items: Codes
    groups: Codes

    def some(self, rows: Codes) -> Lessons:
        """Some of the rows."""
        parts = {name: part[rows] for name, part in self.parts.items()}
        return Lessons(parts, self.items[rows], self.groups[rows])


@dataclass(frozen=True)
class Way:
    """How one block's head is made.

    Args:
        shrinkage: of the closed form; None leaves the block as it is.
        things: whether views of an ``item`` or of a ``group`` are taken for one thing.
        steps: gradient steps that follow the closed form.
    """

    shrinkage: float | None
    things: str = "item"
    steps: int = 0

    def __str__(self) -> str:
        if self.shrinkage is None:
            return "as it is"
        steps = f", then {self.steps} gradient steps" if self.steps else ""
        return f"closed form, shrinkage {self.shrinkage:g}, views of one {self.things}{steps}"


@dataclass(frozen=True)
class Plan:
    """The choice: each block's way and weight.

    Args:
        blocks: name, width and weight of each block of the tuned vector; start and stop are those of
            the base's vector.
        ways: by block.
        mrr: of the items of the folds, before and with the choice.
    """

    blocks: tuple[Block, ...]
    ways: Mapping[str, Way]
    mrr: tuple[float, float]


def make_head(scatters: Mapping[str, Scatter], lessons: Lessons, way: Way, *, width: int, seed: int) -> Head:
    """The head of one block.

    Args:
        scatters: of the block's features, by what is taken for one thing.
        lessons: the rows the scatters are of.
        way: how.
        width: of its vectors, at most.
        seed: of the gradient steps.
    """
    if way.shrinkage is None:
        return Head()
    scatter = scatters[way.things]
    matrix = directions(scatter, width=width, shrinkage=way.shrinkage)
    if way.steps:
        from lookalike.training.tuning.refining import Steps, refined

        matrix = refined(
            scatter, matrix, _things(lessons, way.things), steps=Steps(count=way.steps), seed=seed
        )
    return in_features(scatter, matrix)


def scatters_of(lessons: Lessons, block: str) -> dict[str, Scatter]:
    """The spread of a block's features, with items and, where they differ, with groups as things."""
    principal = Principal.of(lessons.parts[block])
    found = {"item": scatter_of(principal, lessons.items)}
    if block != COLOUR and len(np.unique(lessons.groups)) < len(np.unique(lessons.items)):
        found["group"] = scatter_of(principal, lessons.groups)
    return found


def choose(
    lessons: Lessons, blocks: Sequence[Block], *, widths: Mapping[str, int], steps: int, seed: int
) -> Plan:
    """The best of the closed forms by items of other folds; gradient steps where they add to it.

    Args:
        lessons: of the training items.
        blocks: of the base; a colour block to be added stands last, with both ends 0, its share open.
        widths: of each block's head.
        steps: gradient steps that are tried after the closed form; 0 for none.
        seed: of folds and steps.

    Raises:
        TrainingError: too few items with several views.
    """
    folds = [_Fold(lessons, rows, blocks, widths, seed) for rows in _fold_rows(lessons.groups, seed)]
    folds = [fold for fold in folds if fold.judges]
    if not folds:
        raise TrainingError(
            "There are too few items with several views to choose heads by.",
            hint="Give more views of items; tuning wants some dozens of items with two.",
        )
    best, new = tuple(blocks), blocks[-1].stop == 0
    ways = {block.name: _first(block, widths) for block in blocks}
    before = float(np.mean([fold.untouched(best) for fold in folds]))
    for block in reversed(blocks):  # colour first: shape is judged beside it
        options = _options(block, widths, folds[0].kinds(block.name))
        shared = list(_weighings(best)) if new and block.name != COLOUR else [best]
        scored = [
            (float(np.mean([fold.mrr({**ways, block.name: way}, weighed) for fold in folds])), way, weighed)
            for way, weighed in product(options, shared)
        ]
        _, ways[block.name], best = max(scored, key=lambda one: one[0])
    ways, after = _with_steps(ways, best, folds, steps=steps)
    return Plan(best, ways, (before, after))


def _with_steps(
    ways: dict[str, Way], blocks: tuple[Block, ...], folds: list[_Fold], *, steps: int
) -> tuple[dict[str, Way], float]:
    """Gradient steps for the blocks where they raise the folds' figure."""
    after = float(np.mean([fold.mrr(ways, blocks) for fold in folds]))
    for name, way in list(ways.items()):
        if steps and way.shrinkage is not None:
            tried = {**ways, name: replace(way, steps=steps)}
            found = float(np.mean([fold.mrr(tried, blocks) for fold in folds]))
            if found > after:
                ways, after = tried, found
    return ways, after


class _Fold:
    """Heads learned on all rows but some, judged on those; everything is made once."""

    def __init__(
        self, lessons: Lessons, rows: Codes, blocks: Sequence[Block], widths: Mapping[str, int], seed: int
    ) -> None:
        apart = np.setdiff1d(np.arange(len(lessons.items)), rows)
        self.learned, self.judged = lessons.some(apart), lessons.some(rows[:MOST_JUDGED])
        self.widths, self.seed = widths, seed
        self.scatters = {block.name: scatters_of(self.learned, block.name) for block in blocks}
        self._vectors: dict[tuple[str, Way], Floats] = {}

    @property
    def judges(self) -> bool:
        """Whether an item of several views is judged."""
        return bool((np.bincount(self.judged.items) > 1).any())

    def kinds(self, block: str) -> list[str]:
        """What may be taken for one thing."""
        return list(self.scatters[block])

    def mrr(self, ways: Mapping[str, Way], blocks: Sequence[Block]) -> float:
        """Of the items judged, by heads of these ways and blocks of these weights."""
        return item_mrr(
            np.concatenate(
                [block.weight * self._of(block.name, ways[block.name]) for block in blocks], axis=1
            ),
            self.judged.items,
        )

    def untouched(self, blocks: Sequence[Block]) -> float:
        """Of the items judged, by the base's own blocks."""
        own = [block for block in blocks if block.stop > block.start]
        return self.mrr({block.name: Way(None) for block in own}, own)

    def _of(self, block: str, way: Way) -> Floats:
        if (block, way) not in self._vectors:
            head = make_head(
                self.scatters[block], self.learned, way, width=self.widths[block], seed=self.seed
            )
            self._vectors[block, way] = head(self.judged.parts[block][:, 0])
        return self._vectors[block, way]


def _fold_rows(groups: Codes, seed: int) -> Iterator[Codes]:
    kinds = np.random.default_rng(seed).permutation(np.unique(groups))
    for part in np.array_split(kinds, FOLDS):
        yield np.flatnonzero(np.isin(groups, part))


def _things(lessons: Lessons, kind: str) -> Codes:
    return lessons.items if kind == "item" else lessons.groups


def _first(block: Block, widths: Mapping[str, int]) -> Way:
    return Way(None) if block.stop - block.start == widths[block.name] else Way(SHRINKAGES[-1])


def _options(block: Block, widths: Mapping[str, int], kinds: Sequence[str]) -> list[Way]:
    options = [Way(shrinkage, things) for shrinkage, things in product(SHRINKAGES, kinds)]
    return [Way(None), *options] if block.stop - block.start == widths[block.name] else options


def _weighings(blocks: Sequence[Block]) -> Iterator[tuple[Block, ...]]:
    """The same blocks with the new colour block at each share."""
    for share in SHARES:
        yield tuple(
            replace(block, weight=(share if block.name == COLOUR else 1 - share) ** 0.5) for block in blocks
        )
