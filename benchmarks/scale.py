"""What 10 million, 100 million and a billion views need, from measured rates; and a day of it, simulated.

    python -m benchmarks.scale [--write]

Sizing is arithmetic on what other benchmarks measured (their JSON under results/ is read, nothing is timed
here) and on the assumptions below. The day is a discrete-event simulation of every search and change:
both arrive as Poisson processes whose rates follow the hour (searches around 20:00, changes around 3:00).
A machine serves first come, first served. A search is embedded by one machine of its copy, on one core, and
scanned on every shard of the copy by all cores; it is answered when the slowest shard is done. Scan times are
log-normal through the measured median and 95th percentile. A change costs its embedding on each copy.
``--write`` puts the tables into docs/scale.md.
"""

from __future__ import annotations

import argparse
import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

RESULTS = Path(__file__).parent / "results"
PAGE = Path(__file__).parents[1] / "docs" / "scale.md"
SEED, DAY_S, WIDTH = 0, 86_400, 256

CORES, MEMORY_GB, MACHINE_HOUR = 16, 128, 0.80
DISK_GB_MONTH, HOURS_A_MONTH = 0.08, 730
FLOAT_BYTES, CODE_BYTES = 4 * WIDTH, WIDTH // 4
MOST_VIEWS_A_MACHINE = 50_000_000
"""So that vectors and codes fit 128 GB: 1,088 bytes a view, and room for the system."""


@dataclass(frozen=True)
class Rates:
    """What was measured on two cores.

    Args:
        embed_core_s: CPU seconds of one photo into a store (decode, model, write).
        search_core_s: of one search over HTTP at 10,000 views (decode, model, HTTP).
        scan_core_s: of one query's compressed scan and rescoring, a million views, times the cores it held.
        scan_sigma: of its logarithm.
        store_bytes: of the store's file, a view.
    """

    embed_core_s: float
    search_core_s: float
    scan_core_s: float
    scan_sigma: float
    store_bytes: float


def measured() -> Rates:
    indexing, serving = _read("indexing"), _read("serving_lookalike-1")
    search, store = _read("large_search_1000000"), _store()
    single = search["single_ms"]["compressed"]
    return Rates(
        embed_core_s=indexing["cpu_seconds"] / indexing["photos"],
        search_core_s=float(np.median([one["search_cpu_ms"] for one in serving["rounds"]])) / 1e3,
        scan_core_s=2 * single["p50"] / 1e3,
        scan_sigma=math.log(single["p95"] / single["p50"]) / 1.645,
        store_bytes=1e6 * store["store_mb"] / store["views"],
    )


def _read(name: str) -> dict:
    return json.loads((RESULTS / f"{name}.json").read_text())


def _store() -> dict:
    """The largest store that was measured."""
    found = [json.loads(path.read_text()) for path in RESULTS.glob("large_store_*.json")]
    return max(found, key=lambda one: one["views"])


@dataclass(frozen=True)
class Size:
    """What a catalogue of so many views needs."""

    views: int
    vectors_gb: float
    codes_gb: float
    store_gb: float
    embed_core_hours: float
    embed_hours_on_16_machines: float
    embed_money: float
    shards: int
    machines: int
    scan_ms: float
    most_searches_per_s: float
    month_money: float


def size(views: int, rates: Rates, *, copies: int = 2) -> Size:
    shards = math.ceil(views / MOST_VIEWS_A_MACHINE)
    scan_s = rates.scan_core_s * views / 1e6 / shards / CORES
    core_hours = views * rates.embed_core_s / 3600
    machines = shards * copies
    disk_gb = views * (rates.store_bytes + FLOAT_BYTES + CODE_BYTES) / 1e9 * copies
    return Size(
        views=views,
        vectors_gb=views * FLOAT_BYTES / 1e9,
        codes_gb=views * CODE_BYTES / 1e9,
        store_gb=views * rates.store_bytes / 1e9,
        embed_core_hours=core_hours,
        embed_hours_on_16_machines=core_hours / 16 / CORES,
        embed_money=core_hours / CORES * MACHINE_HOUR,
        shards=shards,
        machines=machines,
        scan_ms=1e3 * scan_s,
        most_searches_per_s=copies * CORES / (rates.search_core_s / shards + scan_s * CORES),
        month_money=machines * MACHINE_HOUR * HOURS_A_MONTH + disk_gb * DISK_GB_MONTH,
    )


