"""How batches are put together: plainly, P classes x K photos, or P x K evenly over categories.

A sampler's batches are a pure function of (seed, epoch), so that a resumed run sees what the
uninterrupted one would have seen.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import final

import numpy as np
from numpy.typing import NDArray

from lookalike.errors import TrainingError
from lookalike.training.recipe import Sampler as Settings

Rows = NDArray[np.int64]


class Sampler(ABC):
    """Gives the batches of an epoch.

    Args:
        labels: class of each row, shape (rows,).
        categories: category of each row, shape (rows,).
        batch: rows in a batch.
        views: rows of one class in a batch.
        seed: where chance comes from.
    """

    def __init__(self, labels: Rows, categories: Rows, *, batch: int, views: int, seed: int) -> None:
        self.labels, self.categories = labels, categories
        self.batch, self.views, self.seed = min(batch, len(labels)), views, seed
        self._check()

    def _check(self) -> None:  # noqa: B027 - most kinds take any data
        """Refuse data that this kind of batch cannot be made of."""

    @property
    def steps(self) -> int:
        """Batches in an epoch; what does not fill a batch waits for another epoch."""
        return len(self.labels) // self.batch

    @final
    def batches(self, epoch: int) -> list[Rows]:
        """The batches of an epoch, each of row numbers."""
        return self._batches(np.random.default_rng((self.seed, epoch)))

    @abstractmethod
    def _batches(self, rng: np.random.Generator) -> list[Rows]: ...


class Plain(Sampler):
    """Every row once an epoch, in chance order."""

    def _batches(self, rng: np.random.Generator) -> list[Rows]:
        order = rng.permutation(len(self.labels))[: self.steps * self.batch]
        return list(order.reshape(self.steps, -1))


class Pk(Sampler):
    """P classes, K rows of each; a class with fewer rows shows some of them twice (triplet training,
    arXiv 1703.07737).
    """

    def _check(self) -> None:
        self.members = [np.flatnonzero(self.labels == label) for label in np.unique(self.labels)]
        several = [number for number, rows in enumerate(self.members) if len(rows) > 1]
        if len(several) < 2 or self.views < 2:
            raise TrainingError(
                f"Batches of classes x views need two classes of two photos; there are {len(several)}.",
                hint="Give more views of items, or use augmentation.copies=2 with sampler.kind=plain.",
            )
        self.usable = np.array(several)
        self.classes = max(2, self.batch // self.views)

    def _batches(self, rng: np.random.Generator) -> list[Rows]:
        found = []
        for _ in range(self.steps):
            chosen = self._choose(rng)
            found.append(np.concatenate([self._rows(self.members[number], rng) for number in chosen]))
        return found

    def _choose(self, rng: np.random.Generator) -> Rows:
        return rng.permutation(self.usable)[: self.classes]

    def _rows(self, members: Rows, rng: np.random.Generator) -> Rows:
        order = rng.permutation(members)
        return np.resize(order, self.views)


class CategoryPk(Pk):
    """P x K, the P classes taken evenly from all categories: rare categories count as much as common ones."""

    def _choose(self, rng: np.random.Generator) -> Rows:
        category = np.array([self.categories[self.members[number][0]] for number in self.usable])
        queues = [list(rng.permutation(self.usable[category == one])) for one in np.unique(category)]
        queues = [queues[place] for place in rng.permutation(len(queues))]
        chosen: list[int] = []
        while len(chosen) < self.classes and any(queues):
            chosen += [queue.pop() for queue in queues if queue]
        return np.array(chosen[: self.classes], np.int64)


SAMPLERS: dict[str, Callable[..., Sampler]] = {"plain": Plain, "pk": Pk, "category-pk": CategoryPk}
"""Open to additions."""


def check_sampler(settings: Settings) -> None:
    """Refuse the name of a sampler that does not exist.

    Raises:
        TrainingError: naming those that do.
    """
    if settings.kind not in SAMPLERS:
        raise TrainingError(
            f"There is no sampler {settings.kind!r}.", hint=f"Choose one of: {', '.join(SAMPLERS)}."
        )


def make_sampler(settings: Settings, labels: Rows, categories: Rows, *, seed: int) -> Sampler:
    """The sampler of that kind.

    Raises:
        TrainingError: there is none, or the data cannot fill its batches.
    """
    check_sampler(settings)
    if len(labels) < 2:
        raise TrainingError("There are fewer than two photos to train on.", hint="Give a larger catalogue.")
    make = SAMPLERS[settings.kind]
    return make(labels, categories, batch=settings.batch, views=settings.views, seed=seed)
