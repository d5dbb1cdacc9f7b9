"""Distillation: phases, the learning rate, and a run that is interrupted and goes on."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.train

from lookalike.training.own_model.distil_run import (  # noqa: E402
    CHECKPOINT,
    DistilPlan,
    Phase,
    Photos,
    distil,
    resume,
)
from lookalike.training.own_model.network import FEATURES, STAGES, STRIDES, Network  # noqa: E402
from lookalike.training.own_model.weight_files import load_weights  # noqa: E402

CHANNELS = [*(stage.channels_out for stage in STAGES), FEATURES]
QUICK = Phase(minutes=0.02, size_px=32, teacher_px=64, batch=4)


class DrawnTeacher:
    """Activations that are smooth functions of the pixels, of the shapes a real teacher gives."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def __call__(self, pixels: np.ndarray) -> list[np.ndarray]:
        self.asked.append(pixels.shape[-1])
        grey = torch.from_numpy(pixels).mean(1, keepdim=True) / 255
        maps = []
        for channels, stride in zip(CHANNELS, STRIDES, strict=True):
            cells = torch.nn.functional.avg_pool2d(grey, stride)
            maps.append((cells * torch.linspace(0.5, 2, channels)[:, None, None]).numpy())
        return maps


@pytest.fixture
def photos():
    rng = np.random.default_rng(0)
    return Photos(rng.integers(0, 256, (20, 48, 48, 3), np.uint8), np.arange(5), None)


NOWHERE = torch.zeros(FEATURES)


def test_phases_follow_one_another_and_the_rate_falls_to_almost_nothing():
    plan = DistilPlan(phases=(QUICK, Phase(minutes=1, size_px=64, teacher_px=64)))
    assert [plan.phase_at(spent).size_px for spent in (0, 0.019, 0.021, 5)] == [32, 32, 64, 64]
    rates = [plan.rate_at(spent) for spent in (0.0, 0.5, 1.0, plan.minutes)]
    assert rates[0] < rates[1] > rates[2] > rates[3]
    assert rates[3] == pytest.approx(0.01 * plan.rate)


def test_only_rows_that_may_be_seen_are_drawn(photos):
    rng = np.random.default_rng(1)
    allowed = {photos.large[row].tobytes() for row in photos.rows}
    drawn = [photo.tobytes() for _ in range(10) for photo in photos.draw(4, 0.3, rng)[0]]
    assert set(drawn) <= allowed


def test_small_photos_take_their_share_of_a_batch(photos):
    mixed = Photos(photos.large, photos.rows, np.zeros((9, 16, 16, 3), np.uint8))
    large, small = mixed.draw(10, 0.3, np.random.default_rng(0))
    assert (len(large), len(small)) == (7, 3)


def test_a_run_goes_on_where_it_stopped_and_ends_when_its_minutes_are_spent(photos, tmp_path):
    torch.manual_seed(0)
    folder = tmp_path / "round-1"
    network, teacher, lines = Network(), DrawnTeacher(), []
    plan = DistilPlan(phases=(QUICK,))
    distil(network, teacher, photos, plan=plan, centre=NOWHERE, folder=folder, report=lines.append)
    assert len(lines) == 1
    assert teacher.asked[0] == 64
    assert np.isfinite(float(lines[0].rsplit(" ", 1)[1]))

    fresh = Network()
    assert resume(fresh, folder) >= plan.minutes
    stored = load_weights(folder / CHECKPOINT)
    assert all(torch.equal(value, stored[name]) for name, value in fresh.state_dict().items())

    distil(fresh, teacher, photos, plan=plan, centre=NOWHERE, folder=folder, report=lines.append)
    assert len(lines) == 1


def test_a_teacher_that_fails_ends_the_run_with_its_error(photos, tmp_path):
    def broken(pixels):
        raise RuntimeError("no such layer")

    plan = DistilPlan(phases=(QUICK,))
    with pytest.raises(RuntimeError, match="no such layer"):
        distil(Network(), broken, photos, plan=plan, centre=NOWHERE, folder=tmp_path, report=print)
