"""The command line: each verb on a small catalogue, as a user types it, and what bad input is told."""

from __future__ import annotations

import json
import re
import sqlite3
import sys
from contextlib import contextmanager

import numpy as np
import pytest
from tests.conftest import drawn_photo, encoded

from lookalike.interfaces.cli.app import PURPOSES, VERBS


@pytest.fixture
def store(run, item_folder, tmp_path):
    """A store of the drawn catalogue, made by the descriptor."""
    folder = tmp_path / "store"
    status, _, _ = run("index", item_folder, "--store", folder, "--model", "descriptor")
    assert status == 0
    return folder


@pytest.fixture
def photo(tmp_path):
    """A photo that the catalogue does not hold, of item 4."""
    path = tmp_path / "query.jpg"
    path.write_bytes(encoded(drawn_photo(4, size=(110, 90)), "JPEG"))
    return path


def test_every_verb_explains_itself(run):
    _, listing, _ = run("--help")
    for verb, (_, summary) in VERBS.items():
        assert verb in listing
        status, explained, _ = run(verb, "--help")
        assert status == 0
        assert "Usage: lookalike" in explained
        assert summary.endswith(".")


def test_index_says_what_it_did_and_a_second_run_embeds_nothing(run, item_folder, tmp_path):
    arguments = ("index", item_folder, "--store", tmp_path / "s", "--model", "descriptor", "--json")
    status, out, _ = run(*arguments)
    first = json.loads(out)
    assert (status, first["added"], first["embedded"], first["views"]) == (0, 6, 18, 18)
    _, out, _ = run(*arguments)
    second = json.loads(out)
    assert (second["unchanged"], second["embedded"]) == (6, 0)


