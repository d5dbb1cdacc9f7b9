"""What a server over a million views holds in memory: of its own, and mapped from disk."""

from __future__ import annotations

import ctypes
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.large_search import spread
from benchmarks.million.steps import K, Run
from benchmarks.served import family_of, server

from lookalike.interfaces.client import Ask, Client

CHANGES, WAIT_S = 10, 120.0
PROCESS_MADVISE, MADV_PAGEOUT, PIECE = 440, 21, 1 << 27  # of Linux on 64 bits


def memory_of(process: subprocess.Popen[str]) -> dict[str, int]:
    """Megabytes of a process and its children.

    Resident, as ``top`` shows it, pages that several share counted in each; proportional (PSS), those counted
    once; and anonymous, which the system cannot take back. The rest is mapped from files: part of the
    system's own cache, which gives way when memory is short.
    """
    total = dict.fromkeys(("Rss", "Pss", "Anonymous"), 0)
    for one in family_of(process):
        for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()[1:]:
            name, size = line.split(":")
            if name in total:
                total[name] += int(size.split()[0])
    return {name.lower(): round(kilobytes / 1000) for name, kilobytes in total.items()}


def taken_back(pid: int) -> None:
    """As when memory is short: the system takes back all that the process has mapped from its arrays' files.

    ``process_madvise`` with ``MADV_PAGEOUT`` drops the pages from the process and from the system's cache, so
    that they come from the disk again.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    handle = os.pidfd_open(pid)
    for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
        span, *_, name = line.split()
        if not name.endswith(".npy"):
            continue
        begin, end = (int(address, 16) for address in span.split("-"))
        for at in range(begin, end, PIECE):
            piece = (ctypes.c_size_t * 2)(at, min(PIECE, end - at))
            libc.syscall(PROCESS_MADVISE, handle, piece, ctypes.c_size_t(1), MADV_PAGEOUT, 0)
    os.close(handle)


def _ms(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return 1e3 * (time.perf_counter() - begun)


def memory(run: Run) -> dict[str, Any]:
    """After each kind of work that a server is asked for, one after the other."""
    photos = [Path(path) for _, path in run.laid_out().asked]
    found: dict[str, Any] = {}
    with server(run.store) as (process, port):
        client = Client(f"http://127.0.0.1:{port}", timeout_s=WAIT_S)
        client.search(photos[0], k=K)
        found["first_answer"] = memory_of(process)
        client.categorise(photos[0])
        found["learnt_categories"] = memory_of(process)
        for photo in photos:
            client.search(photo, k=K)
        found[f"{len(photos)}_photos"] = memory_of(process)
        client.stats()
        client.search(photos[0], k=K, where={"price": {"low": 7, "high": 9}})
        found["filters"] = memory_of(process)
        client.ask(Ask(words="synthetic thing"), k=K)
        found["words"] = memory_of(process)
        for number in range(CHANGES):
            client.put(f"uploaded/{number}", photos[number])
            client.delete(f"uploaded/{number}")
        found["changes"] = memory_of(process)
        taken_back(process.pid)
        found["taken_back"] = memory_of(process)
        found["searches_then_ms"] = spread([_ms(lambda p=photo: client.search(p, k=K)) for photo in photos])
        found["searches_again_ms"] = spread([_ms(lambda p=photo: client.search(p, k=K)) for photo in photos])
        peak = Path(f"/proc/{process.pid}/status").read_text().split("VmHWM:")[1].split()[0]
        found["peak_of_server"] = round(int(peak) / 1000)
    return found
