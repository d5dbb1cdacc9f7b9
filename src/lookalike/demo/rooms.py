"""Rooms and outfits of the demo catalogue: what its customers are made to buy together."""

from __future__ import annotations

import csv
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lookalike.errors import CatalogueError

BASKETS = "baskets.csv"
SCENES = {"room": ("kitchen", "home", "furniture"), "outfit": ("clothing", "accessories")}
"""The departments of a room and of an outfit."""
WARM = frozenset(
    ("rose", "terracotta", "brick", "rust", "mustard", "lemon", "cocoa", "coral", "plum", "blush")
)
COOL = frozenset(("cobalt", "sky", "teal", "navy", "sage", "forest", "mint", "olive", "lilac", "slate"))
AT_WILL = 0.15
"""How often somebody takes a thing that does not fit the colours."""


@dataclass(frozen=True, slots=True)
class _Thing:
    id: str
    category: str
    department: str
    colour: str

    def fits(self, colours: frozenset[str]) -> bool:
        """Whether it is of these colours, or of neither side."""
        return self.colour in colours or self.colour not in WARM | COOL


def draw_rooms(table: Path, *, baskets: int = 600, seed: int = 0) -> Path:
    """Write who bought what together beside the catalogue's table: ``basket_id``, ``item_id``.

    A customer furnishes a room or puts an outfit together, in warm or in cool colours, of three to five
    different kinds of things; some things are bought more often than others, and now and then one that
    does not fit. The rule is known, so what is learned from it can be judged; it is no shop's data.

    Args:
        table: of a drawn catalogue, as ``draw_catalogue`` gives it.
        baskets: how many.
        seed: of the drawing; the same catalogue and seed give the same baskets.

    Raises:
        CatalogueError: the table cannot be read, or is no drawn catalogue's.
    """
    rng = random.Random(seed)
    things = _things(table)
    liked = {thing.id: rng.paretovariate(1.5) for thing in things}
    path = table.with_name(BASKETS)
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("basket_id", "item_id"))
        for number in range(baskets):
            scene = rng.choice(sorted(SCENES))
            bought = _bought([thing for thing in things if thing.department in SCENES[scene]], liked, rng)
            rows.writerows((f"{scene}-{number:05d}", thing.id) for thing in bought)
    return path


def _bought(things: Sequence[_Thing], liked: dict[str, float], rng: random.Random) -> list[_Thing]:
    """Things of different kinds that go together."""
    colours = rng.choice((WARM, COOL))
    kinds = sorted({thing.category for thing in things})
    chosen = []
    for kind in rng.sample(kinds, min(rng.randint(3, 5), len(kinds))):
        of_kind = [thing for thing in things if thing.category == kind]
        fitting = [thing for thing in of_kind if thing.fits(colours)]
        if rng.random() < AT_WILL or not fitting:
            fitting = of_kind
        chosen.append(rng.choices(fitting, [liked[thing.id] for thing in fitting])[0])
    return chosen


def _things(table: Path) -> list[_Thing]:
    try:
        with table.open(newline="") as file:
            rows = {row["item_id"]: row for row in csv.DictReader(file)}
        return [
            _Thing(item, row["category"], row["department"], row["colour"])
            for item, row in sorted(rows.items())
        ]
    except (OSError, KeyError) as error:
        raise CatalogueError(
            f"{table} is not the table of a drawn catalogue ({error}).", hint="Draw one: lookalike demo."
        ) from error
