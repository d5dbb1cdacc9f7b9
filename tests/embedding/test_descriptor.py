"""What the descriptor and the plain baselines promise, on photos drawn on the spot."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from lookalike.catalogue.photos import Photo
from lookalike.embedding import colour, foreground
from lookalike.embedding.baselines import Histogram, Pixels
from lookalike.embedding.descriptor import Descriptor
from lookalike.embedding.oklab import oklab

SIZE = 96
RED, BLUE, GREEN, WHITE = (200, 40, 40), (40, 60, 190), (50, 140, 60), (255, 255, 255)


def drawn(kind="mug", ink=RED, paper=WHITE, *, scale=1.0, shift=(0, 0)):
    """A photo of a shape: a mug (body and handle), a lamp (triangle on a pole) or a ring."""
    y, x = np.mgrid[0:SIZE, 0:SIZE]
    v, u = ((y - SIZE / 2 - shift[1]) / scale, (x - SIZE / 2 - shift[0]) / scale)
    shapes = {
        "mug": ((np.abs(u + 4) < 17) & (np.abs(v) < 22)) | (np.abs(np.hypot(u - 14, v) - 11) < 3),
        "lamp": ((v < 4) & (v > -26) & (np.abs(u) < (v + 32) * 0.7)) | ((np.abs(u) < 3) & (v > 0) & (v < 27)),
        "ring": np.abs(np.hypot(u, v) - 20) < 6,
    }
    pixels = np.empty((SIZE, SIZE, 3), np.uint8)
    pixels[:] = paper
    pixels[shapes[kind]] = ink
    return Photo(pixels, (0, 0, SIZE, SIZE), SIZE, SIZE)


def flat(value, content=(0, 0, SIZE, SIZE)):
    return Photo(np.full((SIZE, SIZE, 3), value, np.uint8), content, SIZE, SIZE)


def noise(seed, content=(0, 0, SIZE, SIZE)):
    pixels = np.random.default_rng(seed).integers(0, 256, (SIZE, SIZE, 3), dtype=np.uint8)
    return Photo(pixels, content, SIZE, SIZE)


def blocks(photo):
    """The unit blocks of a photo's vector, by name."""
    embedder = Descriptor()
    vector = embedder.encode([photo])[0]
    return {block.name: vector[block.start : block.stop] / block.weight for block in embedder.card.blocks}


def test_the_blocks_cover_the_vector_and_have_their_weights():
    card = Descriptor().card
    vectors = Descriptor().encode([drawn(), noise(1), flat(128)])
    assert [block.name for block in card.blocks] == ["shape", "colour"]
    assert (card.blocks[0].start, card.blocks[0].stop, card.blocks[1].stop) == (
        0,
        card.blocks[1].start,
        card.width,
    )
    assert sum(block.weight**2 for block in card.blocks) == pytest.approx(1)
    for block in card.blocks:
        lengths = np.linalg.norm(vectors[:, block.start : block.stop], axis=1)
        assert lengths == pytest.approx(block.weight, abs=1e-5)


def test_a_recoloured_twin_changes_the_colour_block_only():
    red, blue = blocks(drawn(ink=RED)), blocks(drawn(ink=BLUE))
    assert red["shape"] @ blue["shape"] > 0.98
    assert red["colour"] @ blue["colour"] < 0.3


@pytest.mark.parametrize("kind", ["mug", "lamp", "ring"])
def test_the_same_shape_in_another_colour_is_nearest_by_shape(kind):
    query = blocks(drawn(kind, RED))["shape"]
    scores = {other: query @ blocks(drawn(other, GREEN))["shape"] for other in ("mug", "lamp", "ring")}
    assert max(scores, key=scores.get) == kind


def test_the_same_colour_in_another_shape_is_nearest_by_colour():
    query = blocks(drawn("mug", RED))["colour"]
    scores = {str(ink): query @ blocks(drawn("lamp", ink))["colour"] for ink in (RED, BLUE, GREEN)}
    assert max(scores, key=scores.get) == str(RED)


def test_a_mirrored_photo_has_the_same_vector():
    photo = drawn()
    mirrored = dataclasses.replace(photo, pixels=np.ascontiguousarray(photo.pixels[:, ::-1]))
    first, second = Descriptor().encode([photo, mirrored])
    assert first @ second > 0.999


