"""What an item lacks that others have, and which items are one style in several colours."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np

from lookalike.catalogue.items import View
from lookalike.evaluation.evaluated import Evaluated
from lookalike.exploration.health.findings import Finding
from lookalike.exploration.health.measures import Looks

TOLD = 3  # missing views that are named
USUAL_SHARE = 0.6  # of the items that have several views, from which a role is expected of all
VARIANT_EDGES = 0.965  # likeness of edges from which two shots show one cut
VARIANT_COLOUR = 0.06  # difference of mean colour, 0 to 1, from which they are two colours


def missing_roles(seen: Evaluated) -> list[Finding]:
    """Items without a view that most items of several views have: "no back view", "none from 90°"."""
    held: dict[str, set[str]] = defaultdict(set)
    first: dict[str, int] = {}
    for row, (item, view) in enumerate(zip(seen.items, seen.views, strict=True)):
        held[item.id].add(way_of(view))
        first.setdefault(item.id, row)
    several = [roles for item, roles in held.items() if len(roles) > 1]
    counts = Counter(role for roles in several for role in roles if role)
    expected = {role: n / len(several) for role, n in counts.items() if n / len(several) >= USUAL_SHARE}
    found = []
    for name, roles in held.items():
        absent = sorted(set(expected) - roles, key=lambda role: (-expected[role], role))
        if absent and "" not in roles:  # what a photo of unknown role shows may be what is missing
            told, more = absent[:TOLD], len(absent) - TOLD
            shares = ", ".join(f"{expected[role]:.0%}" for role in told)
            others = f", and {more} more are missing" if more > 0 else ""
            reason = f"no {' and no '.join(told)} view ({shares} of the items with several views){others}"
            found.append(Finding("missing_role", name, (), expected[absent[0]], reason, (first[name],)))
    return found


def colour_variants(seen: Evaluated, looks: Looks) -> list[Finding]:
    """Groups of items whose photos have the same edges and other colours: one style, recoloured."""
    edges, colour = looks["edges"], looks["colour"]
    if len(edges) < 2:
        return []
    codes = seen.codes[looks.rows]
    parent = {int(code): int(code) for code in np.unique(codes)}
    for start in range(0, len(edges), 512):
        likeness = edges[start : start + 512] @ edges.T
        for row, column in zip(*np.nonzero(likeness >= VARIANT_EDGES), strict=True):
            one, other = int(start + row), int(column)
            if one >= other or codes[one] == codes[other]:
                continue
            if float(np.abs(colour[one] - colour[other]).max()) >= VARIANT_COLOUR:
                parent[_root(parent, int(codes[one]))] = _root(parent, int(codes[other]))
    groups: dict[int, list[int]] = defaultdict(list)
    for code in parent:
        groups[_root(parent, code)].append(code)
    return [_style(seen, sorted(group)) for group in groups.values() if len(group) > 1]


def _style(seen: Evaluated, group: list[int]) -> Finding:
    rows = [int(np.flatnonzero(seen.codes == code)[0]) for code in group]
    ids = [seen.items[row].id for row in rows]
    return Finding(
        "colour_variants",
        ids[0],
        tuple(seen.views[row].name for row in rows),
        1.0,
        f"{len(ids)} items with the same edges in other colours",
        tuple(rows),
        tuple(ids[1:]),
    )


def way_of(view: View) -> str:
    """From where a photo shows its item, in words: its role, or its angles; empty where nothing is known."""
    if view.role:
        return view.role
    if view.azimuth_deg is None:
        return ""
    height = "" if view.elevation_deg is None else f", {view.elevation_deg:.0f}° up"
    return f"{view.azimuth_deg % 360:.0f}°{height}"


def _root(parent: dict[int, int], code: int) -> int:
    while parent[code] != code:
        parent[code] = parent[parent[code]]
        code = parent[code]
    return code
