"""The verb `upgrade` as a user types it, from start to going back."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def store(run, item_folder, tmp_path):
    run("index", item_folder, "--store", tmp_path / "store", "--model", "descriptor")
    return tmp_path / "store"


def test_an_upgrade_from_start_to_going_back(run, store, item_folder, tmp_path):
    upgrade = ("upgrade",)
    status, out, _ = run(*upgrade, "start", "--store", store, "--model", "histogram", "--json")
    assert (status, json.loads(out)["embedded"]) == (0, 18)
    _, out, _ = run(*upgrade, "status", "--store", store)
    assert out.splitlines()[1].startswith("prepared  histogram")
    page = tmp_path / "changes.html"
    status, out, err = run(*upgrade, "compare", "--store", store, "--out", page)
    assert status == 0
    assert "R@1" in out
    assert str(page) in err
    assert "Old and new model" in page.read_text()
    assert run(*upgrade, "switch", "--store", store)[0] == 0
    _, out, _ = run("info", store, "--json")
    assert json.loads(out)["model"] == "histogram"
    photo = next(item_folder.rglob("*.png"))
    status, out, _ = run("search", photo, "--store", store, "-k", "1", "--json")
    assert json.loads(out)["model"].startswith("histogram")
    assert run(*upgrade, "rollback", "--store", store)[0] == 0
    _, out, _ = run(*upgrade, "status", "--store", store, "--json")
    told = json.loads(out)
    assert told["serving"]["model"] == "descriptor"
    assert told["prepared"]["model"] == "histogram"
    assert "MB freed" in run(*upgrade, "drop", "--store", store)[1]
    _, out, _ = run(*upgrade, "status", "--store", store, "--json")
    assert json.loads(out)["prepared"] is None


def test_photos_that_are_gone_are_listed_and_the_status_tells(run, store, item_folder):
    photo = next(item_folder.rglob("*.png"))
    photo.unlink()
    status, _, err = run("upgrade", "start", "--store", store, "--model", "histogram")
    assert status == 1
    assert f"missing: {photo}" in err
    status, _, err = run("upgrade", "switch", "--store", store)
    assert status == 2
    assert "--without-missing" in err
    assert run("upgrade", "switch", "--store", store, "--without-missing")[0] == 0


def test_steps_without_a_start_say_how_to_start(run, store):
    for step in ("compare", "switch", "rollback"):
        status, _, err = run("upgrade", step, "--store", store)
        assert status == 2
        assert "upgrade start" in err
