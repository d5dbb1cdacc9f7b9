"""The model inside the package: small, ours, the default, and steady in what it says."""

import numpy as np
import pytest
from PIL import Image
from tests.conftest import encoded

from lookalike.catalogue.photos import read_photo
from lookalike.demo.designs import design
from lookalike.demo.shots import photograph, shots_of
from lookalike.embedding.zoo import PACKAGED, default_embedder_name, open_embedder

FIRST_NUMBERS = {"lookalike-1@749bb29dd2228b43": [-0.04538, 0.00419, -0.04054, 0.56624, 0.06869, -0.12635]}
"""Coordinates 0-2 of both blocks, for the red T-shirt, by the fingerprint of the model."""


@pytest.fixture(scope="module")
def model():
    return open_embedder(runtime="onnxruntime")


def tee(colour, *, ground=(255, 255, 255)) -> Image.Image:
    """A plain T-shirt laid flat."""
    photo = Image.new("RGB", (200, 240), ground)
    photo.paste(colour, (60, 40, 140, 210))
    photo.paste(colour, (25, 40, 175, 90))
    return photo


def mug(colour) -> Image.Image:
    """A box with a ring at its side."""
    photo = Image.new("RGB", (200, 240), (255, 255, 255))
    photo.paste(colour, (50, 80, 130, 190))
    photo.paste(colour, (130, 105, 165, 165))
    photo.paste((255, 255, 255), (130, 118, 152, 152))
    return photo


def vectors(model, *pictures):
    photos = [read_photo(encoded(picture), size_px=model.card.size_px) for picture in pictures]
    return model.encode(photos)


def test_it_is_the_default_and_fits_the_package(model):
    assert default_embedder_name() == "lookalike"
    assert model.card.name == "lookalike-1"
    assert sum(file.stat().st_size for file in PACKAGED.iterdir()) <= 12_000_000


def test_its_papers_say_what_it_learnt_from_and_how_good_it_is(model):
    assert model.card.licence == "Apache-2.0"
    assert len(model.card.training_data) >= 5
    assert {"luma item R@1", "shops item R@1", "clothing 10-NN"} <= set(model.card.quality)


def test_shape_and_colour_are_two_unit_blocks_with_their_weights(model):
    found = vectors(model, tee((180, 30, 40)), mug((30, 60, 160)))
    assert [block.name for block in model.card.blocks] == ["shape", "colour"]
    for block in model.card.blocks:
        lengths = np.linalg.norm(found[:, block.start : block.stop], axis=1)
        assert lengths == pytest.approx(block.weight, abs=2e-3)


def drawn(number: int, shot: int) -> Image.Image:
    """A photo of an item of the demo catalogue."""
    item = design(number)
    return Image.fromarray(photograph(item, shots_of(item)[shot], size_px=112))


def test_the_shape_block_follows_form_and_the_colour_block_follows_colour(model):
    rose_mug, rose_mug_behind, rust_mug, bag = vectors(
        model, drawn(0, 0), drawn(0, 3), drawn(1, 0), drawn(12, 0)
    )
    shape, colour = (slice(block.start, block.stop) for block in model.card.blocks)
    assert rose_mug[shape] @ rust_mug[shape] > rose_mug[shape] @ bag[shape] + 0.1
    assert rose_mug[colour] @ rose_mug_behind[colour] > rose_mug[colour] @ rust_mug[colour] + 0.1
    assert rose_mug @ rose_mug_behind > max(rose_mug @ rust_mug, rose_mug @ bag)


def test_the_ground_that_an_item_lies_on_changes_its_colours_little(model):
    on_white, on_grey, other = vectors(
        model, tee((180, 30, 40)), tee((180, 30, 40), ground=(205, 203, 200)), tee((40, 120, 60))
    )
    colour = model.card.blocks[1]
    of = slice(colour.start, colour.stop)
    assert on_white[of] @ on_grey[of] > on_white[of] @ other[of] + 0.2


def test_its_first_numbers_are_those_that_were_stored(model):
    found = vectors(model, tee((180, 30, 40)))[0]
    stored = np.array(FIRST_NUMBERS[model.card.fingerprint])
    places = [block.start + place for block in model.card.blocks for place in range(3)]
    np.testing.assert_allclose(found[places], stored, atol=2e-3)


def test_both_runtimes_say_the_same(model):
    pytest.importorskip("openvino", reason="SKIPPED FOR WANT OF the fast extra")
    other = open_embedder(runtime="openvino")
    pictures = [tee((180, 30, 40)), mug((30, 60, 160))]
    assert (vectors(model, *pictures) * vectors(other, *pictures)).sum(axis=1) == pytest.approx(1, abs=1e-3)
