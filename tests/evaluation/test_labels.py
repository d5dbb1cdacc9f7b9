from __future__ import annotations

import numpy as np
import pytest

from lookalike.evaluation.labels import confusion, f1_counts, f1_mean, top_k_hits


@pytest.fixture
def answers():
    rng = np.random.default_rng(2)
    truth = rng.integers(0, 6, 300)
    scores = rng.random((300, 6)) + 0.4 * np.eye(6)[truth]
    return truth, scores


def test_values_are_scikit_learns(answers):
    peer = pytest.importorskip("sklearn.metrics")
    truth, scores = answers
    found = scores.argmax(axis=1)
    assert (confusion(truth, found, 6) == peer.confusion_matrix(truth, found)).all()
    for k in (1, 3, 5):
        assert top_k_hits(k, scores, truth).mean() == pytest.approx(
            peer.top_k_accuracy_score(truth, scores, k=k)
        )


def test_macro_f1_of_any_part_is_scikit_learns(answers):
    peer = pytest.importorskip("sklearn.metrics")
    truth, scores = answers
    truth = np.where(truth == 4, 3, truth)  # a class that never occurs, and one that is only found
    found = np.where(scores.argmax(axis=1) == 4, 5, scores.argmax(axis=1))
    counts = f1_counts(truth, found, 6)
    sums = np.stack([counts[:7].sum(axis=0), counts.sum(axis=0)])
    peers = [
        peer.f1_score(truth[:7], found[:7], average="macro"),
        peer.f1_score(truth, found, average="macro"),
    ]
    assert f1_mean(sums) == pytest.approx(peers)


def test_a_tie_counts_against_the_right_class():
    assert top_k_hits(1, np.array([[0.5, 0.5]]), np.array([0])).tolist() == [0.0]
