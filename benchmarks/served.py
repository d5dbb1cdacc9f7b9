"""A server in a process of its own, and what it uses, for the benchmarks that load it."""

from __future__ import annotations

import contextlib
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SEED, DEADLINE_S = 0, 10.0
LOOKALIKE = ("-c", "from lookalike.interfaces.cli import main; main()")


def read_photos(folder: Path, count: int) -> list[bytes]:
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
    return [path.read_bytes() for path in random.Random(SEED).sample(paths, min(count, len(paths)))]


@contextmanager
def server(store: Path, *, program: Sequence[str] = LOOKALIKE) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A running `lookalike serve` and its port; ``program`` stands for the command before `serve`."""
    command = [sys.executable, *program, "serve", "--store", str(store)]
    process = subprocess.Popen(
        [*command, "--port", "0", "--deadline", str(DEADLINE_S)], stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr is not None
        for line in process.stderr:
            if found := re.search(r"http://127\.0\.0\.1:(\d+)", line):
                break
        else:
            raise SystemExit("the server did not start")
        yield process, int(found[1])
    finally:
        process.terminate()
        process.wait(30)


def family_of(process: subprocess.Popen[str]) -> list[int]:
    """A process and its children."""
    family = [process.pid]
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            text = status.read_text()
        except OSError:
            continue
        if f"PPid:\t{process.pid}\n" in text:
            family.append(int(status.parent.name))
    return family


def memory_mb(process: subprocess.Popen[str]) -> float:
    """Resident memory of a process and its children."""
    pages = sum(int(Path(f"/proc/{one}/statm").read_text().split()[1]) for one in family_of(process))
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def cpu_s(process: subprocess.Popen[str]) -> float:
    """CPU seconds that a process and its children have used."""
    return sum(thread.cpu_s for thread in threads_of(process))


@dataclass(frozen=True)
class Thread:
    """A living thread: the process that it is of, its number, and the CPU seconds that it has used."""

    process: int
    number: int
    cpu_s: float


def threads_of(process: subprocess.Popen[str]) -> list[Thread]:
    """The threads of a process and its children, by the scheduler's own count in nanoseconds."""
    found = []
    for one in family_of(process):
        for task in Path(f"/proc/{one}/task").iterdir():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # ended meanwhile
                used = int((task / "schedstat").read_text().split()[0]) / 1e9
                found.append(Thread(one, int(task.name), used))
    return found


def wait_until_calm(process: subprocess.Popen[str], *, most_s: float = 60.0) -> None:
    """Wait until a server that has just started has learnt what it learns beside the searches."""
    end = time.monotonic() + most_s
    while time.monotonic() < end:
        before = cpu_s(process)
        time.sleep(1.0)
        if cpu_s(process) - before < 0.05:
            return
