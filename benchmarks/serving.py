"""How the HTTP door holds under load, with the store's own model, on loopback.

python -m benchmarks.serving --store STORE --photos FOLDER [--seconds 15] [--overload 60]    (0: without 4.)

The server is a process of its own (`lookalike serve`), the load another; both share the machine's cores.
1. in each of some rounds, one after the other: ceilings, in this process: the model's forward passes alone
   in batches of 16, on photos decoded before, as the model goes through them fastest (a few at a time on each
   core), and one by one on each core; decoding alone; both together, 1 / (1 / forward + 1 / decode).
   Throughput: 16 clients, each sending its next photo when its last is answered. Medians over the rounds;
   and, as other work may share the machine, the CPU time of the model for a photo against that of the server
   and its decoders for a search
2. alone: one client, one search after the other: what a visitor waits for on an idle server
3. latency at 80% of that rate: requests at random moments (Poisson), median and 99th percentile
4. overload: ten times that rate, at random moments: answers within the deadline as a share of what 16 clients
   got right before and right after it (the machine may have other work by then), answers later than the
   deadline, refusals, what the load itself takes of the cores that it shares with the server, memory of the
   server and its decoders before and after, and the time after the last request until a search is again
   answered within twice the median of 3.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import uvloop
from benchmarks.load import MOST_UNDER_WAY, Outcome, Target, closed_loop, open_loop
from benchmarks.machine import describe
from benchmarks.served import DEADLINE_S, SEED, cpu_s, memory_mb, read_photos, server, wait_until_calm

import lookalike
from lookalike.catalogue.photos import read_photo
from lookalike.embedding.embedder import Embedder

CLIENTS, BATCH, CALM = 16, 16, 0.8
TIMES, ROUNDS = 10, 5
RESULTS = Path(__file__).parent / "results"


def ceilings(embedder: Embedder, photos: list[bytes], seconds: float) -> dict[str, float]:
    """Photos a second: the model alone, decoding alone, and what both allow together; and the model's CPU."""
    size_px = embedder.card.size_px
    decoded = [read_photo(photo, size_px=size_px) for photo in photos[:BATCH]]
    forward, forward_cpu_s = rate(lambda: embedder.encode(decoded), len(decoded), seconds)
    with ThreadPoolExecutor(embedder.lanes) as cores:
        one_by_one, _ = rate(
            lambda: list(cores.map(lambda photo: embedder.lane.encode([photo]), decoded)),
            len(decoded),
            seconds / 2,
        )
    decode, _ = rate(
        lambda: [read_photo(photo, size_px=size_px) for photo in photos[:BATCH]], len(decoded), seconds / 2
    )
    both = 1 / (1 / forward + 1 / decode)
    return {
        "forward": forward,
        "forward_cpu_ms": 1000 * forward_cpu_s,
        "forward_one_by_one": one_by_one,
        "decode": decode,
        "both": both,
    }


def rate(work: Callable[[], object], each: int, seconds: float) -> tuple[float, float]:
    """Photos a second by the clock, and CPU seconds a photo."""
    work()
    begun, begun_cpu, rounds = time.perf_counter(), time.process_time(), 0
    while time.perf_counter() - begun < seconds:
        work()
        rounds += 1
    done = rounds * each
    return done / (time.perf_counter() - begun), (time.process_time() - begun_cpu) / done


def quantiles(outcome: Outcome) -> dict[str, float]:
    taken = outcome.latencies()
    return {
        "answered": len(taken),
        "median_ms": 1000 * statistics.median(taken),
        "p99_ms": 1000 * taken[min(len(taken) - 1, int(0.99 * len(taken)))],
    }


async def recovery_s(target: Target, calm_s: float) -> float:
    """Seconds until one search is answered as quickly as in calm times."""
    begun = time.perf_counter()
    while time.perf_counter() - begun < 60:
        sent = time.perf_counter()
        if await target.search(0) == 200 and time.perf_counter() - sent < calm_s:
            return time.perf_counter() - begun
    return float("inf")


async def searches(target: Target, seconds: float) -> float:
    """Searches a second that 16 clients get."""
    return (await closed_loop(target, clients=CLIENTS, seconds=seconds)).count(200) / seconds


