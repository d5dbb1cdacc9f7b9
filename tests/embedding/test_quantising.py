"""A quantised model is another model: near in its vectors, apart by its fingerprint."""

from __future__ import annotations

import numpy as np
import pytest
from tests.conftest import drawn_photo, encoded

from lookalike.catalogue.items import View
from lookalike.catalogue.photos import read_photo
from lookalike.embedding.card import Card
from lookalike.embedding.model_folder import write_model
from lookalike.embedding.quantising import quantise
from lookalike.embedding.runtime import open_model
from lookalike.embedding.untrained import untrained_model
from lookalike.errors import EmbedderError

pytest.importorskip("onnx", reason="SKIPPED FOR WANT OF ONNX: pip install 'lookalike[train]'")

VIEWS = [View(encoded(drawn_photo(seed))) for seed in range(8)]


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plain")
    half = (127.5, 127.5, 127.5)
    card = Card(name="mine", width=256, size_px=96, model_digest="", mean=half, scale=half)
    write_model(folder, card, untrained_model(seed=7))
    return folder


@pytest.fixture(scope="module")
def small(plain, tmp_path_factory):
    folder = tmp_path_factory.mktemp("int8")
    quantise(plain, VIEWS, folder)
    return folder


def test_vectors_stay_near_and_the_fingerprint_does_not(plain, small):
    ours, theirs = open_model(small, runtime="onnxruntime"), open_model(plain, runtime="onnxruntime")
    assert ours.card.precision == "int8"
    assert ours.card.fingerprint != theirs.card.fingerprint
    photos = [read_photo(encoded(drawn_photo(seed)), size_px=96) for seed in range(20, 26)]
    cosines = np.einsum("ij,ij->i", ours.encode(photos), theirs.encode(photos))
    assert cosines.min() > 0.9
    assert cosines.max() < 1 - 1e-7  # its weights are others


def test_the_file_is_smaller(plain, small):
    assert (small / "model.onnx").stat().st_size < 0.6 * (plain / "model.onnx").stat().st_size


def test_a_photo_that_cannot_be_used_is_passed_over(plain, tmp_path):
    quantise(plain, [View(b"no photo"), *VIEWS[:2]], tmp_path / "out")
    with pytest.raises(EmbedderError, match="None of the photos"):
        quantise(plain, [View(b"no photo")], tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_what_is_quantised_is_not_quantised_again(small, tmp_path):
    with pytest.raises(EmbedderError, match="is a model of int8"):
        quantise(small, VIEWS, tmp_path / "out")
