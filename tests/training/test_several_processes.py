"""Two processes that share each batch learn what one process learns from it whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.train

from tests.training.drawn import quick  # noqa: E402

from lookalike.training.augmentation import Part, augment  # noqa: E402
from lookalike.training.recipe import Augmentation  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
CHILD = Path(__file__).with_name("two_processes.py")
PLAIN = {"optimiser": {"name": "sgd", "rate": 0.05}, "schedule": {"epochs": 2}}
RECIPES = {
    "contrastive, all of a batch against all, with a memory and KoLeo": quick(
        **PLAIN, loss={"name": "supcon", "memory": 12, "koleo": 0.1}, augmentation={"crop": 0.6, "flip": True}
    ),
    "proxies, two heads, three photos left over": quick(
        **PLAIN, loss={"name": "proxy-anchor"}, data={"labels": ["item", "category"]}, sampler={"batch": 7}
    ),
}


def run(folder: Path, *, processes: int) -> list[list[dict]]:
    """What each process saw, by recipe."""
    folder.mkdir()
    start = [sys.executable]
    if processes > 1:
        start += ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    done = subprocess.run(
        [*start, str(CHILD), str(folder), json.dumps([recipe.to_dict() for recipe in RECIPES.values()])],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return [
        [json.loads((folder / str(number) / f"told-{rank}.json").read_text()) for rank in range(processes)]
        for number in range(len(RECIPES))
    ]


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    home = tmp_path_factory.mktemp("processes")
    return run(home / "one", processes=1), run(home / "two", processes=2)


@pytest.mark.parametrize("number", range(len(RECIPES)), ids=RECIPES)
def test_two_processes_have_the_losses_and_weights_of_one(number, told):
    (alone,), (first, second) = (seen[number] for seen in told)
    assert (alone["world"], first["world"]) == (1, 2)
    assert first["losses"] == second["losses"]
    np.testing.assert_allclose(first["losses"], alone["losses"], rtol=2e-4)
    np.testing.assert_allclose(first["weights"], alone["weights"], rtol=1e-3, atol=1e-3)
    assert len(set(alone["losses"])) > 1  # it learned something


def test_a_photo_is_changed_alike_in_a_batch_and_in_its_part():
    photos = torch.rand(5, 3, 24, 24) * 255
    how = Augmentation(crop=0.5, flip=True, colour=0.4, grey=0.3, blur=0.3, rotate_deg=10)
    whole = augment(photos, how, seed=(1, 2))
    part = augment(photos[[1, 4]], how, seed=(1, 2), part=Part((1, 4), 5))
    torch.testing.assert_close(part, whole[[1, 4]])
