"""A Ray cluster of two nodes on loopback that does a job, one of its workers killed in the middle.

Daft's runner is chosen once in a process, hence a process of its own. Prints one JSON object.
Arguments: the catalogue's folder, the folder for the shards.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

MARK = b"UDFProject"
"""What a worker of Daft calls its process while it is at work on our function."""


def workers(cluster: str) -> list[int]:
    """Daft's workers at work on the nodes of the cluster at that address; a node is their parent process."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if MARK in (process / "cmdline").read_bytes():
                parent = (process / "stat").read_text().rpartition(")")[2].split()[1]
                if cluster.encode() in Path(f"/proc/{parent}/cmdline").read_bytes():
                    found.append(int(process.name))
        except OSError:  # it has ended meanwhile
            continue
    return sorted(found)


def kill_one(cluster: str, out: str, killed: list[int]) -> None:
    """Kill a worker once the first shard is there."""
    while not list(Path(out).glob("shards/*.parquet")):
        time.sleep(0.02)
    while not (found := workers(cluster)):
        time.sleep(0.02)
    victim = found[0]
    os.kill(victim, signal.SIGKILL)
    killed.append(victim)


def main(source: str, out: str) -> None:
    import ray
    from ray.cluster_utils import Cluster

    from lookalike.embedding.jobs.job import job_of
    from lookalike.embedding.jobs.running import run_job

    size = {"num_cpus": 1, "object_store_memory": 80_000_000}
    cluster = Cluster(initialize_head=True, head_node_args={**size, "include_dashboard": False})
    cluster.add_node(**size)
    job = job_of(
        {
            "photos": {"source": source},
            "model": {"name": "descriptor"},
            "out": {"folder": out, "views_per_shard": 3},
            "engine": {"name": "ray", "address": cluster.address, "threads": 1},
        }
    )
    killed: list[int] = []
    threading.Thread(target=kill_one, args=(cluster.address, out, killed), daemon=True).start()
    try:
        report = run_job(job)
        nodes = sum(node["Alive"] for node in ray.nodes())
        sys.stdout.write(json.dumps({**report.to_dict(), "killed": killed, "nodes": nodes}) + "\n")
    finally:
        ray.shutdown()
        cluster.shutdown()


if __name__ == "__main__":
    main(*sys.argv[1:3])
