"""What every embedder promises; a newcomer is tested by being listed."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from lookalike.catalogue.photos import Photo
from lookalike.embedding.card import Card
from lookalike.embedding.model_folder import write_model
from lookalike.embedding.untrained import SIZE_PX, untrained_model
from lookalike.embedding.zoo import open_embedder
from lookalike.errors import EmbedderError

EMBEDDERS = [
    "lookalike",
    "descriptor",
    "pixels",
    "histogram",
    "untrained",
    "a model folder",
    "timm:test_resnet?weights=none&size=64",
]


@pytest.fixture(scope="module", params=EMBEDDERS)
def embedder(request, tmp_path_factory):
    name = request.param
    if name == "a model folder":
        name = tmp_path_factory.mktemp("models") / "net"
        scale = (127.5, 127.5, 127.5)
        write_model(name, Card("net", 256, SIZE_PX, "", mean=scale, scale=scale), untrained_model(1))
        return open_embedder(name, runtime="onnxruntime")
    if name.startswith("timm"):
        pytest.importorskip("torch", reason="SKIPPED FOR WANT OF the train extra")
    return open_embedder(name)


def drawn(seed, size_px):
    """A photo letterboxed on white: a patterned box in the middle."""
    rng = np.random.default_rng(seed)
    pixels = np.full((size_px, size_px, 3), 255, np.uint8)
    left, top = rng.integers(size_px // 8, size_px // 4, 2)
    right, bottom = size_px - rng.integers(size_px // 8, size_px // 4, 2)
    pixels[top:bottom, left:right] = rng.integers(0, 256, (1, 1, 3))
    pixels[top : bottom : 2 + seed % 5, left:right] = rng.integers(0, 256, (1, 1, 3))
    return Photo(pixels, (0, 0, size_px, size_px), size_px, size_px)


@pytest.fixture
def batch(embedder):
    return [drawn(seed, embedder.card.size_px) for seed in range(11)]


def test_vectors_are_unit_float32_of_the_cards_width(embedder, batch):
    vectors = embedder.encode(batch)

    assert vectors.shape == (len(batch), embedder.card.width)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_a_photo_has_the_same_vector_alone_and_in_any_batch(embedder, batch):
    together = embedder.encode(batch)

    np.testing.assert_allclose(
        np.concatenate([embedder.encode([photo]) for photo in batch]), together, atol=1e-5
    )
    np.testing.assert_allclose(embedder.encode(batch[::-1])[::-1], together, atol=1e-5)


def test_different_photos_have_different_vectors(embedder, batch):
    vectors = embedder.encode(batch)

    assert (vectors @ vectors.T - 2 * np.eye(len(batch))).max() < 0.999999


def test_no_photos_give_no_vectors(embedder):
    assert embedder.encode([]).shape == (0, embedder.card.width)


def test_a_photo_of_another_size_is_refused(embedder):
    with pytest.raises(EmbedderError, match="takes photos of"):
        embedder.encode([drawn(0, embedder.card.size_px + 1)])


def test_a_photo_is_not_changed_and_may_be_read_only(embedder, batch):
    before = [photo.pixels.copy() for photo in batch]
    for photo in batch:
        photo.pixels.setflags(write=False)

    embedder.encode(batch)

    for photo, pixels in zip(batch, before, strict=True):
        np.testing.assert_array_equal(photo.pixels, pixels)


def test_threads_do_not_disturb_each_other(embedder, batch):
    alone = embedder.encode(batch)

    with ThreadPoolExecutor(4) as pool:
        for vectors in pool.map(embedder.encode, [batch] * 4):
            np.testing.assert_allclose(vectors, alone, atol=1e-5)


def test_an_all_white_photo_has_a_vector(embedder):
    side = embedder.card.size_px
    white = Photo(np.full((side, side, 3), 255, np.uint8), (0, 0, side, side), side, side)

    assert np.isfinite(embedder.encode([white])).all()


def test_the_card_survives_json_with_its_fingerprint(embedder):
    card = Card.from_json(embedder.card.to_json())

    assert card.fingerprint == embedder.card.fingerprint


def test_blocks_are_unit_vectors_times_their_weights(embedder, batch):
    vectors = embedder.encode(batch)

    for block in embedder.card.blocks:
        lengths = np.linalg.norm(vectors[:, block.start : block.stop], axis=1)
        np.testing.assert_allclose(lengths, block.weight, atol=1e-4)
