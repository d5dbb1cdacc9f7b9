"""Names for clusters: the attribute values that stand in them more often than elsewhere."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

from lookalike.evaluation.evaluated import Evaluated
from lookalike.exploration.clusters import Clustering

LEAST_SHARE = 0.25  # of a cluster's photos that a value must hold to name it
LEAST_LIFT = 1.3  # how many times more frequent it must be there than elsewhere
MOST_VALUES = 60  # a column of more values (a title, an id) names nothing


@dataclass(frozen=True, slots=True)
class Trait:
    """A value that is over-represented in a cluster.

    Args:
        column, value: which.
        share: of the cluster's photos that have it.
        lift: that share over the share in the whole catalogue.
    """

    column: str
    value: str
    share: float
    lift: float

    @property
    def word(self) -> str:
        """The value as a name can have it: "red", but "not kids" and "size 42", which say nothing alone."""
        said = self.value.lower()
        if said in ("true", "yes"):
            return self.column
        if said in ("false", "no"):
            return f"not {self.column}"
        return f"{self.column} {self.value}" if _is_number(self.value) else self.value

    def __str__(self) -> str:
        return f"{self.word} ({self.share:.0%}, {self.lift:.1f}x)"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def naming_columns(seen: Evaluated) -> dict[str, list[str | None]]:
    """The columns that can name a cluster, with one value a photo: at least two values, and not too many.

    Of columns that say the same (``label``, read as ``category`` too) the first by name is kept.
    """
    names = sorted({key for item in seen.items for key in item.attributes} | {"role"})
    found: dict[str, list[str | None]] = {}
    for name in names:
        values = seen.column(name)
        distinct = {value for value in values if value is not None}
        if 2 <= len(distinct) <= min(MOST_VALUES, len(seen) // 2) and values not in found.values():
            found[name] = values
    return found


def traits(seen: Evaluated, clustering: Clustering, *, most: int = 3) -> list[tuple[Trait, ...]]:
    """The telling values of each cluster, the most telling first; empty where nothing stands out.

    A value counts by share x log(lift), its part of the divergence of the cluster from the catalogue.
    """
    columns = naming_columns(seen)
    overall = {name: Counter(value for value in values if value) for name, values in columns.items()}
    return [
        _telling(columns, overall, clustering.members(number).tolist(), len(seen), most)
        for number in range(clustering.count)
    ]


def cluster_names(seen: Evaluated, clustering: Clustering) -> list[str]:
    """A name for each cluster: its most telling values, or "mixed"; equal names get a number."""
    names = [
        " ".join(dict.fromkeys(trait.word for trait in found[:2])) or "mixed"
        for found in traits(seen, clustering)
    ]
    again: Counter[str] = Counter()
    result = []
    for name in names:
        again[name] += 1
        result.append(f"{name} {again[name]}" if names.count(name) > 1 else name)
    return result


def _telling(
    columns: dict[str, list[str | None]],
    overall: dict[str, Counter[str]],
    rows: list[int],
    all_rows: int,
    most: int,
) -> tuple[Trait, ...]:
    found = []
    for name, values in columns.items():
        for value, count in Counter(values[row] for row in rows).items():
            if value is None:
                continue
            share = count / len(rows)
            lift = share / (overall[name][value] / all_rows)
            if share >= LEAST_SHARE and lift >= LEAST_LIFT:
                found.append(Trait(name, value, share, lift))
    found.sort(key=lambda trait: -trait.share * math.log(trait.lift))
    best: dict[str, Trait] = {}
    for trait in found:  # one value a column: "shirts", then "red", not "shirts" and "shoes"
        best.setdefault(trait.column, trait)
    return tuple(best.values())[:most]
