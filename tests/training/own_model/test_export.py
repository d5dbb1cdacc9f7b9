"""What leaves as a file gives the vectors of what was trained, and fits the package."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")
pytestmark = pytest.mark.train

from lookalike.embedding.card import Block, Card  # noqa: E402
from lookalike.embedding.model_folder import read_model  # noqa: E402
from lookalike.training.onnx_file import INPUT, to_onnx  # noqa: E402
from lookalike.training.own_model.colour_block import ColourHistogram  # noqa: E402
from lookalike.training.own_model.export import MOST_BYTES, export_model, halved  # noqa: E402
from lookalike.training.own_model.graph import OwnModel, Weights, shape_inputs  # noqa: E402
from lookalike.training.own_model.metric_head import Head  # noqa: E402
from lookalike.training.own_model.network import Network  # noqa: E402

SIZE = 160


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    network = Network().eval()
    with torch.no_grad():
        inputs = shape_inputs(network(torch.zeros(1, 3, SIZE, SIZE))).shape[1]
    return OwnModel(
        network,
        Head(inputs, 128),
        histogram=ColourHistogram(),
        colour_head=Head(ColourHistogram().width, 128),
        weights=Weights(shape=0.6, colour=0.8),
    ).eval()


def _card() -> Card:
    blocks = (Block("shape", 0, 128, 0.6), Block("colour", 128, 256, 0.8))
    return Card("test", width=256, size_px=SIZE, model_digest="", blocks=blocks)


def test_the_blocks_are_unit_vectors_times_their_weights(model):
    photos = torch.randint(0, 256, (2, SIZE, SIZE, 3), dtype=torch.uint8)
    vectors = model(photos).detach()
    assert vectors[:, :128].norm(dim=1).numpy() == pytest.approx([0.6, 0.6], abs=1e-4)
    assert vectors[:, 128:].norm(dim=1).numpy() == pytest.approx([0.8, 0.8], abs=1e-4)


def test_the_folder_is_small_and_any_number_of_photos_goes_through(model, tmp_path):
    import onnxruntime

    export_model(model, _card(), tmp_path)
    card, content = read_model(tmp_path)
    assert len(content) <= MOST_BYTES
    assert card.blocks[1].name == "colour"
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    photos = np.random.default_rng(0).integers(0, 256, (5, SIZE, SIZE, 3), np.uint8)
    together = session.run(None, {INPUT: photos})[0]
    alone = np.concatenate([session.run(None, {INPUT: photo[None]})[0] for photo in photos])
    assert together.shape == (5, 256)
    np.testing.assert_allclose(together, alone, atol=1e-4)


def test_nothing_in_the_file_points_outside_it(model):
    import onnx

    graph = onnx.load_from_string(halved(to_onnx(model, size_px=SIZE)))
    assert all(not constant.external_data for constant in graph.graph.initializer)
