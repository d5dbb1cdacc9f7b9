"""What every loss of the table promises."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.train

from lookalike.errors import TrainingError  # noqa: E402
from lookalike.training.losses import LOSSES, distillation, koleo, make_loss  # noqa: E402
from lookalike.training.recipe import Loss as Settings  # noqa: E402

WIDTH, CLASSES = 8, 4
MARGINS = {"arcface": 20.0}

VARIANTS = [Settings(name=name, margin=MARGINS.get(name, 0.1)) for name in LOSSES] + [
    Settings(name="arcface", margin=20.0, sub_centres=3),
    Settings(name="triplet", miner="hard"),
    Settings(name="multi-similarity", miner="multi-similarity", memory=12),
    Settings(name="nt-xent", memory=12),
]


def batch(seed=0):
    chance = torch.Generator().manual_seed(seed)
    labels = torch.arange(CLASSES).repeat_interleave(2)
    return torch.randn(len(labels), WIDTH, generator=chance), labels


@pytest.fixture(params=VARIANTS, ids=lambda one: f"{one.name}-{one.miner}-{one.memory}-{one.sub_centres}")
def loss(request):
    torch.manual_seed(0)
    return make_loss(request.param, width=WIDTH, classes=CLASSES)


def test_a_loss_is_one_finite_number_with_a_gradient_for_every_vector_that_it_is_about(loss):
    vectors, labels = batch()
    vectors.requires_grad_()
    value = loss(vectors, labels)
    value.backward()
    assert value.shape == ()
    assert torch.isfinite(value)
    assert torch.isfinite(vectors.grad).all()


def test_following_the_gradient_makes_a_loss_smaller(loss):
    if isinstance(loss, type(make_loss(Settings(name="none"), width=1, classes=1))):
        pytest.skip("the loss that teaches nothing has nothing to make smaller")
    loss.eval()  # a memory would change the question from step to step
    vectors, labels = batch()
    vectors.requires_grad_()
    optimiser = torch.optim.Adam([vectors, *loss.parameters()], lr=0.05)
    values = []
    for _ in range(40):
        value = loss(vectors, labels)
        values.append(float(value.detach()))
        optimiser.zero_grad()
        value.backward()
        optimiser.step()
    assert values[-1] < values[0]


def test_a_loss_that_classifies_gives_a_score_for_each_class_and_the_others_say_they_cannot(loss):
    vectors, _ = batch()
    if loss.classifies:
        assert loss.logits(vectors).shape == (len(vectors), CLASSES)
    else:
        with pytest.raises(TrainingError):
            loss.logits(vectors)


def test_the_loss_of_an_unknown_name_is_an_error_that_names_the_known_ones():
    with pytest.raises(TrainingError) as caught:
        make_loss(Settings(name="hinge"), width=4, classes=2)
    assert "proxy-anchor" in caught.value.hint


def test_generalised_cross_entropy_fades_to_cross_entropy_and_forgives_a_wrong_label():
    vectors, labels = batch()
    torch.manual_seed(0)
    plain = make_loss(Settings(), width=WIDTH, classes=CLASSES)
    nearly = make_loss(Settings(name="generalised-cross-entropy", q=1e-4), width=WIDTH, classes=CLASSES)
    forgiving = make_loss(Settings(name="generalised-cross-entropy", q=0.7), width=WIDTH, classes=CLASSES)
    for other in (nearly, forgiving):
        other.load_state_dict(plain.state_dict())
    with torch.no_grad():
        assert float(nearly(vectors, labels)) == pytest.approx(float(plain(vectors, labels)), rel=1e-2)
        assert float(forgiving(100 * vectors, labels)) <= 1 / 0.7 < float(plain(100 * vectors, labels))


@pytest.mark.parametrize("q", [0.0, -0.5, 1.5])
def test_a_q_that_is_none_is_refused(q):
    with pytest.raises(TrainingError, match=r"loss\.q"):
        make_loss(Settings(name="generalised-cross-entropy", q=q), width=WIDTH, classes=CLASSES)


def test_a_memory_remembers_earlier_batches_and_keeps_the_newest():
    loss = make_loss(Settings(name="nt-xent", memory=12), width=WIDTH, classes=CLASSES)
    first, labels = batch(1)
    with torch.no_grad():
        alone, again = float(loss(first, labels)), float(loss(first, labels))
        assert again > alone  # the batch, and the batch against what is remembered
        second, _ = batch(2)
        loss(second, labels)
    assert int(loss.written) == 24
    assert torch.equal(loss.vectors[4:], second[:8])


def test_koleo_is_smaller_for_a_spread_batch_than_for_a_crowded_one():
    spread = torch.eye(WIDTH)
    crowded = torch.ones(WIDTH, WIDTH) + 0.01 * torch.eye(WIDTH)
    assert float(koleo(spread)) < float(koleo(crowded))
    assert torch.isfinite(koleo(torch.ones(4, WIDTH))), "one and the same vector"


def test_koleo_is_minus_the_mean_log_distance_to_the_nearest_other():
    angles = torch.deg2rad(torch.tensor([0.0, 20.0, 80.0]))
    vectors = 5 * torch.stack([angles.cos(), angles.sin()], dim=1)
    chords = 2 * torch.sin(torch.deg2rad(torch.tensor([20.0, 20.0, 60.0])) / 2)
    assert float(koleo(vectors)) == pytest.approx(float(-chords.log().mean()), abs=1e-4)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Settings(name="nt-xent", temperature=0.1), Settings(name="nt-xent", temperature=0.5)),
        (Settings(name="supcon", temperature=0.1), Settings(name="supcon", temperature=0.5)),
        (Settings(name="triplet", margin=0.1), Settings(name="triplet", margin=0.4)),
        (Settings(name="triplet", margin=0.4), Settings(name="triplet", margin=0.4, miner="hard")),
        (Settings(name="proxy-anchor", margin=0.1), Settings(name="proxy-anchor", margin=0.3)),
        (Settings(name="proxy-anchor", scale=16), Settings(name="proxy-anchor", scale=32)),
        (Settings(name="arcface", margin=10.0), Settings(name="arcface", margin=30.0)),
        (Settings(name="arcface", margin=10.0, scale=16), Settings(name="arcface", margin=10.0, scale=32)),
        (Settings(name="arcface", margin=10.0), Settings(name="arcface", margin=10.0, sub_centres=2)),
    ],
    ids=lambda one: f"{one.name}-{one.margin}-{one.temperature}-{one.scale}-{one.miner}-{one.sub_centres}",
)
def test_what_a_recipe_sets_reaches_its_loss(one, other):
    values = []
    for settings in (one, other):
        torch.manual_seed(0)
        values.append(float(make_loss(settings, width=WIDTH, classes=CLASSES)(*batch()).detach()))
    assert values[0] != pytest.approx(values[1])


def test_the_loss_of_a_recipe_without_labels_is_nothing():
    assert float(make_loss(Settings(name="none"), width=WIDTH, classes=CLASSES)(*batch())) == 0


def test_distillation_is_nothing_for_a_turned_copy_of_the_teacher():
    vectors, _ = batch()
    turn, _ = torch.linalg.qr(torch.randn(WIDTH, WIDTH, generator=torch.Generator().manual_seed(3)))
    assert float(distillation(vectors @ turn, vectors)) == pytest.approx(0, abs=1e-6)
    assert float(distillation(vectors.flip(0), vectors)) > 0.01
