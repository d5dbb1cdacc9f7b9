"""Stores of the real photos and of the demo catalogue, made once a model and kept under build/stores.

python -m benchmarks.stores [--data ../shared/data] [--only luma ...]

``--only all`` makes one store of the 10,024 photos of four sets (see ``photo_sets``).
"""

from __future__ import annotations

import argparse
import csv
import tempfile
from pathlib import Path

from benchmarks.photo_sets import write_table
from benchmarks.quality import catalogue_of

from lookalike.catalogue.items import Catalogue
from lookalike.catalogue.reading import Columns, read_catalogue
from lookalike.demo.catalogue import draw_catalogue
from lookalike.embedding.zoo import open_embedder
from lookalike.retrieval.engine import SearchEngine
from lookalike.retrieval.opening import index

NAMES = ("luma", "turntable", "shop_samples", "demo", "grocery", "clothing")
KEPT = Path("build/stores")


def engine_of(data: Path, name: str, *, model: str = "default", kept: Path = KEPT) -> SearchEngine:
    """The engine over one data set with a model; only what is not there yet is embedded."""
    fingerprint = open_embedder(model).card.fingerprint.replace("/", "_")
    return index(_catalogue(data, name, kept), kept / f"{name}-{fingerprint}", model=model)


def _catalogue(data: Path, name: str, kept: Path) -> Catalogue:
    if name == "demo":
        return read_catalogue(draw_catalogue(kept / "demo-photos"))
    if name == "all":
        table = kept / "all-photos" / "images.csv"
        write_table(data, table)
        return read_catalogue(table)
    if name == "clothing":
        return read_catalogue(data / name / "images.csv", columns=Columns(item="path"))
    if name == "grocery":
        return _grocery(data / name)
    return catalogue_of(data, name)


def _grocery(home: Path) -> Catalogue:
    """Shelf photos and the shop's pictures as one catalogue, with the coarse class of each product."""
    with tempfile.TemporaryDirectory() as scratch:
        table = Path(scratch) / "images.csv"
        with table.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["path", "class_id", "coarse_class", "split"])
            for source, split in (("images.csv", "train"), ("iconic.csv", "shop")):
                with (home / source).open(newline="") as rows:
                    for row in csv.DictReader(rows):
                        writer.writerow([row["path"], row["class_id"], row["coarse_class"], split])
        return read_catalogue(table, photos=home, columns=Columns(item="class_id"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--only", nargs="*", default=list(NAMES))
    options = parser.parse_args()
    for name in options.only:
        print(engine_of(options.data, name), flush=True)


if __name__ == "__main__":
    main()
