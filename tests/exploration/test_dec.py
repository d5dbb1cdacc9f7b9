from __future__ import annotations

import json

import numpy as np
import pytest

from lookalike.errors import ExplorationError

torch = pytest.importorskip("torch")

from lookalike.evaluation.partitions import clustering_accuracy  # noqa: E402
from lookalike.exploration.dec.files import load_dec, save_dec  # noqa: E402
from lookalike.exploration.dec.network import divergence, soft_assignment, target_distribution  # noqa: E402
from lookalike.exploration.dec.running import fit_dec  # noqa: E402
from lookalike.exploration.dec.settings import DecSettings, idec  # noqa: E402

pytestmark = pytest.mark.train
QUICK = DecSettings(
    clusters=3, hidden=(24,), code=4, pretrain_epochs=25, refine_epochs=8, batch=32, update_every=5
)


def test_the_assignment_is_the_papers_equation_1():
    codes, centres = torch.tensor([[0.0, 0.0]]), torch.tensor([[1.0, 0.0], [0.0, 2.0]])
    expected = np.array([1 / 2, 1 / 5]) / (1 / 2 + 1 / 5)
    np.testing.assert_allclose(soft_assignment(codes, centres).numpy()[0], expected, rtol=1e-5)


def test_the_target_is_the_papers_equation_3():
    q = np.array([[0.6, 0.4], [0.9, 0.1]])
    naive = np.array([[q[i, j] ** 2 / q[:, j].sum() for j in range(2)] for i in range(2)])
    naive /= naive.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(target_distribution(torch.tensor(q)).numpy(), naive)
    kl = (naive * np.log(naive / q)).sum() / 2
    assert divergence(torch.tensor(naive), torch.tensor(q)).item() == pytest.approx(kl)


@pytest.mark.parametrize("settings", [QUICK, idec(QUICK)], ids=lambda settings: settings.name)
def test_three_far_groups_are_found_again(settings, three_groups):
    run = fit_dec(three_groups.matrix, settings)
    truth = three_groups.column("category")
    assert clustering_accuracy(truth, run.labels) > 0.9
    assert clustering_accuracy(truth, run.kmeans_raw) == 1
    assert len(run.kmeans_codes) == 60


def test_new_photos_go_where_their_like_are(three_groups):
    run = fit_dec(three_groups.matrix, QUICK)
    moved = three_groups.matrix + np.random.default_rng(1).normal(0, 0.01, three_groups.matrix.shape)
    assert (run.dec.predict(moved) == run.labels).mean() > 0.95
    np.testing.assert_allclose(run.dec.membership(moved).sum(axis=1), 1, rtol=1e-5)


def test_the_same_seed_gives_the_same_clusters(three_groups):
    one, other = (fit_dec(three_groups.matrix, QUICK) for _ in range(2))
    np.testing.assert_array_equal(one.labels, other.labels)


def test_it_stops_when_labels_hardly_change(three_groups):
    run = fit_dec(three_groups.matrix, QUICK)
    assert "changed" in run.dec.stopped or "sound" in run.dec.stopped
    assert len(run.history) < QUICK.refine_epochs * 2


def test_no_cluster_is_lost_to_a_collapse():
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(120, 8)).astype(np.float32)
    settings = DecSettings(
        clusters=6, hidden=(16,), code=3, pretrain_epochs=2, refine_epochs=30, batch=32, update_every=4,
        learning_rate=0.05, stop_below=0,
    )  # fmt: skip
    run = fit_dec(noise, settings)
    assert np.bincount(run.labels, minlength=6).min() >= 1


def test_what_was_saved_answers_the_same(three_groups, tmp_path):
    dec = fit_dec(three_groups.matrix, QUICK).dec
    again = load_dec(save_dec(dec, tmp_path / "dec"))
    np.testing.assert_array_equal(again.membership(three_groups.matrix), dec.membership(three_groups.matrix))
    assert again.settings == QUICK


def test_a_damaged_folder_is_told_as_one(three_groups, tmp_path):
    folder = save_dec(fit_dec(three_groups.matrix, QUICK).dec, tmp_path / "dec")
    (folder / "dec.safetensors").write_bytes(b"\xff" * 64)
    with pytest.raises(ExplorationError, match="holds no clusters"):
        load_dec(folder)
    facts = json.loads((folder / "dec.json").read_text())
    (folder / "dec.json").write_text(json.dumps({**facts, "format": 9}))
    with pytest.raises(ExplorationError, match="format 9"):
        load_dec(folder)


@pytest.mark.parametrize(
    ("features", "message"),
    [
        (np.ones((9, 4)), "fewer different photos"),
        (np.eye(2), "needs 3 photos"),
        (np.full((9, 4), np.nan), "NaN"),
    ],
)
def test_what_cannot_be_clustered_is_refused(features, message):
    with pytest.raises(ExplorationError, match=message):
        fit_dec(features, QUICK)


def test_features_of_another_width_are_refused(three_groups):
    dec = fit_dec(three_groups.matrix, QUICK).dec
    with pytest.raises(ExplorationError, match="5 columns"):
        dec.predict(np.ones((1, 5)))
