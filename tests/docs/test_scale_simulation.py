"""The simulated day of docs/scale.md: its queue against a loop, and more machines against fewer."""

from __future__ import annotations

import importlib.util
import sys

import numpy as np
import pytest

from tests.docs.test_written import ROOT


@pytest.fixture(scope="module")
def scale():
    """The script, which is no part of a package that the tests can import."""
    spec = importlib.util.spec_from_file_location("scale_script", ROOT / "benchmarks" / "scale.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = script  # its dataclasses look themselves up
    spec.loader.exec_module(script)
    return script


@pytest.fixture(scope="module")
def rates(scale):
    return scale.Rates(
        embed_core_s=0.009, search_core_s=0.011, scan_core_s=0.008, scan_sigma=0.07, store_bytes=1500.0
    )


def test_the_queue_is_first_come_first_served(scale, rates):
    rng = np.random.default_rng(0)
    asked, changes = np.sort(rng.uniform(0, 30, 400)), np.sort(rng.uniform(0, 30, 200))
    scans, embeds = rng.uniform(0.01, 0.1, 400), rng.random(400) < 0.5
    ends, busy = scale.machine(asked, scans, embeds, changes, rates)
    jobs = [(moment, place) for place, moment in enumerate(asked)] + [(moment, -1) for moment in changes]
    free = worked = 0.0
    for moment, place in sorted(jobs):
        own = rates.embed_core_s / scale.CORES
        if place >= 0:
            own = scans[place] + embeds[place] * rates.search_core_s / scale.CORES
        free = max(moment, free) + own
        worked += own
        if place >= 0:
            alone = embeds[place] * rates.search_core_s * (1 - 1 / scale.CORES)
            assert abs(ends[place] - (free + alone)) < 1e-9
    assert abs(busy.sum() - worked) < 1e-9


def test_more_copies_wait_less_and_are_less_busy(scale, rates):
    few = scale.day(100_000_000, rates, searches=50_000, changes=1_000, copies=1)
    more = scale.day(100_000_000, rates, searches=50_000, changes=1_000, copies=3)
    assert few.shards == 2
    assert more.p99_ms <= few.p99_ms
    assert more.utilisation < few.utilisation < 1
    assert more.p50_ms > 25  # a scan of half of it, and the photo's embedding
