"""How many items have each value of each attribute; gone on with through changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from lookalike.catalogue.items import Attribute, Attributes


@dataclass(frozen=True)
class ValueCounts:
    """The values of all items, counted.

    Args:
        items: how many there are.
        by_name: for each attribute how many items have each value; none that no item has.
    """

    items: int
    by_name: dict[str, Counter[Attribute]]

    @classmethod
    def of(cls, items: Iterable[Attributes]) -> ValueCounts:
        """Counted anew."""
        return cls(0, {}).after((), items)

    def after(self, lost: Iterable[Attributes], news: Iterable[Attributes]) -> ValueCounts:
        """After a change that took some items out and put others in."""
        counts = {name: Counter(values) for name, values in self.by_name.items()}
        items = self.items
        for attributes in lost:
            items -= 1
            for name, value in attributes.items():
                counts[name][value] -= 1
                if not counts[name][value]:
                    del counts[name][value]
        for attributes in news:
            items += 1
            for name, value in attributes.items():
                counts.setdefault(name, Counter())[value] += 1
        return ValueCounts(items, {name: values for name, values in counts.items() if values})
