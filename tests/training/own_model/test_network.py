"""The network's stages fit together, and a block can be solved before it is trained."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.train

from lookalike.training.own_model.closed_form import fit_block  # noqa: E402
from lookalike.training.own_model.distil import surprise  # noqa: E402
from lookalike.training.own_model.network import FEATURES, STAGES, Block, Network, pooled  # noqa: E402


@pytest.fixture
def network():
    torch.manual_seed(0)
    return Network()


def test_each_stage_takes_what_the_one_before_gives(network):
    outputs = network(torch.randn(2, 3, 64, 64))
    assert [maps.shape[1] for maps in outputs] == [*(stage.channels_out for stage in STAGES), FEATURES]
    assert [maps.shape[2] for maps in outputs] == [16, 8, 4, 4, 2, 2]
    assert pooled(outputs[-1]).shape == (2, FEATURES)


def test_the_network_fits_the_package(network):
    assert 2 * network.parameter_count() < 11_000_000


def test_surprise_is_one_for_the_mean_and_zero_for_the_truth():
    target = torch.randn(8, 4, 5, 5)
    mean = target.mean(dim=(0, 2, 3), keepdim=True).expand_as(target)
    assert surprise(target, target) == 0
    assert float(surprise(mean, target)) == pytest.approx(1, abs=0.05)


def test_a_block_solved_in_closed_form_predicts_a_smooth_function_of_its_input():
    torch.manual_seed(1)
    maps = torch.randn(32, 6, 12, 12)
    kernel = torch.randn(6, 6, 3, 3) / 5
    target = torch.nn.functional.conv2d(maps, kernel, padding=1)
    block = Block(6, 6, 40).eval()
    before = float(surprise(block(maps).detach(), target))
    fit_block(block, maps, target)
    assert float(surprise(block(maps).detach(), target)) < 0.1 < before
