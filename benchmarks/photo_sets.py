"""The real photos of all data sets in one table: 10,024 photos, with what is known of their items.

    python -m benchmarks.photo_sets OUT.csv [--data ../shared/data]

A photo of clothing, or of a shelf (grocery), is an item of its own: who took it did not say what else shows
the same thing. Luma's and turntable's items have all their views.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator
from pathlib import Path

ITEM_COLUMNS = {"clothing": "path", "turntable": "item_id", "luma": "item_id", "grocery": "path"}
CATEGORY_COLUMNS = {
    "clothing": "label",
    "turntable": "category",
    "luma": "category",
    "grocery": "coarse_class",
}
COLUMNS = ("item_id", "path", "set", "category")


def rows(data: Path) -> Iterator[dict[str, str]]:
    """A row a photo, in the order of the sets and their tables; paths are absolute."""
    for name, column in ITEM_COLUMNS.items():
        home = (data / name).resolve()
        with (home / "images.csv").open(newline="") as table:
            for row in csv.DictReader(table):
                yield {
                    "item_id": f"{name}/{row[column]}",
                    "path": str(home / row["path"]),
                    "set": name,
                    "category": row[CATEGORY_COLUMNS[name]],
                }


def write_table(data: Path, out: Path) -> int:
    """Write the table; how many photos."""
    out.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with out.open("w", newline="") as file:
        table = csv.DictWriter(file, COLUMNS)
        table.writeheader()
        for row in rows(data):
            table.writerow(row)
            written += 1
    return written


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    options = parser.parse_args()
    print(f"{write_table(options.data, options.out)} photos in {options.out}")


if __name__ == "__main__":
    main()