def test_a_bad_photo_is_listed_the_run_goes_on_and_the_status_tells(run, item_folder, tmp_path):
    (item_folder / "cups" / "item-0" / "9_side.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    status, out, err = run("index", item_folder, "--store", tmp_path / "s", "--model", "descriptor", "--json")
    assert status == 1
    assert json.loads(out)["items"] == 6
    assert "9_side.png" in err


def test_search_finds_the_item_and_says_which_view_matched(run, store, photo):
    status, out, _ = run("search", photo, "--store", store, "-k", 3, "--json")
    found = json.loads(out)["matches"]
    assert status == 0
    assert [len(found), found[0]["item"]] == [3, "hats/item-4"]
    assert found[0]["view"] in {view["view"] for view in found[0]["views"]}
    assert found[0]["score"] >= found[1]["score"] >= found[2]["score"]


def test_search_keeps_to_a_filter_and_weighs_colour(run, store, photo):
    _, out, _ = run("search", photo, "--store", store, "--where", "category=cups", "--json")
    assert {match["attributes"]["category"] for match in json.loads(out)["matches"]} == {"cups"}
    scores = {}
    for weight in (0, 1):
        _, out, _ = run("search", photo, "--store", store, "--colour", weight, "--json")
        scores[weight] = [match["score"] for match in json.loads(out)["matches"]]
    assert scores[0] != scores[1]


@pytest.mark.parametrize("ending", [".png", ".html"])
def test_search_draws_its_result(run, store, photo, tmp_path, ending):
    out = tmp_path / f"result{ending}"
    status, _, _ = run("search", photo, "--store", store, "--out", out)
    assert status == 0
    assert out.stat().st_size > 1000


def test_evaluate_prints_no_figure_without_its_interval(run, store):
    status, out, _ = run("evaluate", "--store", store)
    assert status == 0
    figures = [line for line in out.splitlines() if re.match(r"\s+(R@|MRR|mAP)", line)]
    assert len(figures) >= 5
    assert all(re.search(r"\d\.\d{3} \[\d\.\d{3}, \d\.\d{3}\]", line) for line in figures)


def test_evaluate_asks_one_role_of_another(run, store):
    _, out, _ = run("evaluate", "--store", store, "--query", "back", "--gallery", "front", "--json")
    report = json.loads(out)
    assert report["counts"]["queries"] == 6
    assert "back" in report["protocol"]


def test_evaluate_measures_a_model_on_a_catalogue_without_a_store(run, item_folder):
    status, out, _ = run("evaluate", item_folder, "--model", "pixels", "--label", "category", "--json")
    assert status == 0
    assert json.loads(out)["figures"][0]["name"] == "top-1"


def test_compare_always_has_the_simple_baselines_in_it(run, item_folder):
    _, out, _ = run("compare", item_folder, "--model", "histogram", "--json")
    names = {contender["name"] for contender in json.loads(out)["contenders"]}
    assert {"histogram", "pixels", "descriptor", "untrained"} <= names


def test_plots_that_cannot_be_drawn_are_told_before_a_photo_is_embedded(
    run, item_folder, tmp_path, monkeypatch
):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    status, _, err = run("compare", item_folder, "--plots", tmp_path / "plots")
    assert status == 2
    assert "lookalike[explore]" in err
    assert "photos" not in err


def test_progress_is_told_of_every_model_that_is_compared(run, item_folder):
    _, _, err = run("compare", item_folder, "--model", "histogram")
    for name in ("histogram", "pixels", "descriptor", "untrained"):
        assert f"embedding, {name}: 18/18 photos" in err


def interrupted(run, monkeypatch, *arguments):
    """A verb that is stopped once seven photos are embedded; its status, and what it says of that."""
    from lookalike.interfaces.cli import evaluate, progress

    @contextmanager
    def stopping(*_, **__):
        def advance(done, _):
            if done == 7:
                raise KeyboardInterrupt

        yield advance

    for module in (evaluate, progress):
        monkeypatch.setattr(module, "progress_bar", stopping)
    status, _, err = run(*arguments)
    return status, err.splitlines()[-1]


@pytest.mark.parametrize("verb", ["evaluate", "compare"])
def test_an_interrupted_measurement_says_truly_what_is_kept(run, item_folder, tmp_path, monkeypatch, verb):
    asked = (verb, item_folder, "--model", "histogram")
    status, said = interrupted(run, monkeypatch, *asked)
    assert (status, said.partition(";")[0]) == (130, "Interrupted. Nothing is kept")
    status, said = interrupted(run, monkeypatch, *asked, "--cache", tmp_path / "cache")
    assert (status, said.partition(":")[0]) == (
        130,
        f"Interrupted. The vectors so far are kept in {tmp_path / 'cache'}",
    )
    (file,) = (tmp_path / "cache").iterdir()
    with np.load(file) as arrays:
        assert len(arrays["ids"]) == 7


def test_embed_writes_vectors_and_the_card(run, item_folder, tmp_path):
    out = tmp_path / "vectors.npz"
    status, told, _ = run("embed", item_folder, "--out", out, "--model", "pixels", "--json")
    with np.load(out, allow_pickle=False) as archive:
        assert archive["vectors"].shape == (18, json.loads(told)["width"])
        assert len(archive["paths"]) == 18
    assert status == 0
    assert json.loads((tmp_path / "vectors.card.json").read_text())["name"] == "pixels"


def test_info_knows_a_store_a_catalogue_and_a_model(run, store, item_folder):
    assert json.loads(run("info", store, "--check", "--json")[1])["items"] == 6
    assert json.loads(run("info", item_folder, "--json")[1])["views"] == 18
    assert json.loads(run("info", "descriptor", "--json")[1])["name"] == "descriptor"


def test_remove_takes_an_item_out_and_says_so(run, store):
    status, out, _ = run("remove", "cups/item-1", "--store", store, "--json")
    assert (status, json.loads(out)["removed"]) == (0, 1)
    assert json.loads(run("info", store, "--json")[1])["items"] == 5


BAD = {
    "missing folder": ("index", "{tmp}/nowhere", "--store", "{tmp}/s"),
    "no photos": ("index", "{tmp}/empty", "--store", "{tmp}/s"),
    "unreadable table": ("index", "{tmp}/table.csv", "--store", "{tmp}/s"),
    "unknown column": ("index", "{tmp}/fine.csv", "--store", "{tmp}/s", "--item-column", "sku"),
    "unknown model": ("index", "{photos}", "--store", "{tmp}/s", "--model", "resnet-of-dreams"),
    "store of another model": ("index", "{photos}", "--store", "{store}", "--model", "pixels"),
    "no store": ("search", "{photo}", "--store", "{tmp}/nowhere"),
    "corrupt store": ("search", "{photo}", "--store", "{tmp}/corrupt"),
    "k of zero": ("search", "{photo}", "--store", "{store}", "-k", "0"),
    "negative k": ("search", "{photo}", "--store", "{store}", "-k", "-3"),
    "query that is no photo": ("search", "{tmp}/table.csv", "--store", "{store}"),
    "query that is not there": ("search", "{tmp}/gone.jpg", "--store", "{store}"),
    "unknown filter": ("search", "{photo}", "--store", "{store}", "--where", "taste=sweet"),
    "unknown pooling": ("search", "{photo}", "--store", "{store}", "--views", "median"),
    "picture of no kind": ("search", "{photo}", "--store", "{store}", "--out", "{tmp}/x.bmp"),
    "store that is a file": ("index", "{photos}", "--store", "{tmp}/fine.csv"),
    "store under a file": ("index", "{photos}", "--store", "{tmp}/fine.csv/store"),
    "vectors under a file": ("embed", "{photos}", "--out", "{tmp}/fine.csv/x.npz", "--model", "pixels"),
    "k that is no number": ("search", "{photo}", "--store", "{store}", "-k", "many"),
    "least score that is no number": ("search", "{photo}", "--store", "{store}", "--min-score", "nan"),
    "lines that are no JSON": ("index", "{tmp}/lines.jsonl", "--store", "{tmp}/s"),
    "unknown option": ("search", "{photo}", "--store", "{store}", "--kay", "3"),
    "neither store nor catalogue": ("evaluate",),
    "subject that is nothing": ("info", "{tmp}/nowhere"),
    "unknown item": ("remove", "cups/item-99", "--store", "{store}"),
    "role that no view has": ("evaluate", "--store", "{store}", "--query", "worn", "--gallery", "front"),
    "half a protocol": ("evaluate", "--store", "{store}", "--query", "back"),
    "open door without a token": ("serve", "--store", "{store}", "--host", "0.0.0.0"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_line_with_the_next_step_status_2_and_nothing_lost(
    case, run, store, item_folder, photo, tmp_path, monkeypatch
):
    monkeypatch.delenv("LOOKALIKE_TOKEN", raising=False)
    (tmp_path / "empty").mkdir()
    (tmp_path / "corrupt").mkdir()
    (tmp_path / "corrupt" / "store.sqlite").write_bytes(b"SQLite format 3\x00" + bytes(range(256)) * 40)
    (tmp_path / "lines.jsonl").write_text('{"path": "a.jpg",\n')
    (tmp_path / "table.csv").write_bytes(b"\x00\x01\x02" * 50)
    (tmp_path / "fine.csv").write_text("path,item\ncatalogue/cups/item-0/0_front.png,cup\n")
    places = {"tmp": tmp_path, "photos": item_folder, "store": store, "photo": photo}
    status, out, err = run(*(part.format(**places) for part in BAD[case]))
    problem = [line for line in err.splitlines() if not line.startswith("note:")]
    assert status == 2
    assert out == ""
    assert problem[0].startswith("Error: ")
    assert len(problem) == 2, "what happened, and what to do next"
    assert json.loads(run("info", store, "--check", "--json")[1])["items"] == 6


def test_a_changed_vector_is_found_by_the_check(run, store):
    file = store / "store.sqlite"
    vector = sqlite3.connect(file).execute("SELECT vector FROM photos").fetchone()[0]
    content = file.read_bytes()
    at = content.index(vector[:64])
    file.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
    status, _, err = run("info", store, "--check")
    assert status == 2
    assert "is not what was written" in err


def test_an_item_without_photos_is_told_of(run, item_folder, tmp_path):
    (item_folder / "cups" / "item-9").mkdir()
    status, _, err = run("index", item_folder, "--store", tmp_path / "s", "--model", "descriptor")
    assert status == 0
    assert "cups/item-9: holds no photos" in err


def test_a_verb_that_does_not_exist_is_told_so(run):
    status, _, err = run("serch", "photo.jpg")
    assert status == 2
    assert "serch" in err


def test_each_verb_is_listed_once_by_what_it_is_for(run):
    assert sorted(verb for verbs in PURPOSES.values() for verb in verbs) == sorted(VERBS)
    _, out, _ = run("--help")
    assert all(f"{purpose}:" in out for purpose in PURPOSES)
    starts = {
        line.find(summary) for line in out.splitlines() for _, summary in VERBS.values() if summary in line
    }
    assert len(starts) == 1, "all summaries begin in one column"
