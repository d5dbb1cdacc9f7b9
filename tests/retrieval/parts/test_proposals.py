"""Parts of a query photo that may frame its item."""

from __future__ import annotations

import pytest
from PIL import Image
from tests.conftest import drawn_photo, encoded

import lookalike
from lookalike.catalogue.photos import read_photo
from lookalike.embedding.embedder import Embedder
from lookalike.embedding.zoo import open_embedder
from lookalike.errors import EmbedderError, QueryError
from lookalike.retrieval.parts.proposals import propose, within
from lookalike.retrieval.query import Query, QueryPhoto


@pytest.fixture(scope="module")
def default() -> Embedder:
    return open_embedder("default", threads=1)


def photo_with(item: int, at: tuple[int, int], *, size: tuple[int, int] = (300, 300)) -> bytes:
    ground = Image.new("RGB", size, "white")
    ground.paste(drawn_photo(item, size=(96, 96)), at)
    return encoded(ground)


@pytest.mark.parametrize("name", ["default", "descriptor"])
@pytest.mark.parametrize("at", [(10, 10), (190, 180)])
def test_a_thing_in_a_corner_is_proposed(name, at):
    embedder = open_embedder(name)
    photo = read_photo(photo_with(3, at), size_px=embedder.card.size_px)
    (best,) = propose(embedder, photo, most=1)
    x, y = (best.box[0] + best.box[2]) / 2 * 300, (best.box[1] + best.box[3]) / 2 * 300
    assert at[0] < x < at[0] + 96
    assert at[1] < y < at[1] + 96


def test_the_models_own_saliency_proposes_too_and_needs_feature_maps(default):
    photo = read_photo(photo_with(3, (10, 10)), size_px=default.card.size_px)
    best = propose(default, photo, most=1, by="saliency")[0].box
    assert best[0] < 0.35
    assert best[1] < 0.35
    with pytest.raises(EmbedderError, match="no feature maps"):
        propose(open_embedder("descriptor"), photo, by="saliency")


@pytest.mark.parametrize("size", [(1, 1), (300, 4), (40, 400)])
def test_blank_tiny_and_thin_photos_have_proposals_on_them(default, size):
    photo = read_photo(encoded(Image.new("RGB", size, "white")), size_px=default.card.size_px)
    for part in propose(default, photo):
        left, top, right, bottom = part.box
        assert 0 <= left < right <= 1 + 1e-9
        assert 0 <= top < bottom <= 1 + 1e-9


def test_the_search_says_which_part_won(item_folder, tmp_path):
    engine = lookalike.index(item_folder, tmp_path / "store", model="descriptor")
    photo = QueryPhoto(photo_with(4, (190, 180)))
    found = engine.search(Query(photos=(photo,), parts=4), 1)
    assert len(found.photos) == 5
    crop = found.photos[found[0].photo].crop
    assert found[0].item.endswith("item-4")
    assert crop is not None
    assert (crop[0] + crop[2]) / 2 > 0.5
    assert found[0].score > engine.search(photo, 1)[0].score


def test_parts_of_a_crop_lie_in_the_crop(item_folder, tmp_path):
    engine = lookalike.index(item_folder, tmp_path / "store", model="descriptor")
    photo = QueryPhoto(photo_with(4, (190, 180)), crop=(0.5, 0.5, 1.0, 1.0))
    found = engine.search(Query(photos=(photo,), parts=3), 1)
    crops = [asked.crop for asked in found.photos]
    assert crops[0] == (0.5, 0.5, 1.0, 1.0)
    assert all(crop[0] >= 0.5 and crop[1] >= 0.5 for crop in crops)


def test_a_box_within_a_box_is_told_in_shares_of_the_photo():
    assert within((0.5, 0.0, 1.0, 0.5), (0.2, 0.2, 0.6, 1.0)) == pytest.approx((0.6, 0.1, 0.8, 0.5))
    assert within(None, (0.1, 0.1, 0.2, 0.2)) == (0.1, 0.1, 0.2, 0.2)


@pytest.mark.parametrize("parts", [-1, 6])
def test_too_many_parts_are_refused(parts):
    with pytest.raises(QueryError, match="parts were asked for"):
        Query(items=("a",), parts=parts)
