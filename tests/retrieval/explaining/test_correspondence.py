"""Places of two photos that are like each other."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageChops
from tests.conftest import drawn_photo, encoded

import lookalike
from lookalike.catalogue.photos import read_photo
from lookalike.embedding.zoo import open_embedder
from lookalike.retrieval.explaining.agreement import Explainer, explainer_of
from lookalike.retrieval.explaining.correspondence import LEAST_LIKENESS, MOST, Correspondence
from lookalike.retrieval.explaining.drawing import explanation_image
from lookalike.retrieval.explaining.explanation import explain
from lookalike.retrieval.explaining.links import number_spots


@pytest.fixture(scope="module")
def default() -> Explainer:
    return explainer_of(open_embedder("default", threads=1))


def on_white(left: int, top: int) -> bytes:
    """The same thing somewhere in a wide white photo."""
    ground = Image.new("RGB", (320, 192), "white")
    ground.paste(drawn_photo(3, size=(140, 160)), (left, top))
    return encoded(ground)


def places(explainer: Explainer, first: bytes, second: bytes) -> tuple[Correspondence, ...]:
    size_px = explainer.embedder.card.size_px
    return explainer.agreement(*(read_photo(each, size_px=size_px) for each in (first, second))).places


def test_in_the_same_photo_each_place_is_like_itself(default):
    found = places(default, on_white(90, 16), on_white(90, 16))
    assert 0 < len(found) <= MOST
    assert all(place.first == place.second for place in found)
    assert [place.likeness for place in found] == pytest.approx([1.0] * len(found), abs=1e-5)


def test_places_lie_on_the_thing_and_move_with_it(default):
    found = places(default, on_white(10, 16), on_white(170, 16))  # moved by half of the photo
    assert len(found) >= 2
    moved = [(place.second[0] - place.first[0], place.second[1] - place.first[1]) for place in found]
    assert np.median([across for across, _ in moved]) == pytest.approx(0.5, abs=0.11)
    for place in found:
        assert 0 < place.first[0] < 0.5
        assert 0.5 < place.second[0] < 1
        assert 0.05 < place.first[1] < 0.95
        assert place.likeness >= LEAST_LIKENESS
    assert [place.likeness for place in found] == sorted((place.likeness for place in found), reverse=True)


def test_told_places_are_apart_in_both_photos(default):
    found = places(default, on_white(20, 10), on_white(150, 25))
    for number, one in enumerate(found):
        for other in found[:number]:
            for side in ("first", "second"):
                (across, down), (across2, down2) = getattr(one, side), getattr(other, side)
                # two of the ten cells along the photo's long side
                assert max(abs(across - across2), abs(down - down2) * 192 / 320) > 0.19


def test_a_model_without_maps_tells_of_no_places():
    assert places(explainer_of(open_embedder("descriptor")), on_white(40, 20), on_white(40, 20)) == ()


def test_the_picture_joins_the_places_across_both_photos(item_folder, tmp_path):
    engine = lookalike.index(item_folder, tmp_path / "store")
    found = explain(engine, next(item_folder.rglob("*.png")))
    assert found.agreement.places
    facts = found.to_dict()["places"][0]
    assert facts["photo"] == pytest.approx(found.agreement.places[0].first, abs=1e-4)
    with_links = explanation_image(found)
    object.__setattr__(found.agreement, "places", ())
    middle = (with_links.width // 2 - 20, 0, with_links.width // 2 + 20, with_links.height)
    changed = ImageChops.difference(with_links.crop(middle), explanation_image(found).crop(middle))
    assert changed.getbbox() is not None, "a line crosses the gap between the photos"


def test_each_dot_has_its_place_and_its_number():
    plain = Image.new("RGB", (200, 100), "black")
    number_spots(plain, [(0.25, 0.5), (0.75, 0.5)])
    seen = np.asarray(plain).any(axis=2)
    assert seen[50, 38]
    assert seen[50, 162]
    assert not seen[:, 90:110].any()
    dots = np.asarray(plain)[30:70, 30:70], np.asarray(plain)[30:70, 130:170]
    assert not np.array_equal(*dots), "a 1 is no 2"
