"""What a server over a million views holds in memory: of its own, and mapped from disk."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from benchmarks.million.steps import K, Run
from benchmarks.serving import family_of, server

from lookalike.interfaces.client import Ask, Client

CHANGES, WAIT_S = 10, 120.0


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
        peak = Path(f"/proc/{process.pid}/status").read_text().split("VmHWM:")[1].split()[0]
        found["peak_of_server"] = round(int(peak) / 1000)
    return found
