"""Between which ends the numbers of a recipe must lie: what lies beyond is refused before any work."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from lookalike.errors import TrainingError
from lookalike.training.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Ends:
    """The ends that a number lies between; ``above`` and ``below`` themselves are not allowed.

    >>> str(Ends(above=0, most=1)), str(Ends(least=1))
    ('above 0 and at most 1', 'at least 1')
    """

    least: float = -math.inf
    most: float = math.inf
    above: float = -math.inf
    below: float = math.inf

    def hold(self, value: float) -> bool:
        """Whether a number lies between them."""
        return self.least <= value <= self.most and self.above < value < self.below

    def __str__(self) -> str:
        said = {"at least": self.least, "above": self.above, "at most": self.most, "below": self.below}
        return " and ".join(f"{word} {end:g}" for word, end in said.items() if math.isfinite(end))


NOT_NEGATIVE, POSITIVE, SHARE = Ends(least=0), Ends(above=0), Ends(least=0, most=1)
SOME, PART = Ends(above=0, most=1), Ends(least=0, below=1)
ONE_OR_MORE = Ends(least=1)

LIMITS: dict[str, Ends] = {
    "seed": NOT_NEGATIVE,
    "data.size_px": Ends(least=16),
    "data.most_common": NOT_NEGATIVE,
    "data.views_per_item": NOT_NEGATIVE,
    "data.share": SOME,
    "data.label_noise": SHARE,
    "split.held_out": Ends(above=0, below=1),
    "split.validation": PART,
    "backbone.cached_variants": ONE_OR_MORE,
    "head.hidden": ONE_OR_MORE,
    "head.width": NOT_NEGATIVE,
    "head.dropout": PART,
    "head.matryoshka": ONE_OR_MORE,
    "augmentation.copies": ONE_OR_MORE,
    "augmentation.crop": SOME,
    "augmentation.rotate_deg": Ends(least=0, most=180),
    "augmentation.colour": NOT_NEGATIVE,
    "augmentation.grey": SHARE,
    "augmentation.blur": SHARE,
    "sampler.batch": Ends(least=2),
    "sampler.views": ONE_OR_MORE,
    "loss.temperature": POSITIVE,
    "loss.margin": NOT_NEGATIVE,
    "loss.scale": POSITIVE,
    "loss.q": SOME,
    "loss.sub_centres": ONE_OR_MORE,
    "loss.memory": NOT_NEGATIVE,
    "loss.koleo": NOT_NEGATIVE,
    "loss.distil": NOT_NEGATIVE,
    "optimiser.rate": NOT_NEGATIVE,
    "optimiser.backbone_rate": NOT_NEGATIVE,
    "optimiser.weight_decay": NOT_NEGATIVE,
    "optimiser.momentum": PART,
    "optimiser.clip": NOT_NEGATIVE,
    "optimiser.ema": PART,
    "schedule.epochs": ONE_OR_MORE,
    "schedule.warmup_epochs": NOT_NEGATIVE,
    "schedule.patience": NOT_NEGATIVE,
}
"""Of every number that a recipe has but its version."""


def check_limits(recipe: Recipe) -> None:
    """Refuse a number that lies beyond its limits, or is none.

    Raises:
        TrainingError: naming the first, and what it may be.
    """
    for name, value in numbers_of(recipe):
        if name in LIMITS and not (math.isfinite(value) and LIMITS[name].hold(value)):
            raise TrainingError(
                f"{name} is {value:g}; it must be {LIMITS[name]}.", hint="Change the recipe or --set."
            )
    if recipe.split.held_out + recipe.split.validation >= 1:
        raise TrainingError(
            f"split.held_out {recipe.split.held_out:g} and split.validation {recipe.split.validation:g} "
            "leave no items to train on.",
            hint="Give them less than 1 together.",
        )


def numbers_of(section: Any, where: str = "") -> Iterator[tuple[str, float]]:
    """Every number of a recipe with its name, such as ``schedule.epochs``; those of lists one by one."""
    for field in fields(section):
        value, name = getattr(section, field.name), where + field.name
        if is_dataclass(value):
            yield from numbers_of(value, f"{name}.")
            continue
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, int | float) and not isinstance(each, bool):
                yield name, each
