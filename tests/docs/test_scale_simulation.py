"""The simulated day of docs/scale.md: its queue against a loop, and more machines against fewer."""

from __future__ import annotations

import numpy as np
from benchmarks.scale import CORES, Rates, day, machine

RATES = Rates(embed_core_s=0.009, search_core_s=0.011, scan_core_s=0.008, scan_sigma=0.07, store_bytes=1500.0)


def test_the_queue_is_first_come_first_served():
    rng = np.random.default_rng(0)
    asked, changes = np.sort(rng.uniform(0, 30, 400)), np.sort(rng.uniform(0, 30, 200))
    scans, embeds = rng.uniform(0.01, 0.1, 400), rng.random(400) < 0.5
    ends, busy = machine(asked, scans, embeds, changes, RATES)
    jobs = [(moment, place) for place, moment in enumerate(asked)] + [(moment, -1) for moment in changes]
    free = worked = 0.0
    for moment, place in sorted(jobs):
        own = RATES.embed_core_s / CORES
        if place >= 0:
            own = scans[place] + embeds[place] * RATES.search_core_s / CORES
        free = max(moment, free) + own
        worked += own
        if place >= 0:
            alone = embeds[place] * RATES.search_core_s * (1 - 1 / CORES)
            assert abs(ends[place] - (free + alone)) < 1e-9
    assert abs(busy.sum() - worked) < 1e-9


def test_more_copies_wait_less_and_are_less_busy():
    few = day(100_000_000, RATES, searches=50_000, changes=1_000, copies=1)
    more = day(100_000_000, RATES, searches=50_000, changes=1_000, copies=3)
    assert few.shards == 2
    assert more.p99_ms <= few.p99_ms
    assert more.utilisation < few.utilisation < 1
    assert more.p50_ms > 25  # a scan of half of it, and the photo's embedding
