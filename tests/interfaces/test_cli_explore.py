from __future__ import annotations

import json

import pytest
from tests.conftest import drawn_photo

import lookalike
from lookalike.interfaces.cli import main


def run(capsys, *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as end:
        main(list(arguments))
    shown = capsys.readouterr()
    return int(end.value.code or 0), shown.out, shown.err


@pytest.fixture(params=[1, 2], ids=["one photo", "two photos"])
def tiny_store(request, tmp_path):
    for number in range(request.param):
        folder = tmp_path / "photos" / f"item-{number}"
        folder.mkdir(parents=True)
        drawn_photo(number).save(folder / "photo.png")
    lookalike.index(tmp_path / "photos", tmp_path / "store", model="descriptor")
    return str(tmp_path / "store")


def test_a_store_of_one_or_two_photos_gets_its_atlas(tiny_store, capsys):
    code, out, _ = run(capsys, "explore", "--store", tiny_store, "--json")
    assert code == 0
    assert json.loads(out)["written"] == [f"{tiny_store}/atlas.html"]


def test_a_store_of_one_or_two_photos_is_one_cluster(tiny_store, capsys):
    code, out, _ = run(capsys, "cluster", "--store", tiny_store, "--json")
    assert code == 0
    assert len(json.loads(out)["clusters"]) == 1


def test_a_store_of_one_or_two_photos_is_audited(tiny_store, capsys):
    code, out, _ = run(capsys, "audit", "--store", tiny_store, "--json")
    assert code == 0
    assert json.loads(out)["counts"]["corrupt"] == 0


def test_more_clusters_than_photos_are_told_with_what_to_do(tiny_store, capsys):
    code, _, err = run(capsys, "cluster", "--store", tiny_store, "-k", "9")
    assert code == 2
    assert "cannot make 9 clusters" in err
    assert "Choose k between" in err


def test_the_dial_of_colour_is_heeded_and_told(tmp_path, capsys):
    for number in range(4):
        folder = tmp_path / "photos" / f"item-{number}"
        folder.mkdir(parents=True)
        for view in range(2):
            drawn_photo(10 * number + view).save(folder / f"{view}.png")
    store = str(tmp_path / "store")
    lookalike.index(tmp_path / "photos", store, model="descriptor")
    _, plain, _ = run(capsys, "evaluate", "--store", store, "--json")
    code, weighed, _ = run(capsys, "evaluate", "--store", store, "--colour", "0", "--json")
    assert code == 0
    assert "(colour 0)" in weighed
    assert "(colour" not in plain
    assert run(capsys, "cluster", "--store", store, "-k", "2", "--colour", "0.9")[0] == 0
    code, _, err = run(capsys, "evaluate", "--store", store, "--colour", "2")
    assert code == 2
    assert "0<=x<=1" in err


def test_an_ending_that_is_no_atlas_is_refused_before_any_work(tmp_path, capsys):
    code, _, err = run(capsys, "explore", "--store", str(tmp_path / "none"), "--out", str(tmp_path / "a.pdf"))
    assert code == 2
    assert "a.pdf is none of" in err


def test_photos_that_could_not_be_indexed_are_listed_by_audit_and_info(tmp_path, capsys):
    folder = tmp_path / "photos" / "item"
    folder.mkdir(parents=True)
    drawn_photo(0).save(folder / "good.png")
    (folder / "bad.jpg").write_bytes(b"\xff\xd8\xff nothing more")
    lookalike.index(tmp_path / "photos", tmp_path / "store", model="descriptor")
    store, source = str(tmp_path / "store"), str(tmp_path / "photos")
    for more in ((), ("--source", source)):  # told once, whoever tells it
        _, out, _ = run(capsys, "audit", "--store", store, *more, "--json")
        corrupt = [one for one in json.loads(out)["findings"] if one["kind"] == "corrupt"]
        assert [one["item"] for one in corrupt] == ["item"]
        assert corrupt[0]["views"] == [str(folder / "bad.jpg")]
    _, out, _ = run(capsys, "info", store, "--json")
    (failed,) = json.loads(out)["failed_photos"]
    assert failed.startswith(str(folder / "bad.jpg"))
