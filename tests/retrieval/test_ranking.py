"""Rankings check themselves, and show themselves without letting names become markup."""

from __future__ import annotations

import json

import pytest
from PIL import Image

from lookalike.catalogue.items import Catalogue, Item, View
from lookalike.errors import SettingsError
from lookalike.retrieval.engine import SearchEngine
from lookalike.retrieval.figure import draw_ranking
from lookalike.retrieval.indexing import index_catalogue
from lookalike.retrieval.ranking import Match, Ranking
from lookalike.retrieval.records import StoredView

NASTY = "<script>alert('x')</script>&\"'"


def match(item: str, score: float, tmp_path) -> Match:
    return Match(item, score, 0, 0, score, (StoredView("v", tmp_path / "x.jpg"),))


def test_a_ranking_that_is_not_best_first_is_no_ranking(tmp_path):
    with pytest.raises(ValueError, match="best first"):
        Ranking((match("a", 0.1, tmp_path), match("b", 0.2, tmp_path)))


def test_an_item_is_ranked_once(tmp_path):
    with pytest.raises(ValueError, match="twice"):
        Ranking((match("a", 0.2, tmp_path), match("a", 0.2, tmp_path)))


def test_it_is_a_sequence_of_matches(tmp_path):
    ranking = Ranking((match("a", 0.2, tmp_path), match("b", 0.1, tmp_path)))
    assert [one.item for one in ranking] == ["a", "b"] == list(ranking.items)
    assert ranking[0] in ranking
    assert ranking[:1] == (ranking[0],)
    assert json.loads(ranking.to_json())["matches"][1]["score"] == 0.1


@pytest.fixture
def ranking(store, embedder, photo) -> Ranking:
    views = (View(photo("a.png", 1), role=NASTY), View(photo("b.png", 2)))
    items = Catalogue((Item(NASTY, views, {"title": NASTY}), Item("gone", (View(photo("c.png", 3)),))))
    index_catalogue(items, store, embedder)
    ranking = SearchEngine(embedder, store).search(photo("a.png", 1))
    photo("c.png", 3).unlink()
    return ranking


def test_a_notebook_shows_pictures_and_escapes_names(ranking):
    html = ranking._repr_html_()
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert html.count("data:image/jpeg;base64,") == 3  # the query and both views of the item
    assert "photo gone" in html


def test_a_page_stands_alone_and_runs_nothing(ranking, tmp_path):
    page = draw_ranking(ranking, out=tmp_path / "found.html").read_text()
    assert page.startswith("<!doctype html>")
    assert "default-src 'none'" in page
    assert "http:" not in page
    assert "https:" not in page


def test_a_picture_is_drawn_even_where_a_photo_is_gone(ranking, tmp_path):
    with Image.open(draw_ranking(ranking, out=tmp_path / "found.png")) as image:
        assert image.format == "PNG"
        assert image.width > image.height > 300


def test_an_empty_ranking_is_drawn_too(tmp_path):
    for name in ("none.png", "none.html"):
        assert draw_ranking(Ranking(()), out=tmp_path / name).is_file()


@pytest.mark.parametrize("name", ["found.txt", "missing/found.png"])
def test_a_picture_that_cannot_be_written_is_an_error_in_words(ranking, tmp_path, name):
    with pytest.raises(SettingsError):
        draw_ranking(ranking, out=tmp_path / name)