async def one_round(
    process: subprocess.Popen[str], target: Target, options: argparse.Namespace, *, embedder: Embedder
) -> dict[str, float]:
    """The ceilings, and the throughput right after them."""
    seconds = options.seconds / ROUNDS
    limits = ceilings(embedder, target.photos, seconds)
    before, own_before = cpu_s(process), time.process_time()
    full = await closed_loop(target, clients=CLIENTS, seconds=seconds)
    done = full.count(200)
    search_cpu_ms = 1000 * (cpu_s(process) - before) / done
    return {
        **limits,
        "searches": done / seconds,
        "share_of_forward": done / seconds / limits["forward"],
        "share_of_one_by_one": done / seconds / limits["forward_one_by_one"],
        "share_of_both": done / seconds / limits["both"],
        "search_cpu_ms": search_cpu_ms,
        "generator_cpu_ms": 1000 * (time.process_time() - own_before) / done,
        "share_of_forward_by_cpu": limits["forward_cpu_ms"] / search_cpu_ms,
    }


async def measured(
    process: subprocess.Popen[str], target: Target, options: argparse.Namespace, *, embedder: Embedder
) -> dict[str, object]:
    await closed_loop(target, clients=CLIENTS, seconds=3)  # warm
    rounds = [await one_round(process, target, options, embedder=embedder) for _ in range(ROUNDS)]
    middle = {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}
    rate = middle["searches"]
    alone = await closed_loop(target, clients=1, seconds=options.seconds / 2)
    calm = await open_loop(target, per_second=CALM * rate, seconds=options.seconds, seed=SEED)
    found: dict[str, object] = {
        "rounds": rounds,
        "median_of_rounds": middle,
        "alone": quantiles(alone),
        "calm": {"per_second": CALM * rate, **quantiles(calm)},
    }
    if options.overload:
        back_s = 2 * quantiles(calm)["median_ms"] / 1000
        found["overload"] = await overloaded(process, target, options, rate=rate, calm_s=back_s)
    return found


async def overloaded(
    process: subprocess.Popen[str], target: Target, options: argparse.Namespace, *, rate: float, calm_s: float
) -> dict[str, object]:
    """Ten times the rate that 16 clients get."""
    await target.connect(MOST_UNDER_WAY)
    around = [await searches(target, options.seconds / 2)]
    before = memory_mb(process)
    own = time.process_time()
    storm = await open_loop(target, per_second=TIMES * rate, seconds=options.overload, seed=SEED + 1)
    own = time.process_time() - own
    back = await recovery_s(target, calm_s)
    around.append(await searches(target, options.seconds / 2))
    good = sum(1 for taken in storm.latencies() if taken <= DEADLINE_S)
    return {
        "sent": len(storm.answers),
        "sent_per_second": len(storm.answers) / options.overload,
        **quantiles(storm),
        "later_than_deadline": storm.count(200) - good,
        "searches_around": around,
        "goodput_share": good / options.overload / statistics.mean(around),
        "generator_share_of_cores": own / options.overload / (os.cpu_count() or 1),
        "told_429": storm.count(429),
        "told_503": storm.count(503),
        "broken": storm.count(0),
        "recovery_s": back,
        "memory_mb": {"before": before, "after": memory_mb(process)},
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--overload", type=float, default=60)
    options = parser.parse_args()
    photos = read_photos(options.photos, 64)
    engine = lookalike.open(options.store, read_only=True)
    with server(options.store) as (process, port):
        wait_until_calm(process)
        target = Target("127.0.0.1", port, photos)
        found = uvloop.run(measured(process, target, options, embedder=engine.embedder))
    result = {
        "protocol": __doc__,
        "machine": describe(),
        "load_after": os.getloadavg()[0],
        "seed": SEED,
        "store": {"items": len(engine), "views": len(engine.snapshot.matrix)},
        "model": engine.embedder.card.fingerprint,
        "mean_kilobytes": statistics.mean(map(len, photos)) / 1e3,
        **found,
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"serving_{engine.embedder.card.name}.json").write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps({key: value for key, value in result.items() if key != "protocol"}, indent=2))


if __name__ == "__main__":
    main()
