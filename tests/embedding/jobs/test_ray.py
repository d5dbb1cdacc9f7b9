"""A job on a real Ray cluster of two nodes loses a worker and no photo."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tests.conftest import drawn_photo
from tests.embedding.jobs.conftest import job_for
from tests.embedding.jobs.test_running import rows_of

from lookalike.embedding.jobs.running import run_job

for package in ("ray", "daft"):
    pytest.importorskip(package, reason="SKIPPED FOR WANT OF RAY AND DAFT: pip install 'lookalike[cluster]'")

CHILD = Path(__file__).with_name("ray_child.py")


@pytest.mark.skipif(sys.platform != "linux", reason="the child finds its workers in /proc")
def test_a_worker_killed_in_the_middle_costs_no_photo_and_doubles_none(tmp_path):
    for item in range(8):
        folder = tmp_path / "catalogue" / f"item-{item}"
        folder.mkdir(parents=True)
        for view in range(3):
            drawn_photo(item, size=(900 + 8 * view, 700)).save(folder / f"{view}.jpg")
    (tmp_path / "catalogue" / "item-3" / "1.jpg").write_bytes(b"no photo")
    environment = {
        **os.environ,
        "RAY_USAGE_STATS_ENABLED": "0",
        "OMP_NUM_THREADS": "1",
        "DAFT_PROGRESS_BAR": "0",
    }
    done = subprocess.run(
        [sys.executable, str(CHILD), str(tmp_path / "catalogue"), str(tmp_path / "ray")],
        capture_output=True,
        text=True,
        timeout=400,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    report = json.loads(done.stdout.strip().splitlines()[-1])
    assert len(report["killed"]) == 1
    assert report["nodes"] == 2
    assert (report["rows"], report["bad"], report["shards"]) == (23, 1, 8)
    run_job(job_for(tmp_path / "catalogue", tmp_path / "here", out={"views_per_shard": 3}))
    ours, theirs = rows_of(tmp_path / "here"), rows_of(tmp_path / "ray")
    assert ours.keys() == theirs.keys()
    for key, vector in ours.items():
        np.testing.assert_array_equal(vector, theirs[key])