@pytest.mark.parametrize("change", [{"shift": (14, 6)}, {"shift": (-9, -12)}, {"scale": 0.6}, {"scale": 1.4}])
def test_shifted_and_rescaled_items_on_white_stay_close(change):
    first, second = Descriptor().encode([drawn(), drawn(**change)])
    assert first @ second > 0.9


def test_the_letterbox_bars_do_not_count():
    content = (20, 0, 76, SIZE)
    photo = drawn("ring", paper=(120, 150, 170))
    photos = []
    for bar in (255, 0):
        pixels = np.full_like(photo.pixels, bar)
        pixels[:, 20:76] = photo.pixels[:, 20:76]
        photos.append(Photo(pixels, content, 56, SIZE))
    for embedder in (Descriptor(), Histogram()):
        first, second = embedder.encode(photos)
        np.testing.assert_array_equal(first, second)


def test_the_background_does_not_carry_the_colour():
    on_white, on_wall = blocks(drawn(ink=RED)), blocks(drawn(ink=RED, paper=(120, 160, 150)))
    other = blocks(drawn(ink=BLUE, paper=(120, 160, 150)))
    assert on_white["colour"] @ on_wall["colour"] > 0.8
    assert on_wall["colour"] @ other["colour"] < 0.5


def test_a_white_label_inside_the_item_is_foreground_and_the_border_is_not():
    photo = drawn("mug")
    photo.pixels[42:52, 40:48] = 255
    weight = foreground.foreground(oklab(photo.pixels))
    assert weight[47, 44] > 0.8
    assert weight[:8].max() < 0.05


def test_greys_are_told_from_pale_hues():
    grey, pale = (150, 150, 150), (165, 145, 150)
    assert blocks(drawn(ink=grey))["colour"] @ blocks(drawn(ink=pale))["colour"] < 0.9


@pytest.mark.parametrize("embedder", [Descriptor(), Pixels(), Histogram()], ids=lambda e: e.card.name)
@pytest.mark.parametrize(
    "photo",
    [
        *(flat(grey) for grey in (0, 128, 255)),
        *(noise(3, box) for box in ((0, 0, SIZE, SIZE), (47, 0, 48, SIZE), (0, 40, SIZE, 43))),
        *(noise(4, box) for box in ((10, 20, 11, 21), (0, 0, 95, 93))),
    ],
)
def test_photos_with_nothing_to_go_by_still_get_a_unit_vector(embedder, photo):
    vector = embedder.encode([photo])[0]
    assert np.isfinite(vector).all()
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("embedder", [Descriptor(), Pixels(), Histogram()], ids=lambda e: e.card.name)
def test_a_vector_does_not_depend_on_its_batch(embedder):
    photos = [drawn(), noise(1), drawn("lamp", BLUE), noise(2, (30, 0, 60, SIZE))]
    together = embedder.encode(photos)
    alone = np.concatenate([embedder.encode([photo]) for photo in photos])
    np.testing.assert_array_equal(together, alone)


def test_the_fingerprint_changes_with_a_constant(monkeypatch):
    before = Descriptor().card.fingerprint
    monkeypatch.setattr(colour, "POWER", 0.4)
    assert Descriptor().card.fingerprint != before


def test_the_three_embedders_have_fingerprints_of_their_own():
    assert len({embedder.card.fingerprint for embedder in (Descriptor(), Pixels(), Histogram())}) == 3


def test_oklab_of_white_black_and_grey_is_neutral():
    lab = oklab(np.array([[255] * 3, [0] * 3, [119] * 3], np.uint8))
    assert lab[:, 0] == pytest.approx([1, 0, 0.5], abs=0.01)
    assert np.abs(lab[:, 1:]).max() < 1e-3


GOLDEN = {
    "mug": ([0.03754, 0.03205, 0.02583, 0.07223], 432, 0.53746),
    "lamp": ([0.0, 0.01839, 0.02612, 0.01025], 432, 0.52926),
    "ring": ([0.00984, 0.01627, 0.0091, 0.05435], 841, 0.53707),
}


@pytest.mark.parametrize("kind", GOLDEN)
def test_the_first_numbers_of_drawn_photos_are_the_stored_ones(kind):
    """A change here changes every stored vector: raise ``descriptor.VERSION`` with it."""
    first, fullest, share = GOLDEN[kind]
    found = blocks(drawn(kind))
    assert found["shape"][:4] == pytest.approx(first, abs=1e-4)
    assert int(found["colour"].argmax()) == fullest
    assert found["colour"].max() == pytest.approx(share, abs=1e-4)
