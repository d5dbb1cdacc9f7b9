"""Parts of a catalogue that share no item, and no group of items."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

import numpy as np

from lookalike.catalogue.items import Catalogue, Item
from lookalike.errors import CatalogueError


def split_items(
    catalogue: Catalogue,
    *,
    shares: Mapping[str, float],
    seed: int,
    group: str | None = None,
    stratify: str | None = None,
) -> dict[str, Catalogue]:
    """Split a catalogue into parts by item; all views of an item stay together.

    The same items, shares and seed give the same parts, in whatever order the items come.

    Args:
        catalogue: what to split; its order is kept inside each part.
        shares: the name of each part with its share of the items, such as ``{"train": 0.8, "test": 0.2}``.
        seed: chooses one of the many possible splits.
        group: an item attribute (``style_id``) whose values stay in one part each, so that recoloured twins
            do not stand on both sides. An item without a value is a group of its own.
        stratify: an item attribute (``category``) whose values are spread over the parts alike, as far as
            groups allow.

    Raises:
        CatalogueError: shares that do not add up to 1, an attribute that no item has, or a part left empty.
    """
    _check(catalogue, shares, (group, stratify))
    deal = _Deal(shares)
    for _, members in _shuffled(catalogue, (group, stratify), seed):
        deal.give(members)
    parts = {
        name: Catalogue(
            tuple(item for item in catalogue if item.id in deal.ids[name]), source=catalogue.source
        )
        for name in shares
    }
    empty = [name for name, part in parts.items() if not len(part)]
    if empty:
        raise CatalogueError(
            f"The part {empty[0]!r} got no items: there are too few items or groups.",
            hint="Give it a larger share, fewer parts, or a finer group.",
        )
    return parts


class _Deal:
    """Deals groups out so that each part is always as near its share as can be."""

    def __init__(self, shares: Mapping[str, float]) -> None:
        self.shares = shares
        self.ids: dict[str, set[str]] = {name: set() for name in shares}

    def give(self, members: list[Item]) -> None:
        """Give a group to the part that lags its share most."""
        dealt = sum(len(ids) for ids in self.ids.values()) + len(members)
        part = max(self.shares, key=lambda name: self.shares[name] * dealt - len(self.ids[name]))
        self.ids[part].update(item.id for item in members)


def _shuffled(
    catalogue: Catalogue, attributes: tuple[str | None, str | None], seed: int
) -> list[tuple[str, list[Item]]]:
    """The groups in chance order within each stratum, the strata one after the other in chance order."""
    group, stratify = attributes
    groups: dict[tuple[str, str], list[Item]] = defaultdict(list)
    for item in sorted(catalogue, key=lambda item: item.id):
        value = None if group is None else item.attributes.get(group)
        groups[("item", item.id) if value is None else ("group", str(value))].append(item)
    strata: dict[str, list[list[Item]]] = defaultdict(list)
    for members in groups.values():
        strata[_stratum(members, stratify)].append(members)
    chance = np.random.default_rng(seed)
    names = sorted(strata)
    return [
        (names[at], strata[names[at]][place])
        for at in chance.permutation(len(names))
        for place in chance.permutation(len(strata[names[at]]))
    ]


def _stratum(members: list[Item], stratify: str | None) -> str:
    """The most common value in a group, the first in the alphabet among equals."""
    if stratify is None:
        return ""
    counts = Counter(str(item.attributes.get(stratify, "")) for item in members)
    return min(counts, key=lambda value: (-counts[value], value))


def _check(
    catalogue: Catalogue, shares: Mapping[str, float], attributes: tuple[str | None, str | None]
) -> None:
    if not shares or min(shares.values()) <= 0 or abs(sum(shares.values()) - 1) > 1e-6:
        raise CatalogueError(
            f"The shares {dict(shares)} do not add up to 1.", hint="Give positive shares such as 0.8 and 0.2."
        )
    there = {name for item in catalogue for name in item.attributes}
    for name in attributes:
        if name is not None and name not in there:
            raise CatalogueError(
                f"No item has an attribute {name!r}; there are: {', '.join(sorted(there)) or 'none'}.",
                hint="Choose one of these, or leave it out.",
            )
