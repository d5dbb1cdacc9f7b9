"""Jobs: what planning, shards and an engine add to the bare pipeline, on the same photos, taking turns.

    python -m benchmarks.jobs [--data ../shared/data] [--photos-of luma] [--rounds 3]

The photos of one set by the default model: `embed_views` alone; the job here; the job by Daft on this
machine; filling a store from the shards, and indexing the same photos into a store. Seconds by the clock
and CPU seconds, medians of rounds; Daft's own start is paid in the first round, which does not count.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from benchmarks.machine import describe

import lookalike
from lookalike.catalogue.reading import read_catalogue
from lookalike.embedding.jobs.job import job_of
from lookalike.embedding.jobs.running import run_job
from lookalike.embedding.pipeline import embed_views
from lookalike.embedding.zoo import open_embedder
from lookalike.retrieval.shard_loading import load_shards

RESULTS = Path(__file__).parent / "results" / "jobs.json"


def ways(source: Path) -> dict[str, Callable[[Path], object]]:
    catalogue, embedder = read_catalogue(source), open_embedder()

    def bare(_: Path) -> object:
        return list(embed_views((view for _, view in catalogue.views()), embedder))

    def job(engine: str) -> Callable[[Path], object]:
        def run(folder: Path) -> object:
            asked = {
                "photos": {"source": str(source)},
                "out": {"folder": str(folder / engine), "views_per_shard": 128},
                "engine": {"name": engine},
            }
            return run_job(job_of(asked))

        return run

    return {
        "embed_views alone": bare,
        "job, local": job("local"),
        "job, daft": job("daft"),
        "load into a store": lambda folder: load_shards(str(folder / "local"), folder / "loaded"),
        "index into a store": lambda folder: lookalike.index(catalogue, folder / "indexed"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--photos-of", default="luma")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    source = options.data / options.photos_of / "images.csv"
    todo = ways(source)
    seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in todo}
    for _ in range(options.rounds + 1):
        with tempfile.TemporaryDirectory() as scratch:
            for name, work in todo.items():
                clock, cpu = time.perf_counter(), time.process_time()
                work(Path(scratch))
                seconds[name].append((time.perf_counter() - clock, time.process_time() - cpu))
    photos = read_catalogue(source).view_count
    figures = {
        name: {
            "clock_s": round(float(np.median([one[0] for one in times[1:]])), 2),
            "cpu_s": round(float(np.median([one[1] for one in times[1:]])), 2),
            "first_clock_s": round(times[0][0], 2),
        }
        for name, times in seconds.items()
    }
    result = {
        "protocol": __doc__,
        "machine": describe(),
        "set": options.photos_of,
        "photos": photos,
        "figures": figures,
    }
    RESULTS.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
