"""Peers built one after the other, each in a process of its own with a limit on its time, and kept on disk.

    build/peers/bin/python -m benchmarks.peers.building --views 1000000 [--only NAME ...] [--minutes 30]

One thread each where a library lets us say so. What was built before with the same version is not built
again; `benchmarks.peers.ranking` asks what lies there. A build that does not end in its time is written down
as that. Times of building are CPU seconds: it runs beside whatever else the machine does.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import shutil
import subprocess
import sys
import time
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.machine import describe
from benchmarks.peers.case import Case, case_of
from benchmarks.peers.databases import Chroma, Lance, Milvus, Qdrant
from benchmarks.peers.libraries import Faiss, FaissHnsw, FaissIvfPq, Hnswlib, Usearch
from benchmarks.peers.search_peers import Compressed, Exact, Peer

PEERS: dict[str, type[Peer]] = {
    "lookalike, exact": Exact,
    "lookalike, compressed": Compressed,
    "FAISS Flat": Faiss,
    "FAISS HNSW": FaissHnsw,
    "FAISS IVF-PQ": FaissIvfPq,
    "hnswlib": Hnswlib,
    "usearch": Usearch,
    "LanceDB": Lance,
    "chroma": Chroma,
    "Qdrant, local": Qdrant,
    "Milvus Lite": Milvus,
}
PAPERS = "built.json"


def home_of_peer(case: Case, name: str) -> Path:
    """Where a peer's index is."""
    return case.folder / "-".join("".join(c if c.isalnum() else " " for c in name).split())


def papers_of(case: Case, name: str) -> dict[str, Any] | None:
    """What is known of a build with the version that is installed and these settings; None without one."""
    try:
        papers = json.loads((home_of_peer(case, name) / PAPERS).read_text())
    except (OSError, ValueError):
        return None
    peer = PEERS[name]
    same = (papers["version"], papers["settings"]) == (version(peer.package), peer.settings)
    return papers if same else None


def build(case: Case, name: str) -> None:
    """In a process of its own: build one peer, write down what that took."""
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    folder = home_of_peer(case, name)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    case.snapshot.matrix.max()  # the file is read before the clock starts
    clock, cpu = time.perf_counter(), _cpu_s()
    PEERS[name]().build(case, folder)
    spent = {"build_s": time.perf_counter() - clock, "build_cpu_s": _cpu_s() - cpu}
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    _note(folder, name, {key: round(value, 2) for key, value in spent.items()} | {"bytes": size})


def _cpu_s() -> float:
    """CPU seconds of this process and of those that it started and that ended."""
    mine = os.times()
    return mine.user + mine.system + mine.children_user + mine.children_system


def _note(folder: Path, name: str, facts: dict[str, Any]) -> None:
    peer = PEERS[name]
    about = {"version": version(peer.package), "settings": peer.settings, "machine": describe()}
    (folder / PAPERS).write_text(json.dumps(about | facts, indent=2) + "\n")


def build_within(case: Case, name: str, *, views: int, minutes: float) -> None:
    """Build a peer in another process; where it fails or does not end in time, write that down."""
    command = [sys.executable, "-m", "benchmarks.peers.building", "--views", str(views), "--here", name]
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"), "1")
    failed = ""
    try:
        ended = subprocess.run(
            command,
            timeout=60 * minutes,
            env=os.environ | threads | {"LANCE_CPU_THREADS": "1"},
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        if ended.returncode:
            failed = (ended.stderr.strip().splitlines() or [f"exit status {ended.returncode}"])[-1][:200]
    except subprocess.TimeoutExpired:
        failed = f"did not end within {minutes:g} minutes"
    if failed:
        folder = home_of_peer(case, name)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        _note(folder, name, {"failed": failed})


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--views", type=int, default=100_000)
    parser.add_argument("--only", nargs="*", default=list(PEERS))
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--here", help="build this one in this process")
    options = parser.parse_args()
    case = case_of(options.views)
    if options.here:
        build(case, options.here)
        return
    for name in options.only:
        if papers_of(case, name) is None:
            build_within(case, name, views=options.views, minutes=options.minutes)
        papers = papers_of(case, name) or {}
        print(name, papers.get("failed") or f"built in {papers['build_cpu_s']} CPU s", flush=True)


if __name__ == "__main__":
    main()