@dataclass(frozen=True)
class Day:
    """A day's work on a number of machines, and how it went; latencies in milliseconds."""

    views: int
    searches: int
    changes: int
    shards: int
    copies: int
    p50_ms: float
    p99_ms: float
    worst_hour_p99_ms: float
    utilisation: float
    busiest_hour: float
    late: float


def arrivals(count: int, rng: np.random.Generator, *, peak_hour: float, swing: float) -> np.ndarray:
    """Moments of a day, more of them around an hour of the day; sorted, in seconds."""
    hours = (np.arange(24 * 60) + 0.5) / 60
    rate = 1 + swing * np.cos((hours - peak_hour) / 24 * 2 * np.pi)
    minutes = rng.choice(len(hours), rng.poisson(count), p=rate / rate.sum())
    return np.sort(60 * (minutes + rng.random(len(minutes))))


def day(
    views: int, rates: Rates, *, searches: int, changes: int, copies: int, deadline_s: float = 1.0
) -> Day:
    """Replay a day on ``copies`` of each shard; searches go to the copies by turns."""
    rng = np.random.default_rng(SEED)
    shards = math.ceil(views / MOST_VIEWS_A_MACHINE)
    asked = arrivals(searches, rng, peak_hour=20, swing=0.8)
    changed = arrivals(changes, rng, peak_hour=3, swing=0.95)
    scan_s = rates.scan_core_s * views / 1e6 / shards / CORES
    done = np.zeros(len(asked))
    busy = np.zeros(24)
    for shard in range(shards):
        for copy in range(copies):
            mine = np.arange(copy, len(asked), copies)
            embeds = mine // copies % shards == shard  # the machines of a copy embed by turns
            scans = scan_s * rng.lognormal(0, rates.scan_sigma, len(mine))
            ends, worked = machine(asked[mine], scans, embeds, changed[shard::shards], rates)
            done[mine] = np.maximum(done[mine], ends)
            busy += worked
    return _told(
        asked, done, busy / (3600 * shards * copies), (views, len(changed), shards, copies), deadline_s
    )


