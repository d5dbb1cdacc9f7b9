"""Item ranking: ours beside vector libraries and databases, on the same vectors, taking turns.

    build/peers/bin/python -m benchmarks.peers.ranking [--views 100000] [--queries 60] [--only NAME ...]

Synthetic views of width 256, from one to dozens an item (`benchmarks.large_search`). Item recall@10 is
against exact best-view ranking. Peers that find views are asked for 10 of them (naive) and for 100
(over-fetch), grouped into items in one line of numpy. Every query is put to all, in an order drawn anew.
One thread each. On a shared machine read the ratios: CPU time first, the clock beside it. MB is on disk.
"""

from __future__ import annotations

import argparse
import logging
import tempfile
import time
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np
from benchmarks.large_search import SEED, catalogue
from benchmarks.machine import describe
from benchmarks.peers.search_peers import Grouped, K, Peer, items_of, peers
from benchmarks.peers.tables import write_table

from lookalike.retrieval.snapshot import Snapshot

OVER_FETCH = 100
PACKAGES = {"faiss": "faiss-cpu"}


def exact(snapshot: Snapshot, queries: np.ndarray) -> list[set[int]]:
    """The ten best items of each query, by the plain definition."""
    found = []
    for query in queries:
        best = np.maximum.reduceat(snapshot.matrix @ query, snapshot.starts[:-1])
        found.append(set(np.argsort(-best, kind="stable")[:K].tolist()))
    return found


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock and of CPU time."""
    clock, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - clock, time.process_time() - cpu


def on_disk(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def built(name: str, peer: Peer, snapshot: Snapshot, folder: Path) -> dict[str, object]:
    """Build, save and open a peer; what that took."""
    folder.mkdir()
    build = timed(lambda: peer.build(snapshot, folder))
    peer.save(folder)
    load = timed(lambda: peer.opening(folder))
    size = on_disk(folder)
    opens = type(peer).opening is not Peer.opening
    print(f"{name}: built in {build[1]:.1f} CPU s", flush=True)
    return {
        "version": version(PACKAGES.get(peer.package, peer.package)),
        "settings": peer.settings,
        "build_cpu_s": round(build[1], 2),
        "build_s": round(build[0], 2),
        "load_s": round(load[0], 3) if opens else None,
        "bytes": size or None,
    }


def askings(contenders: dict[str, Peer]) -> list[tuple[str, str, Peer, int | None]]:
    """Each way of asking: name, how, the peer, and how many views it is asked for."""
    found: list[tuple[str, str, Peer, int | None]] = []
    for name, peer in contenders.items():
        if isinstance(peer, Grouped):
            found += [(name, f"{fetch} views", peer, fetch) for fetch in (K, OVER_FETCH)]
        else:
            found.append((name, "items", peer, None))
    return found


def asked(
    contenders: dict[str, Peer], queries: np.ndarray, truth: list[set[int]]
) -> dict[str, dict[str, object]]:
    """Every asking's figures, the askings taking turns on each query."""
    ways = askings(contenders)
    seconds: dict[str, list[tuple[float, float]]] = {}
    recalls: dict[str, list[float]] = {}
    rng = np.random.default_rng(SEED)
    for number, query in enumerate(queries):
        for name, how, peer, fetch in (ways[at] for at in rng.permutation(len(ways))):
            if isinstance(peer, Grouped) and fetch is not None:
                peer.fetch = fetch
            answer: list[int] = []
            spent = timed(lambda at=peer, q=query, into=answer: into.extend(at.items(q)))
            if number == 0:  # the first query warms up
                continue
            seconds.setdefault(f"{name} | {how}", []).append(spent)
            recalls.setdefault(f"{name} | {how}", []).append(len(truth[number] & set(answer)) / K)
    figures: dict[str, dict[str, object]] = {}
    for key in (f"{name} | {how}" for name, how, _, _ in ways):
        clock, cpu = np.array(seconds[key]).T * 1e3
        figures[key] = {
            "item_recall_at_10": round(float(np.mean(recalls[key])), 4),
            "cpu_ms_p50": round(float(np.median(cpu)), 3),
            "clock_ms_p50": round(float(np.median(clock)), 3),
            "clock_ms_p99": round(float(np.percentile(clock, 99)), 3),
            "queries_per_cpu_s": round(1e3 / float(np.mean(cpu)), 1) if np.mean(cpu) > 0 else None,
        }
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--views", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=60)
    parser.add_argument("--only", nargs="*", default=[])
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    snapshot, queries = catalogue(options.views, np.random.default_rng(SEED))
    queries = queries[: options.queries + 1]
    truth = exact(snapshot, queries)
    contenders = {name: one for name, one in peers().items() if not options.only or name in options.only}
    builds: dict[str, dict[str, object]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for number, (name, peer) in enumerate(list(contenders.items())):
            try:
                builds[name] = built(name, peer, snapshot, Path(scratch) / str(number))
            except Exception as error:  # a peer that fails is a line of the table, not the end of the run
                builds[name] = {"failed": f"{type(error).__name__}: {str(error)[:200]}"}
                del contenders[name]
                print(name, builds[name], flush=True)
        figures = asked(contenders, queries, truth)
    views = np.diff(snapshot.starts)
    result = {
        "protocol": __doc__,
        "machine": describe(),
        "seed": SEED,
        "views": options.views,
        "items": len(snapshot),
        "most_views_of_an_item": int(views.max()),
        "queries": len(queries) - 1,
        "peers": builds,
        "askings": figures,
    }
    assert len(items_of(snapshot)) == options.views
    write_table(f"peers_ranking_{options.views}", result)


if __name__ == "__main__":
    main()
