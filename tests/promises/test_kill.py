"""kill -9 while indexing: every acknowledged item is there and whole, none is half there.

``LOOKALIKE_KILLS=200`` tries more often than the test suite does.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lookalike.retrieval.loading import load_snapshot
from lookalike.retrieval.store import Store, holds_store

KILLS = int(os.environ.get("LOOKALIKE_KILLS", "5"))
ITEMS, VIEWS = 60, 3
CHILD = Path(__file__).with_name("indexing_child.py")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    for item in range(ITEMS):
        folder = tmp_path / "photos" / f"item-{item:03}"
        folder.mkdir(parents=True)
        for view in range(VIEWS):
            blocks = np.random.default_rng(item * VIEWS + view).integers(0, 255, (4, 4, 3), dtype=np.uint8)
            Image.fromarray(blocks).save(folder / f"{view}.png")
    return tmp_path / "photos"


def run_child(photos: Path, store: Path, *, kill_after_s: float | None) -> set[str]:
    """The ids that the child acknowledged before it was killed or came to its end."""
    child = subprocess.Popen(
        [sys.executable, CHILD, photos, store], stdout=subprocess.PIPE, text=True, bufsize=1
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    if kill_after_s is not None:
        time.sleep(kill_after_s)
        child.kill()
    told, _ = child.communicate(timeout=120)
    if kill_after_s is None:
        assert child.returncode == 0
    whole_lines = told[: told.rfind("\n") + 1]
    return set(whole_lines.split())


def test_killed_at_random_moments_it_reopens_with_every_acknowledged_item_whole(photos, tmp_path):
    store = tmp_path / "store"
    acknowledged: set[str] = set()
    rng = np.random.default_rng(0)
    for _ in range(KILLS):
        acknowledged |= run_child(photos, store, kill_after_s=float(rng.uniform(0, 0.4)))
        if not holds_store(store):
            assert not acknowledged
            continue
        snapshot = load_snapshot(Store.open(store))
        assert acknowledged <= set(snapshot.ids)
        assert all(len(snapshot.record(place).views) == VIEWS for place in range(len(snapshot)))
        if len(snapshot) == ITEMS:  # begin again: a finished store has nothing left to lose
            with Store.open(store).writing() as writer:
                writer.remove(snapshot.ids)
            acknowledged = set()
    run_child(photos, store, kill_after_s=None)
    snapshot = load_snapshot(Store.open(store))
    assert len(snapshot) == ITEMS
    assert snapshot.matrix.shape == (ITEMS * VIEWS, 12)
