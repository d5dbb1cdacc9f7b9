"""How long it takes to index real photos with the default-sized job: 6,000 photos into a store, on disk.

    python -m benchmarks.indexing [--data ../shared/data] [--photos 6000] [--model descriptor]
    python -m benchmarks.indexing --all --model default

The photos are those of clothing, turntable and grocery as they are; with ``--all`` the 10,024 of four sets
with their own items (see ``photo_sets``). The store is synced as always.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from pathlib import Path

from benchmarks.machine import describe
from benchmarks.photo_sets import write_table

from lookalike.catalogue.items import Catalogue, Item, View
from lookalike.catalogue.reading import read_catalogue
from lookalike.retrieval.indexing import index_catalogue
from lookalike.retrieval.opening import open_for_indexing

RESULTS = Path(__file__).parent / "results"
VIEWS_AN_ITEM = 4


def catalogue_of(data: Path, photos: int) -> Catalogue:
    """Items of four photos each, in the order of their names."""
    found = sorted(
        path for name in ("clothing", "turntable", "grocery") for path in (data / name).rglob("*.jpg")
    )
    groups = [found[at : at + VIEWS_AN_ITEM] for at in range(0, min(photos, len(found)), VIEWS_AN_ITEM)]
    items = (Item(f"item-{at:05d}", tuple(map(View, group))) for at, group in enumerate(groups))
    return Catalogue(tuple(items), source="benchmark")


def every_photo(data: Path) -> Catalogue:
    """All photos of the four sets, with their items."""
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "images.csv"
        write_table(data, table)
        return read_catalogue(table)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--photos", type=int, default=6000)
    parser.add_argument("--model", default="descriptor")
    parser.add_argument("--all", action="store_true", help="All photos of four sets.")
    options = parser.parse_args()
    catalogue = every_photo(options.data) if options.all else catalogue_of(options.data, options.photos)
    with tempfile.TemporaryDirectory() as folder:
        store, embedder = open_for_indexing(folder, model=options.model)
        begun, begun_cpu = time.perf_counter(), time.process_time()
        report = index_catalogue(catalogue, store, embedder)
        seconds, cpu_seconds = time.perf_counter() - begun, time.process_time() - begun_cpu
        begun = time.perf_counter()
        again = index_catalogue(catalogue, store, embedder)
        again_s = time.perf_counter() - begun
        stored_mb = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file()) / 1e6
    result = {
        "protocol": __doc__,
        "machine": describe(),
        "load_average": os.getloadavg()[0],
        "model": embedder.card.fingerprint,
        "photos": report.embedded,
        "failed": len(report.failed),
        "seconds": round(seconds, 2),
        "cpu_seconds": round(cpu_seconds, 2),
        "again_unchanged_seconds": round(again_s, 2),
        "unchanged_items": again.unchanged,
        "store_megabytes": round(stored_mb, 1),
    }
    RESULTS.mkdir(exist_ok=True)
    name = "indexing_all.json" if options.all else "indexing.json"
    (RESULTS / name).write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps({key: value for key, value in result.items() if key != "protocol"}, indent=2))


if __name__ == "__main__":
    main()
