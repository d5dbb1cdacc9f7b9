from __future__ import annotations

import numpy as np
import pytest

from lookalike.evaluation import metrics
from lookalike.evaluation.ranking import Side, rank_right_answers


@pytest.fixture(scope="module")
def case():
    """Views of items with 2 to 6 views, and the places of right answers when each is asked."""
    rng = np.random.default_rng(5)
    items = np.repeat(np.arange(40), rng.integers(2, 7, 40))
    matrix = rng.standard_normal((40, 24))[items] + 1.2 * rng.standard_normal((len(items), 24))
    matrix = (matrix / np.linalg.norm(matrix, axis=1, keepdims=True)).astype(np.float32)
    side = Side(matrix, items, np.arange(len(items)))
    return matrix, items, rank_right_answers(side, side).views


def test_average_precision_is_scikit_learns(case):
    ours = pytest.importorskip("sklearn.metrics")
    matrix, items, ranks = case
    scores = matrix @ matrix.T
    others = ~np.eye(len(items), dtype=bool)
    expected = [
        ours.average_precision_score(items[keep] == items[row], scores[row][keep])
        for row, keep in enumerate(others)
    ]
    assert metrics.average_precision(ranks) == pytest.approx(expected, abs=1e-6)


@pytest.mark.train
@pytest.mark.filterwarnings("ignore")
def test_figures_are_pytorch_metric_learnings(case):
    torch = pytest.importorskip("torch")
    accuracy = pytest.importorskip("pytorch_metric_learning.utils.accuracy_calculator")
    matrix, items, ranks = case
    peer = accuracy.AccuracyCalculator(
        include=("precision_at_1", "r_precision", "mean_average_precision_at_r", "mean_reciprocal_rank",
                 "mean_average_precision"),
        k=len(items) - 1, device=torch.device("cpu"), knn_func=_exact_neighbours(torch),
    )  # fmt: skip
    vectors, labels = torch.from_numpy(matrix), torch.from_numpy(items)
    theirs = peer.get_accuracy(vectors, labels)
    ours = {
        "precision_at_1": metrics.recall_at(1, ranks),
        "r_precision": metrics.r_precision(ranks),
        "mean_average_precision_at_r": metrics.average_precision_at_r(ranks),
        "mean_reciprocal_rank": metrics.reciprocal_rank(ranks),
        "mean_average_precision": metrics.average_precision(ranks),
    }
    for name, values in ours.items():
        assert values.mean() == pytest.approx(theirs[name], abs=1e-6), name


def _exact_neighbours(torch):
    """The neighbours as the peer wants them, without its optional dependency on FAISS."""

    def neighbours(query, k, reference, ref_includes_query):
        scores = query @ reference.T
        if ref_includes_query:
            scores.fill_diagonal_(-2)
        found = scores.topk(k - 1 if ref_includes_query and k == len(reference) else k, dim=1)
        return found.values, found.indices

    return neighbours


def test_perfect_rankings_score_one_everywhere():
    perfect = np.array([[1.0, 2.0, 3.0], [1.0, 2.0, np.inf]])
    for metric in (metrics.average_precision, metrics.average_precision_at_r, metrics.r_precision,
                   metrics.reciprocal_rank):  # fmt: skip
        assert metric(perfect).tolist() == [1.0, 1.0]


def test_right_answers_that_were_never_found_count_as_missed():
    assert metrics.ns_score(np.array([[1.0, 5.0, 9.0]])).tolist() == [2.0]
    assert metrics.recall_at(5, np.array([[np.inf], [5.0], [6.0]])).tolist() == [0.0, 1.0, 0.0]
