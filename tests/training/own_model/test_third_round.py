"""The last round: two teachers, whole photos, and a run that is interrupted and goes on."""

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.train

from lookalike.training.own_model.distil_run import CHECKPOINT, PROGRESS, Photos  # noqa: E402
from lookalike.training.own_model.network import FEATURES, STAGES, STRIDES, Network  # noqa: E402
from lookalike.training.own_model.third_round import TwoTeachersPlan, learn_from_two  # noqa: E402
from lookalike.training.own_model.two_teachers import Answers, Pupil, Teachers, answers  # noqa: E402
from lookalike.training.own_model.weight_files import load_weights  # noqa: E402

CHANNELS = [*(stage.channels_out for stage in STAGES), FEATURES]
SECOND = 24


class Drawn:
    """Activations that are smooth functions of the pixels, of the shapes real teachers give."""

    def __init__(self, channels, strides) -> None:
        self.shapes = list(zip(channels, strides, strict=True))

    def __call__(self, photos):
        grey = photos.mean(1, keepdim=True)
        return [
            torch.nn.functional.avg_pool2d(grey, stride, ceil_mode=True)
            * torch.linspace(0.5, 2, channels)[:, None, None]
            for channels, stride in self.shapes
        ]


@pytest.fixture
def teachers():
    return Teachers(Drawn(CHANNELS, STRIDES), Drawn([SECOND], [32]))


@pytest.fixture
def photos():
    rng = np.random.default_rng(0)
    small = rng.integers(0, 256, (9, 16, 16, 3), np.uint8)
    chances = np.array([0.6, 0.1, 0.1, 0.1, 0.1])
    return Photos(rng.integers(0, 256, (20, 48, 48, 3), np.uint8), np.arange(5), small, chances)


def learn(network, teachers, photos, folder, **changes):
    lines = []
    plan = TwoTeachersPlan(**{"steps": 2, "batch": 6, "size_px": 32, "teacher_px": 64, **changes})
    cpu = torch.device("cpu")
    learn_from_two(network, teachers, photos, plan=plan, folder=folder, device=cpu, report=lines.append)
    return lines


def test_a_run_goes_on_where_it_stopped(teachers, photos, tmp_path):
    torch.manual_seed(0)
    first = learn(Network(), teachers, photos, tmp_path)
    assert first[0].startswith("step 2 of 2")
    assert json.loads((tmp_path / PROGRESS).read_text()) == {"step": 2}
    network = Network()
    assert learn(network, teachers, photos, tmp_path) == []
    kept = load_weights(tmp_path / CHECKPOINT)
    assert all(torch.equal(value, kept[f"network.{name}"]) for name, value in network.state_dict().items())
    assert learn(network, teachers, photos, tmp_path, steps=3)[0].startswith("step 3 of 3")
    assert not torch.equal(network.state_dict()["stages.0.0.weight"], kept["network.stages.0.0.weight"])


def test_steps_bring_the_features_nearer_to_both_teachers(teachers):
    torch.manual_seed(0)
    pupil = Pupil(Network(), (FEATURES, SECOND), torch.zeros(FEATURES + SECOND)).train()
    views = torch.rand(6, 3, 64, 64) * torch.rand(6, 1, 1, 1)
    told = answers(teachers, views, teachers.features(views), torch.ones(6), size_px=64)
    optimiser = torch.optim.Adam(pupil.parameters(), lr=2e-3)
    losses = []
    for _ in range(8):
        loss = pupil.loss(views, told, stage_share=0.0)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]


def test_favoured_rows_are_drawn_more_often(photos):
    rng = np.random.default_rng(0)
    drawn = np.concatenate([photos.rows_of(2, 0.0, rng)[0] for _ in range(300)])
    assert (drawn == 0).mean() > 2.5 * (drawn == 1).mean()


def test_blends_are_not_asked_for_a_whole_photo():
    torch.manual_seed(0)
    pupil = Pupil(Network().eval(), (FEATURES, SECOND), torch.zeros(FEATURES + SECOND))
    seen = torch.rand(2, 3, 32, 32)
    stages = [maps.detach().float() for maps in pupil.network(seen)[:-1]]
    features, whole = torch.rand(2, FEATURES + SECOND), torch.rand(2, FEATURES + SECOND)

    def loss(whole, pure):
        told = Answers(stages, features, whole, torch.tensor(pure))
        return pupil.loss(seen, told, stage_share=0.3).item()

    other = torch.stack([whole[0], torch.rand(FEATURES + SECOND)])
    assert loss(whole, [1.0, 0.0]) == pytest.approx(loss(other, [1.0, 0.0]))
    assert loss(whole, [1.0, 1.0]) != pytest.approx(loss(other, [1.0, 1.0]))
