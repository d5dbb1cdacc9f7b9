from __future__ import annotations

import csv

import pytest

from lookalike.errors import QueryError, SettingsError
from lookalike.retrieval import lists
from lookalike.retrieval.engine import SearchEngine
from lookalike.retrieval.indexing import index_catalogue
from lookalike.retrieval.lists import COLUMNS, Wanted, write_lists


@pytest.fixture
def engine(catalogue, store, embedder):
    index_catalogue(catalogue, store, embedder)
    return SearchEngine(embedder, store)


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_every_item_has_the_list_that_a_search_for_it_gives(engine, tmp_path):
    assert write_lists(engine, tmp_path / "lists.csv", Wanted(k=3)) == 15
    told = rows(tmp_path / "lists.csv")
    assert list(told[0]) == list(COLUMNS)
    for item in engine.snapshot.ids:
        mine = [row for row in told if row["item"] == item]
        found = engine.similar(item, 3)
        assert [row["similar"] for row in mine] == list(found.items)
        assert [float(row["score"]) for row in mine] == pytest.approx([one.score for one in found], abs=1e-5)
        assert [row["similar_view"] for row in mine] == [one.view.id for one in found]


def test_more_than_there_is_gives_what_there_is_and_filters_hold(engine, tmp_path):
    assert write_lists(engine, tmp_path / "all.csv", Wanted(k=50)) == 5 * 4
    write_lists(engine, tmp_path / "hats.csv", Wanted(k=50, where={"category": "hat"}))
    assert {row["similar"] for row in rows(tmp_path / "hats.csv")} == {"item-3", "item-4"}


def test_parquet_holds_the_same(engine, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    write_lists(engine, tmp_path / "lists.csv", Wanted(k=2))
    write_lists(engine, tmp_path / "lists.parquet", Wanted(k=2))
    told = parquet.read_table(tmp_path / "lists.parquet").to_pylist()
    assert [(row["item"], row["similar"]) for row in told] == [
        (row["item"], row["similar"]) for row in rows(tmp_path / "lists.csv")
    ]
    assert {row["place"] for row in told} == {1, 2}


def test_a_run_that_was_stopped_goes_on_and_leaves_the_same_table(engine, tmp_path, monkeypatch):
    monkeypatch.setattr(lists, "PART_ITEMS", 2)
    write_lists(engine, tmp_path / "whole.csv")
    real, written = lists._write_part, []

    def stopping(part, *rest):
        if len(written) == 2:
            raise KeyboardInterrupt
        written.append(part.name)
        real(part, *rest)

    monkeypatch.setattr(lists, "_write_part", stopping)
    with pytest.raises(KeyboardInterrupt):
        write_lists(engine, tmp_path / "lists.csv")
    assert not (tmp_path / "lists.csv").exists()
    written.clear()
    write_lists(engine, tmp_path / "lists.csv")
    assert len(written) == 1  # two of three parts were there
    assert (tmp_path / "lists.csv").read_text() == (tmp_path / "whole.csv").read_text()
    assert sorted(path.name for path in tmp_path.glob("*.csv*")) == ["lists.csv", "whole.csv"]


def test_other_lists_are_begun_anew(engine, tmp_path, monkeypatch):
    parts = tmp_path / "lists.csv.parts"
    parts.mkdir()
    (parts / "stamp.json").write_text("{}")
    (parts / "000000000.csv").write_text("of,1,another,1.0,x,y\n")
    write_lists(engine, tmp_path / "lists.csv", Wanted(k=1))
    assert {row["item"] for row in rows(tmp_path / "lists.csv")} == set(engine.snapshot.ids)


def test_what_cannot_be_is_refused(engine, tmp_path):
    with pytest.raises(SettingsError, match="neither a"):
        write_lists(engine, tmp_path / "lists.txt")
    with pytest.raises(QueryError, match="k is 0"):
        Wanted(k=0)
    with pytest.raises(QueryError, match="diversity"):
        Wanted(diverse=2)
