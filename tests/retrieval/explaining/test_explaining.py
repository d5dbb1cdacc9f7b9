"""Where on two photos their score comes from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from tests.conftest import drawn_photo, encoded

import lookalike
from lookalike.catalogue.photos import Photo, read_photo
from lookalike.embedding.zoo import open_embedder
from lookalike.errors import PhotoError, QueryError, SettingsError
from lookalike.evaluation.faithfulness import faithfulness
from lookalike.retrieval.engine import SearchEngine
from lookalike.retrieval.explaining.agreement import Explainer, explainer_of
from lookalike.retrieval.explaining.explanation import explain
from lookalike.retrieval.explaining.grids import inside, resized
from lookalike.retrieval.explaining.sources import bell


@pytest.fixture(scope="module")
def default() -> Explainer:
    return explainer_of(open_embedder("default", threads=1))


@pytest.fixture(scope="module")
def descriptor() -> Explainer:
    return explainer_of(open_embedder("descriptor"))


def photo_of(seed: int, explainer: Explainer, *, size: tuple[int, int] = (96, 80)) -> Photo:
    return read_photo(encoded(drawn_photo(seed, size=size)), size_px=explainer.embedder.card.size_px)


@pytest.fixture
def engine(item_folder, tmp_path) -> SearchEngine:
    return lookalike.index(item_folder, tmp_path / "store")


@pytest.mark.parametrize("colour", [None, 0.0, 0.3, 1.0])
def test_the_heat_sums_up_to_the_score_at_any_setting_of_the_dial(default, colour):
    agreement = default.agreement(photo_of(1, default), photo_of(2, default), colour=colour)
    assert agreement.method == "contribution"
    for heat in (agreement.first, agreement.second):
        assert float(heat.grid.sum()) == pytest.approx(agreement.score, abs=2e-3)


def test_the_shares_sum_up_to_one_and_follow_the_dial(default):
    first, second = photo_of(1, default), photo_of(1, default)
    form = default.agreement(first, second, colour=0.05).shares
    colour = default.agreement(first, second, colour=0.95).shares
    assert set(form) == {"colour", "texture", "shape"}
    assert sum(form.values()) == pytest.approx(1)
    assert form["colour"] < 0.3 < 0.7 < colour["colour"]


def test_the_heat_lies_on_the_thing_that_both_photos_show(default):
    first = photo_of(3, default)
    heat = default.agreement(first, first).first.on_photo
    shown = np.asarray(drawn_photo(3).convert("L").resize(heat.shape[::-1])) < 250
    assert heat[shown].mean() > 2 * heat[~shown].mean()


def test_a_model_without_maps_is_explained_by_occlusion(descriptor):
    agreement = descriptor.agreement(photo_of(1, descriptor), photo_of(1, descriptor))
    assert (agreement.method, dict(agreement.shares)) == ("occlusion", {})
    assert agreement.first.on_photo.max() == pytest.approx(1)


@pytest.mark.parametrize("size", [(400, 3), (3, 400), (1, 1)])
def test_a_thin_or_tiny_photo_is_explained_too(default, size):
    agreement = default.agreement(photo_of(1, default, size=size), photo_of(2, default))
    assert np.isfinite(agreement.first.grid).all()
    assert min(agreement.first.on_photo.shape) >= 1


def test_a_blank_photo_is_explained_too(default):
    blank = encoded(Image.new("RGB", (40, 40), "white"))
    photo = read_photo(blank, size_px=default.embedder.card.size_px)
    assert np.isfinite(default.agreement(photo, photo_of(2, default)).first.on_photo).all()


def test_the_colour_dial_is_refused_where_the_model_knows_no_colour():
    pixels = explainer_of(open_embedder("pixels"))
    with pytest.raises(QueryError, match="does not tell colour"):
        pixels.agreement(photo_of(1, pixels), photo_of(2, pixels), colour=0.5)


def test_an_explanation_names_the_view_that_met_and_draws_itself(engine, tmp_path):
    found = explain(engine, encoded(drawn_photo(4, size=(104, 80))))
    assert found.item.endswith("item-4")
    assert found.view.role == "back"
    assert found.agreement.score == pytest.approx(1, abs=1e-3)
    with Image.open(found.save(tmp_path / "why.png")) as image:
        assert image.width > 2 * image.height / 2
    page = found.save(tmp_path / "why.html").read_text()
    assert page.count("data:image/jpeg") == 2
    assert "<script" not in page
    assert found._repr_html_() in page


def test_an_item_is_explained_though_another_is_nearer(engine):
    asked = encoded(drawn_photo(4))
    best = explain(engine, asked)
    other = next(item for item in engine.search(asked, 6).items if item != best.item)
    assert explain(engine, asked, other).agreement.score < best.agreement.score


def test_what_cannot_be_explained_is_said(engine, tmp_path):
    with pytest.raises(QueryError, match="no item 'nobody'"):
        explain(engine, encoded(drawn_photo(1)), "nobody")
    with pytest.raises(PhotoError):
        explain(engine, b"no photo")
    with pytest.raises(SettingsError, match="no kind of picture"):
        explain(engine, encoded(drawn_photo(1))).save(tmp_path / "why.txt")


def test_resizing_keeps_the_sum_and_the_place():
    grid = np.zeros((5, 5), np.float32)
    grid[1, 3] = 2
    large = resized(grid, 40)
    assert float(large.sum()) == pytest.approx(2, abs=1e-4)
    row, column = np.unravel_index(int(large.argmax()), large.shape)
    assert (row // 8, column // 8) == (1, 3)


def test_only_cells_on_the_photo_are_inside(default):
    cells = inside(photo_of(1, default, size=(80, 40)), 40)
    assert cells.sum() == 40 * 20
    assert not cells[0].any()


def test_a_map_of_the_thing_is_more_faithful_than_its_reverse(default):
    photo = photo_of(3, default)
    vector = default.embedder.encode([photo])[0]
    heat = default.agreement(photo, photo).first.grid
    areas = faithfulness(default.embedder, photo, vector, {"map": heat, "reverse": -heat}, steps=5)
    assert areas["map"].deletion < areas["reverse"].deletion
    assert areas["map"].insertion > areas["reverse"].insertion


def test_faithfulness_starts_at_the_score_and_ends_at_the_empty_ground(default):
    photo = photo_of(3, default)
    vector = default.embedder.encode([photo])[0]
    area = faithfulness(default.embedder, photo, vector, {"bell": bell()}, steps=1)["bell"]
    assert area.deletion == pytest.approx(area.insertion)
    assert replace(area, deletion=0).insertion < 1
