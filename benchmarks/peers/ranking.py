"""Item ranking: ours beside vector libraries and databases, on the same vectors, taking turns.

    build/peers/bin/python -m benchmarks.peers.building --views 100000
    build/peers/bin/python -m benchmarks.peers.ranking --views 100000 [--questions 192] [--only NAME ...]

Synthetic views of width 256, from one to dozens an item (`benchmarks.large_search`). Item recall@10 is
against exact best-view ranking. Peers that find views are asked for 10 of them (naive) and for 100
(over-fetch), grouped into items in one line of numpy. What can be set when asking (efSearch, nprobe) is the
least that reaches a recall of .99 by over-fetch on 64 other questions, else the most tried. All take turns
every ten questions, in an order drawn anew; one thread for each library's arithmetic, ours exact scans on
all cores. A peer that is slow is asked no more after its share of seconds. A batch is all questions in one
call, on all cores, best of three; databases have no such call of their own.

Bytes are on disk; memory is what opening and the first questions add of pages that the system cannot take
back (Anonymous of /proc/self/smaps_rollup: a mapped file is not in it, Milvus Lite's own process neither).
"""

from __future__ import annotations

import argparse
import logging
import os
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.large_search import SEED
from benchmarks.machine import describe
from benchmarks.peers.building import PEERS, home_of_peer, papers_of
from benchmarks.peers.case import TUNING, Case, K, case_of
from benchmarks.peers.search_peers import Grouped, Peer
from benchmarks.peers.tables import write_table

OVER_FETCH, AT_A_TURN, ENOUGH, TUNING_S = 100, 10, 0.99, 10
SETTLE_S = 20
"""Before asking, for what databases go on with by themselves after they were opened."""


def timed(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Seconds by the clock and of CPU time, and what came of it."""
    clock, cpu = time.perf_counter(), time.process_time()
    found = work()
    return time.perf_counter() - clock, time.process_time() - cpu, found


def anonymous_mb() -> float:
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Anonymous:")) / 1024


def opened(case: Case, name: str) -> tuple[Peer, dict[str, Any]]:
    """A peer ready to be asked, and what that took."""
    peer, before = PEERS[name](), anonymous_mb()

    def ready() -> None:
        peer.open(case, home_of_peer(case, name))
        if isinstance(peer, Grouped):
            peer.item_of = case.item_of
        peer.items(case.questions[:1])

    clock, _, _ = timed(ready)
    return peer, {"load_s": round(clock, 3), "memory_mb": round(anonymous_mb() - before)}


def settle(case: Case, peer: Peer) -> int | None:
    """Take the least effort that reaches the recall wanted; None where there is nothing to set."""
    if isinstance(peer, Grouped):
        peer.fetch = OVER_FETCH
    for effort in peer.efforts:
        peer.take(effort)
        found, begun = [], time.perf_counter()
        for question in case.questions[:TUNING]:
            found += peer.items(question[None])
            if time.perf_counter() - begun > TUNING_S:
                break
        if case.recall(found) >= ENOUGH or effort == peer.efforts[-1]:
            return effort
    return None


class Asking:
    """One way of asking one peer: how many views it is asked for, and what came of it."""

    def __init__(self, name: str, peer: Peer, fetch: int | None) -> None:
        self.name, self.peer, self.fetch = name, peer, fetch
        self.key = f"{name} | {f'{fetch} views' if fetch else 'items'}"
        self.seconds: list[tuple[float, float]] = []
        self.found: list[list[int]] = []
        self.batch_s: list[float] = []

    def ask(self, questions: np.ndarray, *, at_most_s: float) -> None:
        """The next questions, one by one, while there is time left."""
        self._set()
        for question in questions:
            if sum(clock for clock, _ in self.seconds) > at_most_s:
                return
            clock, cpu, found = timed(lambda one=question: self.peer.items(one[None]))
            self.seconds.append((clock, cpu))
            self.found += found

    def ask_at_once(self, questions: np.ndarray) -> None:
        self._set()
        self.batch_s.append(timed(lambda: self.peer.items(questions))[0] / len(questions))

    def _set(self) -> None:
        if isinstance(self.peer, Grouped) and self.fetch:
            self.peer.fetch = self.fetch

    def figures(self, case: Case) -> dict[str, Any]:
        clock, cpu = np.array(self.seconds).T * 1e3
        return {
            "questions": len(clock),
            "item_recall_at_10": round(case.recall(self.found, TUNING), 4),
            "cpu_ms_p50": round(float(np.median(cpu)), 3),
            "clock_ms_p50": round(float(np.median(clock)), 3),
            "clock_ms_p99": round(float(np.percentile(clock, 99)), 3),
            "queries_per_s": round(1e3 / float(np.mean(clock)), 1),
            "batch_queries_per_s": round(1 / min(self.batch_s), 1) if self.batch_s else None,
        }


def ways(contenders: dict[str, Peer]) -> Iterator[Asking]:
    for name, peer in contenders.items():
        for fetch in (K, OVER_FETCH) if isinstance(peer, Grouped) else (None,):
            yield Asking(name, peer, fetch)


def threads(count: int) -> None:
    """Of FAISS, which has one number for the whole process; the others are told at each call."""
    import faiss

    faiss.omp_set_num_threads(count)


def asked(case: Case, contenders: dict[str, Peer], *, count: int, at_most_s: float) -> dict[str, Any]:
    """Every asking's figures: single questions in turns, then all at once."""
    askings, rng = list(ways(contenders)), np.random.default_rng(SEED)
    questions = case.questions[TUNING : TUNING + count]
    threads(1)
    for start in range(0, len(questions), AT_A_TURN):
        for number in rng.permutation(len(askings)):
            askings[number].ask(questions[start : start + AT_A_TURN], at_most_s=at_most_s)
    threads(os.cpu_count() or 1)
    for _ in range(3):
        for one in askings:
            if one.peer.batches:
                one.ask_at_once(questions)
    return {one.key: one.figures(case) for one in askings}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--views", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=192)
    parser.add_argument("--seconds", type=float, default=15, help="of asking, for each way")
    parser.add_argument("--only", nargs="*", default=list(PEERS))
    parser.add_argument("--part", default="", help="name of the result where only some peers are asked")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    case, machine = case_of(options.views), describe()
    known = {name: papers for name in options.only if (papers := papers_of(case, name))}
    contenders: dict[str, Peer] = {}
    threads(1)
    for name in [name for name in known if "failed" not in known[name]]:
        try:
            contenders[name], opening = opened(case, name)
            known[name] |= opening | {"effort": settle(case, contenders[name])}
            print(name, opening, known[name]["effort"], flush=True)
        except Exception as error:  # a peer that fails is a line of the table, not the end of the run
            known[name] = {"failed": f"{type(error).__name__}: {str(error)[:200]}"}
            contenders.pop(name, None)
            print(name, known[name], flush=True)
    time.sleep(SETTLE_S)
    figures = asked(case, contenders, count=options.questions, at_most_s=options.seconds)
    result = {
        "protocol": __doc__,
        "machine": machine,
        "seed": SEED,
        "views": options.views,
        "items": len(case.snapshot),
        "most_views_of_an_item": int(np.diff(case.snapshot.starts).max()),
        "peers": known,
        "askings": figures,
    }
    write_table("_".join(filter(None, ("peers_ranking", str(options.views), options.part))), result)


if __name__ == "__main__":
    main()
