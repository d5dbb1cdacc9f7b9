from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.train

from lookalike.training.own_model.colour_head import AXES, colour_head  # noqa: E402
from lookalike.training.own_model.metric_head import Lessons  # noqa: E402

THINGS, VIEWS, INPUTS, WIDTH = 120, 3, 200, 150


@pytest.fixture(scope="module")
def lessons():
    """Histograms of things in three views: each thing has its colours, each view some light of its own."""
    generator = torch.Generator().manual_seed(0)
    own = torch.rand(THINGS, INPUTS, generator=generator).pow(6).repeat_interleave(VIEWS, 0)
    light = torch.rand(THINGS * VIEWS, 1, generator=generator) * torch.linspace(0, 1, INPUTS)
    features = (own + 0.3 * light).sqrt()
    things = np.repeat(np.arange(THINGS), VIEWS)
    nothing = np.zeros(len(things), np.int64)
    return Lessons(features, things, nothing, features, nothing)


def test_views_of_one_thing_are_nearest_whatever_the_light(lessons):
    sources = np.repeat(["a", "b"], THINGS * VIEWS // 2)
    with torch.no_grad():
        vectors = colour_head(lessons, sources, width=WIDTH)(lessons.features)
    assert vectors.shape == (THINGS * VIEWS, WIDTH)
    assert torch.allclose(vectors.norm(dim=1), torch.ones(THINGS * VIEWS), atol=1e-5)
    closeness = (vectors @ vectors.T).fill_diagonal_(-1)
    assert (lessons.things[closeness.argmax(1)] == lessons.things).mean() > 0.95


def test_the_landmarks_are_shared_out_among_the_sources(lessons):
    sources = np.array(["a"] * 340 + ["b"] * 20)
    kernel = colour_head(lessons, sources, width=WIDTH)[1]
    assert kernel.landmarks.shape == (150 + 20, AXES)