def machine(
    asked: np.ndarray, scans: np.ndarray, embeds: np.ndarray, changes: np.ndarray, rates: Rates
) -> tuple[np.ndarray, np.ndarray]:
    """When a machine is done with each of its searches, and its busy seconds by hour.

    Its cores together are one server: embedding takes a core's share of it and lasts as long as one core
    needs. The end of each job follows from the one before, e_i = max(a_i, e_(i-1)) + s_i (Lindley 1952), here
    for all at once.

    Args:
        asked, scans: when each search comes, and the seconds of its scan.
        embeds: which searches are embedded here.
        changes: when each change comes.
    """
    moments = np.concatenate([asked, changes])
    own = np.concatenate(
        [scans + embeds * rates.search_core_s / CORES, np.full(len(changes), rates.embed_core_s / CORES)]
    )
    order = np.argsort(moments, kind="stable")
    total = np.cumsum(own[order])
    ends = np.empty(len(moments))
    ends[order] = total + np.maximum.accumulate(moments[order] - (total - own[order]))
    alone_s = embeds * rates.search_core_s * (1 - 1 / CORES)
    hours = (moments // 3600).astype(int).clip(0, 23)
    return ends[: len(asked)] + alone_s, np.bincount(hours, weights=own, minlength=24)


def _told(
    asked: np.ndarray, done: np.ndarray, share: np.ndarray, plan: tuple[int, int, int, int], deadline_s: float
) -> Day:
    views, changes, shards, copies = plan
    waited = 1e3 * (done - asked)
    hour = (asked // 3600).astype(int).clip(0, 23)
    worst = max(float(np.percentile(waited[hour == one], 99)) for one in np.unique(hour))
    p50, p99 = np.percentile(waited, [50, 99])
    return Day(
        views=views,
        searches=len(asked),
        changes=changes,
        shards=shards,
        copies=copies,
        p50_ms=round(float(p50), 1),
        p99_ms=round(float(p99), 1),
        worst_hour_p99_ms=round(worst, 1),
        utilisation=round(float(share.mean()), 3),
        busiest_hour=round(float(share.max()), 3),
        late=round(float((waited > 1e3 * deadline_s).mean()), 5),
    )


def sizing_table(sizes: list[Size]) -> str:
    rows = [
        ("views", [f"{one.views:,}" for one in sizes]),
        ("vectors, float32, 256 wide", [f"{one.vectors_gb:,.0f} GB" for one in sizes]),
        ("codes that are scanned", [f"{one.codes_gb:,.1f} GB" for one in sizes]),
        ("store's file", [f"{one.store_gb:,.0f} GB" for one in sizes]),
        ("embedding all photos, core-hours", [f"{one.embed_core_hours:,.0f}" for one in sizes]),
        ("... on 16 machines of 16 cores", [f"{one.embed_hours_on_16_machines:,.1f} h" for one in sizes]),
        ("... money", [f"${one.embed_money:,.0f}" for one in sizes]),
        ("shards x copies", [f"{one.shards} x {one.machines // one.shards}" for one in sizes]),
        ("scan of one search, all cores", [f"{one.scan_ms:,.0f} ms" for one in sizes]),
        ("searches a second at most", [f"{one.most_searches_per_s:,.0f}" for one in sizes]),
        ("a month of it", [f"${one.month_money:,.0f}" for one in sizes]),
    ]
    head, *body = [f"| {name} | {' | '.join(cells)} |" for name, cells in rows]
    return "\n".join([head, "|---" * (len(sizes) + 1) + "|", *body])


def day_table(days: list[Day]) -> str:
    lines = [
        "| views | searches, changes a day | machines | median | p99 | p99 of the worst hour "
        "| busy: day, worst hour | later than 1 s |",
        "|---" * 8 + "|",
    ]
    for one in days:
        cells = (
            f"{one.views:,}",
            f"{one.searches:,}, {one.changes:,}",
            f"{one.shards} x {one.copies}",
            *(f"{value:,.0f} ms" for value in (one.p50_ms, one.p99_ms, one.worst_hour_p99_ms)),
            f"{one.utilisation:.0%}, {one.busiest_hour:.0%}",
            f"{one.late:.2%}",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def written(page: str, name: str, table: str) -> str:
    """The page with a table between its marks."""
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    before, _, rest = page.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}\n\n{table}\n\n{end}{after}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="Put the tables into docs/scale.md.")
    write = parser.parse_args().write
    rates = measured()
    sizes = [size(views, rates) for views in (10_000_000, 100_000_000, 1_000_000_000)]
    plans = [
        (10_000_000, 1_000_000, 100_000, 1),
        (10_000_000, 1_000_000, 1_000_000, 1),
        (10_000_000, 2_000_000, 100_000, 1),
        (10_000_000, 2_000_000, 100_000, 2),
        (100_000_000, 1_000_000, 1_000_000, 1),
        (100_000_000, 1_000_000, 1_000_000, 2),
    ]
    days = [
        day(views, rates, searches=searches, changes=changes, copies=copies)
        for views, searches, changes, copies in plans
    ]
    result = {
        "protocol": __doc__,
        "seed": SEED,
        "rates": asdict(rates),
        "assumed": {
            "cores": CORES, "memory_gb": MEMORY_GB, "machine_hour": MACHINE_HOUR,
            "disk_gb_month": DISK_GB_MONTH, "views_a_machine": MOST_VIEWS_A_MACHINE,
        },
        "sizes": [asdict(one) for one in sizes],
        "days": [asdict(one) for one in days],
    }  # fmt: skip
    (RESULTS / "scale.json").write_text(json.dumps(result, indent=2) + "\n")
    print(sizing_table(sizes), day_table(days), sep="\n\n")
    if write:
        page = written(PAGE.read_text(), "sizing", sizing_table(sizes))
        PAGE.write_text(written(page, "a day", day_table(days)))


if __name__ == "__main__":
    main()
