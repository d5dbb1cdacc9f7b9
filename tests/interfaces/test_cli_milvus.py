"""The verb `milvus` as a user types it, on Milvus Lite."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("milvus_lite", reason="needs the milvus extra")


def test_load_search_and_change_the_model(run, item_folder, tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    run("index", item_folder, "--store", old, "--model", "descriptor")
    run("index", item_folder, "--store", new, "--model", "histogram")
    at = ("--at", tmp_path / "lite.db", "--name", "shop")
    photo = next(item_folder.rglob("*.png"))
    status, _, err = run("milvus", "search", photo, *at)
    assert status == 2
    assert "lookalike milvus load" in err
    status, out, _ = run("milvus", "load", old, *at)
    assert status == 0
    assert "It answers." in out
    _, local, _ = run("search", photo, "--store", old, "-k", "4", "--json")
    _, there, _ = run("milvus", "search", photo, *at, "-k", "4", "--json", "--out", tmp_path / "found.html")
    assert [(one["item"], one["score"]) for one in json.loads(there)["matches"]] == [
        (one["item"], one["score"]) for one in json.loads(local)["matches"]
    ]
    assert (tmp_path / "found.html").stat().st_size > 1000
    status, out, _ = run("milvus", "load", new, *at, "--json")
    beside = json.loads(out)
    assert not beside["answers"]
    status, out, _ = run("milvus", "switch", beside["collection"], *at)
    before = out.split("switch ")[1].split()[0]
    _, out, _ = run("milvus", "search", photo, *at, "--json")
    assert json.loads(out)["model"].startswith("histogram")
    _, out, _ = run("milvus", "status", *at, "--json")
    assert {(one["model"], one["answers"], one["items"]) for one in json.loads(out)} == {
        ("descriptor", False, 6),
        ("histogram", True, 6),
    }
    status, _, err = run("milvus", "drop", beside["collection"], *at)
    assert status == 2
    assert "answers" in err
    assert run("milvus", "switch", before, *at)[0] == 0
    assert run("milvus", "drop", beside["collection"], *at)[0] == 0
    status, _, err = run("milvus", "switch", beside["collection"], *at)
    assert status == 2
    assert before in err
