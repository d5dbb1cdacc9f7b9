"""Where the CPU time of a search goes: each part of the server timed while 16 clients load it.

    python -m benchmarks.serving_parts --store STORE --photos FOLDER [--seconds 10] [--rounds 3]

The server runs as in `benchmarks.serving`, with a clock of the thread's own CPU time around some of its calls
(they cost some hundredths of a millisecond, which count as "rest of the threads"). What each thread and the
decoders used in all comes from the scheduler. Medians of rounds, in milliseconds of one core a search.
Decoding and Pillow's resize are timed alone, too, with nothing in between that empties the caches.
"""

from __future__ import annotations

import argparse
import functools
import json
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import uvloop
from benchmarks.load import Target, closed_loop
from benchmarks.machine import describe
from benchmarks.served import read_photos, server, threads_of, wait_until_calm
from benchmarks.serving import CLIENTS, rate
from PIL import Image

import lookalike
from lookalike.catalogue.isolated import IsolatedDecoder
from lookalike.catalogue.photos import open_image, read_photo
from lookalike.embedding.embedder import Embedder
from lookalike.interfaces.http import search
from lookalike.interfaces.http.service import Service
from lookalike.retrieval.index.base import Index

RESULTS = Path(__file__).parent / "results"
INDEX = "of it the index"
TIMED: dict[str, tuple[Any, str]] = {
    "the model": (Embedder, "encode"),
    "line to the decoders": (IsolatedDecoder, "read_photos"),
    "the search": (Service, "rank_each"),
    INDEX: (Index, "nearest"),
    "the answer as JSON has it": (search, "_told"),
    "the answer as text": (search, "to_json"),
}
"""What is timed in the server, by the object that holds it and its name there."""
RUN = ("-m", "benchmarks.serving_parts")


class Clocks:
    """Adds up the CPU time of calls; tells it in a file whenever the process gets SIGUSR1."""

    def __init__(self, told: Path) -> None:
        self.seconds = dict.fromkeys(TIMED, 0.0)
        self._told = told
        for name, (owner, call) in TIMED.items():
            setattr(owner, call, self._timed(name, getattr(owner, call)))
        signal.signal(signal.SIGUSR1, self._tell)

    def _timed(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(call)
        def timed(*args: Any, **options: Any) -> Any:
            begun = time.thread_time()
            try:
                return call(*args, **options)
            finally:
                self.seconds[name] += time.thread_time() - begun

        return timed

    def _tell(self, _: int, __: FrameType | None) -> None:
        part = self._told.with_suffix(".part")
        part.write_text(json.dumps(self.seconds))
        part.replace(self._told)


def asked(process: subprocess.Popen[str], told: Path) -> dict[str, float]:
    """What the clocks in a server show now."""
    told.unlink(missing_ok=True)
    process.send_signal(signal.SIGUSR1)
    while not told.exists():
        time.sleep(0.01)
    shown: dict[str, float] = json.loads(told.read_text())
    return shown


def one_round(process: subprocess.Popen[str], target: Target, told: Path, seconds: float) -> dict[str, float]:
    """Milliseconds a search, by part."""
    threads = {(thread.process, thread.number): thread.cpu_s for thread in threads_of(process)}
    clocks, own = asked(process, told), time.process_time()
    done = uvloop.run(closed_loop(target, clients=CLIENTS, seconds=seconds)).count(200)
    own = time.process_time() - own
    target.close()

    after = asked(process, told)
    ms = {name: 1000 * (after[name] - clocks[name]) / done for name in TIMED}
    groups = {"HTTP, forms, event loop": 0.0, "threads": 0.0, "decoders": 0.0}
    for thread in threads_of(process):
        used = 1000 * (thread.cpu_s - threads.get((thread.process, thread.number), 0.0)) / done
        main = thread.number == thread.process == process.pid
        groups[
            "HTTP, forms, event loop" if main else "threads" if thread.process == process.pid else "decoders"
        ] += used
    apart = [name for name in TIMED if name != INDEX]
    rest = groups.pop("threads") - sum(ms[name] for name in apart)
    return {**ms, "rest of the threads": rest, **groups, "load generator": 1000 * own / done}


def alone(photos: list[bytes], size_px: int) -> dict[str, float]:
    """Milliseconds of decoding, and of the resize in it, with warm caches."""
    opened = [open_image(photo, long_side_px=10_000) for photo in photos]
    resize = [
        (image, read_photo(photo, size_px=size_px).content)
        for image, photo in zip(opened, photos, strict=True)
    ]
    small = [(image, (box[2] - box[0], box[3] - box[1])) for image, box in resize]
    decoding = rate(lambda: [read_photo(photo, size_px=size_px) for photo in photos], len(photos), 1)[1]
    resizing = rate(
        lambda: [image.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0) for image, size in small],
        len(photos),
        1,
    )[1]
    return {"decoding alone": 1000 * decoding, "of it the resize": 1000 * resizing}


def table(parts: dict[str, float]) -> str:
    whole = sum(ms for name, ms in parts.items() if name != INDEX)
    lines = ["| part | ms of a core |", "|---|---|"]
    lines += [f"| {name} | {ms:.2f} |" for name, ms in parts.items()]
    return "\n".join([*lines, f"| all of it | {whole:.2f} |"])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    photos = read_photos(options.photos, 64)
    card = lookalike.open(options.store, read_only=True).embedder.card
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "clocks.json"
        with server(options.store, program=(*RUN, str(told))) as (process, port):
            target = Target("127.0.0.1", port, photos)
            wait_until_calm(process)
            one_round(process, target, told, 4)  # warm
            rounds = [one_round(process, target, told, options.seconds) for _ in range(options.rounds)]
    middle = {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}
    result = {
        "protocol": __doc__,
        "machine": describe(),
        "model": card.fingerprint,
        "rounds": rounds,
        "median_ms": middle,
        "alone_ms": alone(photos, card.size_px),
    }
    (RESULTS / f"serving_parts_{card.name}.json").write_text(json.dumps(result, indent=2) + "\n")
    print(table(middle))
    print(result["alone_ms"])


def serve(told: Path) -> None:
    """Be the server that is timed."""
    from lookalike.interfaces.cli import main as lookalike_main

    Clocks(told)
    lookalike_main()


if __name__ == "__main__":
    if len(sys.argv) > 2 and sys.argv[2] == "serve":
        sys.argv[1:2], log = [], Path(sys.argv[1])
        serve(log)
    else:
        main()
