"""What a question gives: for each contender its answers, right or wrong, with the item of each query."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from lookalike.evaluation.bootstrap import bootstrap, mean_of, paired_bootstrap


@dataclass
class Answers:
    """Values between 0 and 1 by contender, query by query, and the item of each query."""

    values: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    items: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def add(self, contender: str, value: float, item: int) -> None:
        self.values[contender].append(float(value))
        self.items[contender].append(item)

    def figures(self, against: str | None = None) -> dict[str, dict[str, float | int | str]]:
        """Mean and 95% interval over items of each contender, and how much better than one it is, paired."""
        found: dict[str, dict[str, float | int | str]] = {}
        for name, values in self.values.items():
            rows, items = mean_of(np.array(values)), np.array(self.items[name])
            interval = bootstrap(rows, items)
            found[name] = {
                "value": round(interval.value, 4),
                "low": round(interval.low, 4),
                "high": round(interval.high, 4),
                "queries": len(values),
            }
            if against and name != against and len(self.values[against]) == len(values):
                gain = paired_bootstrap(rows, mean_of(np.array(self.values[against])), items)
                found[name]["gain"] = f"{gain.value:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]"
        return found
