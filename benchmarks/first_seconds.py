"""What a visitor notices of a server that has just started: meanwhile it learns what things there are.

    python -m benchmarks.first_seconds --store STORE --photos FOLDER [--seconds 20]

Twenty searches a second from the moment the server is ready, one after the other; their times by two seconds.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path

import httpx2
from benchmarks.served import read_photos, server

STEP_S, EVERY_S, DIFFERENT = 2, 0.05, 30


def searched(client: httpx2.Client, photos: list[bytes], seconds: float) -> list[tuple[float, float]]:
    """Of each search when it began, in seconds from the start, and how many milliseconds it took."""
    start, rows = time.perf_counter(), []
    while (begun := time.perf_counter() - start) < seconds:
        sent = {"photos": ("photo.jpg", photos[len(rows) % len(photos)], "image/jpeg")}
        client.post("/v1/search", files=sent, data={"k": "24"}).raise_for_status()
        took = time.perf_counter() - start - begun
        rows.append((begun, 1000 * took))
        time.sleep(max(0.0, EVERY_S - took))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=20)
    options = parser.parse_args()
    photos = read_photos(options.photos, DIFFERENT)
    with server(options.store) as (_, port):
        client = httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=60)
        rows = searched(client, photos, options.seconds)
    for first in range(0, int(options.seconds), STEP_S):
        own = sorted(taken for begun, taken in rows if first <= begun < first + STEP_S)
        if own:
            print(
                f"{first} to {first + STEP_S} s: median {statistics.median(own):.0f}, most {own[-1]:.0f} ms"
            )


if __name__ == "__main__":
    main()
