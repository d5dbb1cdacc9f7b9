"""kill -9 while a store changes its model: it answers with the old version or the new, whole, every time.

``LOOKALIKE_KILLS=100`` tries more often than the test suite does.
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
from tests.promises.upgrading_child import Corner

from lookalike.catalogue.items import Catalogue, Item, View
from lookalike.embedding import zoo
from lookalike.retrieval.engine import SearchEngine
from lookalike.retrieval.indexing import index_catalogue
from lookalike.retrieval.store import Store
from lookalike.retrieval.upgrade.upgrading import Upgrade

KILLS = int(os.environ.get("LOOKALIKE_KILLS", "6"))
ITEMS, VIEWS = 40, 2
CHILD = Path(__file__).with_name("upgrading_child.py")


@pytest.fixture
def folder(tmp_path):
    items = []
    for item in range(ITEMS):
        paths = [tmp_path / "photos" / f"item-{item:03}" / f"{view}.png" for view in range(VIEWS)]
        for view, path in enumerate(paths):
            path.parent.mkdir(parents=True, exist_ok=True)
            seed = item * VIEWS + view
            blocks = np.random.default_rng(seed).integers(0, 255, (4, 4, 3), dtype=np.uint8)
            Image.fromarray(blocks).save(path)
        items.append(Item(f"item-{item:03}", tuple(map(View, paths))))
    store = Store.create(tmp_path / "store", card=Corner("near").card, model="near")
    index_catalogue(Catalogue(tuple(items), source="photos"), store, Corner("near"))
    return store.folder


def check(folder: Path) -> str:
    """The model that answers, after seeing that each view is found by that model's own vector of it."""
    store = Store.open(folder)
    engine = SearchEngine(Corner(store.model), store)
    assert len(engine) == ITEMS
    for place in range(0, ITEMS, 7):
        item = engine.snapshot.item(place)
        found = engine.search(item.views[1].path, k=1)
        assert (found[0].item, found[0].matched) == (item.id, 1)
        assert found[0].score == pytest.approx(1, abs=1e-5)
    return store.model


def test_killed_at_random_moments_it_answers_whole_with_one_of_the_two_models(folder, monkeypatch):
    monkeypatch.setattr(zoo, "open_embedder", lambda name, **_: Corner(name))
    rng = np.random.default_rng(0)
    answered = []
    for _ in range(KILLS):
        child = subprocess.Popen([sys.executable, CHILD, folder], stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        time.sleep(float(rng.uniform(0, 0.6)))
        child.kill()
        told, _ = child.communicate(timeout=60)
        steps = told[: told.rfind("\n") + 1].split()
        answered.append(check(folder))
        if "answers" in steps:  # the last switch that was told of holds, or a later one
            last = steps[len(steps) - 1 - steps[::-1].index("answers") + 1]
            begun_again = "filled" in steps[len(steps) - 1 - steps[::-1].index("answers") :]
            assert answered[-1] == last or begun_again
    upgrade = Upgrade(folder)
    other = "far" if answered[-1] == "near" else "near"
    upgrade.drop()
    upgrade.start(Corner(other), other)
    upgrade.switch()
    assert check(folder) == other
