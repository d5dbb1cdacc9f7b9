"""SIGTERM, Ctrl-C or kill -9 while the demo is drawn: nothing goes on running, and the next run goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ITEMS = 24


def running_under(folder: Path) -> list[int]:
    """Processes that were started in a folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if (entry / "cwd").readlink() == folder and "Z" not in (entry / "stat").read_text().split()[
                    2
                ]:
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def wait_until(true, seconds: float = 30.0) -> None:
    """Wait until a condition holds, or fail."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.02)


@pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="looks for processes in /proc")
@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGKILL, -9)]
)
def test_a_stopped_demo_leaves_no_process_behind(tmp_path, number, status):
    code = (
        "import os, signal; from lookalike.interfaces.cli import app;"
        "signal.signal(signal.SIGINT, signal.default_int_handler);"  # a shell's background ignores Ctrl-C
        "os.cpu_count = lambda: 2;"
        f"app.main(['demo', '--out', 'shop', '--items', '{ITEMS}', '--no-serve'])"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_until(lambda: list(tmp_path.glob("shop/catalogue/items/[!.]*")))
    assert len(running_under(tmp_path)) >= 3
    os.kill(child.pid, number)
    _, told = child.communicate(timeout=60)
    assert child.returncode == status
    assert number == signal.SIGKILL or "run the same command again" in told
    wait_until(lambda: not running_under(tmp_path))
    assert len(list(tmp_path.glob("shop/catalogue/items/[!.]*"))) < ITEMS
