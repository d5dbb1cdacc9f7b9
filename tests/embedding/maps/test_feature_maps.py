"""What each cell of a model's maps adds to a photo's vector."""

from __future__ import annotations

import numpy as np
import pytest
from tests.conftest import drawn_photo, encoded

from lookalike.catalogue.photos import Photo, read_photo
from lookalike.embedding.embedder import Embedder
from lookalike.embedding.maps.feature_maps import Mapper, open_mapper
from lookalike.embedding.zoo import open_embedder
from lookalike.errors import EmbedderError

REFERENCE = "reference_models/mobilenet_v2_imagenet.onnx"


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return open_embedder("default", threads=1)


@pytest.fixture(scope="module")
def mapper(embedder) -> Mapper:
    return open_mapper(embedder)


@pytest.fixture(scope="module")
def photos(embedder) -> list[Photo]:
    size_px = embedder.card.size_px
    return [read_photo(encoded(drawn_photo(seed)), size_px=size_px) for seed in range(3)]


def test_the_cells_of_the_default_model_sum_up_to_its_shape_block(embedder, mapper, photos):
    maps = mapper.maps(photos)
    (shape,) = (block for block in embedder.card.blocks if block.name == "shape")
    assert (maps.place.start, maps.place.stop) == (shape.start, shape.stop)
    vectors = embedder.encode(photos)[:, shape.start : shape.stop] / shape.weight
    np.testing.assert_allclose(maps.unit, vectors, atol=1e-4)


def test_what_cells_and_base_bring_sums_up_to_the_cosine(mapper, photos):
    maps = mapper.maps(photos)
    parts, base = maps.contributions(0, maps.unit[1])
    assert sum(float(part.sum()) for part in parts) + base == pytest.approx(
        float(maps.unit[0] @ maps.unit[1]), abs=1e-4
    )


def test_the_maps_of_a_photo_do_not_depend_on_its_batch(mapper, photos):
    together, alone = mapper.maps(photos), mapper.maps(photos[1:2])
    np.testing.assert_array_equal(together.layers[-1][1], alone.layers[-1][0])


def test_a_change_in_a_corner_changes_the_cells_of_that_corner_most(mapper, photos):
    changed = photos[0].pixels.copy()
    side = len(changed)
    changed[: side // 5, : side // 5] = np.random.default_rng(0).integers(0, 256, (side // 5, side // 5, 3))
    left, top, right, bottom = photos[0].content
    maps = mapper.maps([photos[0], Photo(changed, (left, top, right, bottom), side, side)])
    change = np.linalg.norm(maps.layers[0][1] - maps.layers[0][0], axis=-1)
    half = len(change) // 2
    assert change[:half, :half].sum() > 5 * change[half:, half:].sum()


@pytest.mark.parametrize("name", ["descriptor", "pixels", "untrained"])
def test_an_embedder_without_maps_says_what_to_use_instead(name):
    with pytest.raises(EmbedderError, match="no feature maps") as caught:
        open_mapper(open_embedder(name))
    assert "occlusion" in caught.value.hint


def test_a_classifiers_features_are_the_mean_of_its_last_map(shared):
    embedder = open_embedder(shared / REFERENCE, threads=1, runtime="onnxruntime")
    photo = read_photo(encoded(drawn_photo(4)), size_px=embedder.card.size_px)
    maps = open_mapper(embedder).maps([photo])
    np.testing.assert_allclose(maps.unit, embedder.encode([photo]), atol=1e-5)
    np.testing.assert_allclose(maps.activations[-1].mean(axis=(1, 2)), maps.raw, atol=1e-4)
