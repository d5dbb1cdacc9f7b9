"""Photos to vectors: our pipeline beside other packages, the same files and weights, taking turns.

    build/peers/bin/python -m benchmarks.peers.photos [--data ../shared/data] [--photos 96] [--rounds 3]

JPEG files of 1,000 px on the long side. Rates are photos a second by the clock, medians of rounds; the ratio
is the median over rounds of our f32 rate over the peer's in the same round, so that a busy machine weighs on
both. Ray Data's time holds the start of its actors, which each of its datasets pays anew. The cosine is the
least between a peer's vectors and those of sentence-transformers.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
from benchmarks.embedding import SEED, large_photos
from benchmarks.machine import describe
from benchmarks.peers.photo_peers import WAYS, Way, export
from benchmarks.peers.tables import write_table

BASE = "lookalike, f32"
TRUTH = "sentence-transformers"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--photos", type=int, default=96)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    failed: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as scratch:
        model = export(Path(scratch))
        paths = large_photos(options.data, Path(scratch), options.photos)
        ways: dict[str, Way] = {}
        vectors: dict[str, np.ndarray] = {}
        for name, (_, make) in WAYS.items():
            try:
                way = make(model)
                vectors[name] = np.asarray(way(paths[:32]))  # warms up, too
                ways[name] = way
            except Exception as error:  # a peer that fails is a line of the table
                failed[name] = f"{type(error).__name__}: {str(error)[:300]}"
            print(name, failed.get(name, "ready"), flush=True)
        seconds: dict[str, list[float]] = {name: [] for name in ways}
        for turn in range(options.rounds):
            for name in np.random.default_rng((SEED, turn)).permutation(list(ways)):
                begun = time.perf_counter()
                ways[name](paths)
                seconds[name].append(time.perf_counter() - begun)
            print({name: round(times[-1], 2) for name, times in seconds.items()}, flush=True)
    rows = []
    for name, times in seconds.items():
        ratio = float(np.median(np.array(times) / np.array(seconds[BASE])))
        near = np.einsum("ij,ij->i", vectors[name], vectors[TRUTH]) if vectors[name].ndim == 2 else None
        rows.append(
            [
                f"{name} ({version(WAYS[name][0])})",
                f"{options.photos / float(np.median(times)):.1f}",
                f"{ratio:.2f}",
                "" if near is None else f"{float(near.min()):.4f}",
            ]
        )
    rows += [[name, "did not run", "", why] for name, why in failed.items()]
    result = {
        "protocol": __doc__,
        "machine": describe(),
        "seed": SEED,
        "photos": options.photos,
        "rounds": options.rounds,
        "seconds": {name: [round(one, 3) for one in times] for name, times in seconds.items()},
        "columns": ["peer", "photos a second", "our f32 is so many times as fast", "least cosine"],
        "rows": rows,
    }
    write_table("peers_photos", result)


if __name__ == "__main__":
    main()
