"""How many items, views and categories a catalogue has, and what is known of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from lookalike.catalogue.items import Attribute, Catalogue

_SHOWN = 12


@dataclass(frozen=True, slots=True)
class AttributeColumn:
    """One attribute over the whole catalogue.

    Args:
        name: what it is called.
        level: whether items or single views have it.
        kind: ``text``, ``whole``, ``decimal``, ``truth``, or ``mixed``.
        known: how many items (or views) have a value.
        distinct: how many different values there are.
    """

    name: str
    level: Literal["item", "view"]
    kind: str
    known: int
    distinct: int


@dataclass(frozen=True, slots=True)
class Summary:
    """The counts of one catalogue; as text, one block to read.

    Args:
        items, views: how many.
        categories: how many items each category has ('' where an item has none), most first.
        views_per_item: how many items have one view, two views, ..., in that order.
        roles: how many views have each role ('' where unknown), most first.
        attributes: what is known of items and of views.
        oddities: how many lines of each kind reading the catalogue gave.
    """

    items: int
    views: int
    categories: Mapping[str, int]
    views_per_item: Mapping[int, int]
    roles: Mapping[str, int]
    attributes: tuple[AttributeColumn, ...]
    oddities: Mapping[str, int]

    @property
    def multi_view_items(self) -> int:
        """How many items have two views or more: only these can be found by another view."""
        return sum(count for views, count in self.views_per_item.items() if views > 1)

    def __str__(self) -> str:
        lines = [
            f"{self.items} items, {self.views} views, {self.multi_view_items} items with two views or more",
            f"views per item  {_joined({str(views): n for views, n in self.views_per_item.items()})}",
        ]
        if set(self.categories) - {""}:
            lines.append(f"categories ({len(self.categories)})  {_joined(self.categories)}")
        if set(self.roles) - {""}:
            lines.append(f"roles  {_joined(self.roles)}")
        lines += [
            f"{each.level} attribute  {each.name}: {each.kind}, {each.distinct} values, {each.known} known"
            for each in self.attributes
        ]
        if self.oddities:
            lines.append(f"odd  {_joined(self.oddities)}")
        return "\n".join(lines)


def summary(catalogue: Catalogue) -> Summary:
    """Count a catalogue: items, views, categories, views per item, roles, attributes and oddities."""
    return Summary(
        items=len(catalogue),
        views=catalogue.view_count,
        categories=dict(catalogue.by_category().most_common()),
        views_per_item=dict(sorted(catalogue.by_view_count().items())),
        roles=dict(Counter(view.role or "" for _, view in catalogue.views()).most_common()),
        attributes=(*_columns(catalogue, "item"), *_columns(catalogue, "view")),
        oddities=dict(Counter(oddity.kind for oddity in catalogue.oddities).most_common()),
    )


def _columns(catalogue: Catalogue, level: Literal["item", "view"]) -> list[AttributeColumn]:
    values: dict[str, list[Attribute]] = defaultdict(list)
    holders = catalogue.items if level == "item" else [view for _, view in catalogue.views()]
    for holder in holders:
        for name, value in holder.attributes.items():
            values[name].append(value)
    return [
        AttributeColumn(name, level, _kind(column), len(column), len(set(column)))
        for name, column in values.items()
    ]


def _kind(values: list[Attribute]) -> str:
    names: dict[type, str] = {str: "text", int: "whole", float: "decimal", bool: "truth"}
    kinds = {type(value) for value in values}
    return names.get(kinds.pop(), "mixed") if len(kinds) == 1 else "mixed"


def _joined(counts: Mapping[str, int]) -> str:
    parts = [f"{name or '(none)'} {count}" for name, count in list(counts.items())[:_SHOWN]]
    left = len(counts) - _SHOWN
    return ", ".join(parts) + (f", and {left} more" if left > 0 else "")
