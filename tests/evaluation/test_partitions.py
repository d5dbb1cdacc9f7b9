from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lookalike.errors import EvaluationError
from lookalike.evaluation.partitions import ari, assignment, clustering_accuracy, contingency, nmi

labelled = st.integers(1, 40).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(0, 5), min_size=n, max_size=n),
        st.lists(st.integers(0, 7), min_size=n, max_size=n),
    )
)


@settings(max_examples=80, deadline=None)
@given(labelled)
def test_nmi_and_ari_are_scikit_learns(pair):
    peer = pytest.importorskip("sklearn.metrics")
    truth, found = pair
    assert nmi(truth, found) == pytest.approx(peer.normalized_mutual_info_score(truth, found), abs=1e-9)
    assert ari(truth, found) == pytest.approx(peer.adjusted_rand_score(truth, found), abs=1e-9)


@settings(max_examples=80, deadline=None)
@given(st.integers(1, 7), st.integers(0, 4), st.integers(0, 10_000))
def test_the_assignment_is_as_cheap_as_scipys(rows, more, seed):
    peer = pytest.importorskip("scipy.optimize")
    cost = np.random.default_rng(seed).integers(-9, 10, (rows, rows + more)).astype(float)
    columns = assignment(cost)
    assert len(set(columns.tolist())) == rows
    best = peer.linear_sum_assignment(cost)
    assert cost[np.arange(rows), columns].sum() == cost[best].sum()


def test_the_names_of_clusters_do_not_matter():
    assert clustering_accuracy(["a", "a", "b", "c"], [9, 9, 4, 1]) == 1.0


def test_more_clusters_than_labels_lose_members_and_so_do_fewer():
    assert clustering_accuracy([0, 0, 0, 0], [0, 0, 1, 2]) == 0.5
    assert clustering_accuracy([0, 0, 1, 2], [0, 0, 0, 0]) == 0.5


def test_labels_and_clusters_of_different_length_are_refused():
    with pytest.raises(EvaluationError, match="cannot be compared"):
        contingency([1, 2], [1])
