"""Which photos are embedded, and which views of their items are kept back to ask with."""

from __future__ import annotations

import csv
import tarfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.photo_sets import COLUMNS, rows

from lookalike.demo.catalogue import Recipe, draw_catalogue

SEED, ASKED = 0, 400
DRAWN = Recipe(items=480, views=7, seed=1, size_px=224)
SMALL = "pretrain/tiny-imagenet-25k.tar"


@dataclass(frozen=True)
class Photos:
    """What the photos of a run are.

    Args:
        table: lists those that are in the catalogue.
        asked: a photo of each of some items, which the catalogue does not have, with the item's id.
        counts: how many of the catalogue come from where.
    """

    table: Path
    asked: list[tuple[str, str]]
    counts: dict[str, int]


def photos_of(data: Path, home: Path, count: int, *, drawn: Path | None = None) -> Photos:
    """Lay out ``count`` photos under ``home``: real ones of four sets, drawn ones, small ones for the rest.

    Args:
        data: where the sets are.
        home: of the run.
        count: of the catalogue.
        drawn: the demo catalogue of ``DRAWN`` where it is drawn already.
    """
    drawn_table = drawn or draw_catalogue(home / "drawn", DRAWN, processes=2)
    found = [*_spread(list(rows(data)), count // 2), *_drawn_rows(drawn_table, count // 6)]
    asked, kept = _kept_back(found)
    kept += _small(data / SMALL, home / "small", count - len(kept))
    table = home / "images.csv"
    with table.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(kept)
    counts: dict[str, int] = defaultdict(int)
    for row in kept:
        counts[row["set"]] += 1
    return Photos(table, asked, dict(counts))


def _spread(found: list[dict[str, str]], most: int) -> list[dict[str, str]]:
    """All where they are few more, else every so many."""
    step = max(1, len(found) // max(1, most))
    return found[::step]


def _drawn_rows(table: Path, most: int) -> list[dict[str, str]]:
    with table.open(newline="") as file:
        listed = list(csv.DictReader(file))
    return [
        {
            "item_id": f"drawn/{row['item_id']}",
            "path": str((table.parent / row["path"]).resolve()),
            "set": "drawn",
            "category": row["category"],
        }
        for row in listed[: most + most // 4]
    ]


def _kept_back(found: list[dict[str, str]]) -> tuple[list[tuple[str, str]], list[dict[str, Any]]]:
    """One view of each of ``ASKED`` items that have several, and all the other rows."""
    places: dict[str, list[int]] = defaultdict(list)
    for place, row in enumerate(found):
        places[row["item_id"]].append(place)
    several = [own for own in places.values() if len(own) > 1]
    rng = np.random.default_rng(SEED)
    chosen = rng.permutation(len(several))[:ASKED]
    out = {int(rng.choice(several[number])) for number in chosen}
    asked = [(found[place]["item_id"], found[place]["path"]) for place in sorted(out)]
    return asked, [dict(row) for place, row in enumerate(found) if place not in out]


def _small(archive: Path, home: Path, count: int) -> list[dict[str, str]]:
    """Photos of 64 px, each an item of its own, taken evenly from their classes."""
    home.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as tar:
        members = [one for one in tar.getmembers() if one.isfile() and one.name.endswith(".jpg")]
        members = members[:: max(1, len(members) // max(1, count))][:count]
        for member in members:
            path = home / Path(member.name).name
            if not path.exists():
                content = tar.extractfile(member)
                assert content is not None
                path.write_bytes(content.read())
    return [
        {
            "item_id": f"small/{Path(member.name).stem}",
            "path": str((home / Path(member.name).name).resolve()),
            "set": "small",
            "category": member.name.split("/")[0],
        }
        for member in members
    ]
