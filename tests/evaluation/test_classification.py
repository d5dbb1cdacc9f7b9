from __future__ import annotations

import numpy as np
import pytest

from lookalike.errors import EvaluationError
from lookalike.evaluation.classification import Classification
from lookalike.evaluation.classifiers import linear_probe, neighbour_votes
from lookalike.evaluation.evaluating import evaluate


def classes(make, *, photos=120, kinds=3, spread=0.6, senders=10, seed=0):
    rng = np.random.default_rng(seed)
    label = rng.integers(0, kinds, photos)
    matrix = np.eye(kinds, 8)[label] + spread * rng.standard_normal((photos, 8))
    rows = [
        (f"photo-{n}", {"attributes": {"label": f"kind-{c}", "sender": f"s{rng.integers(senders)}"}})
        for n, c in enumerate(label)
    ]
    return make(matrix, rows), label


def test_nearest_neighbours_agree_with_scikit_learn(make):
    peer = pytest.importorskip("sklearn.neighbors")
    seen, label = classes(make, photos=30)
    votes = neighbour_votes(seen.matrix, label, np.arange(len(label)), k=1)
    hits = 0
    for row in range(len(label)):
        rest = np.arange(len(label)) != row
        model = peer.KNeighborsClassifier(1, metric="cosine").fit(seen.matrix[rest], label[rest])
        hits += model.predict(seen.matrix[row : row + 1])[0] == votes[row].argmax()
    assert hits == len(label)


def test_photos_of_one_group_do_not_inform_each_other(make):
    # each sender's photos are nearly one point and share a label that others' neighbourhoods contradict
    matrix = np.repeat(np.eye(4), 3, axis=0) + 0.01 * np.random.default_rng(0).standard_normal((12, 4))
    rows = [(f"p{n}", {"attributes": {"label": "ab"[n // 3 % 2], "sender": str(n // 3)}}) for n in range(12)]
    seen = make(matrix, rows)
    alone = evaluate(seen, Classification("label", k=2), check_leaks=False)
    apart = evaluate(seen, Classification("label", group="sender", k=2), check_leaks=False)
    assert alone["top-1"].value == 1.0
    assert apart["top-1"].value < 0.9


@pytest.mark.parametrize("method", ["knn", "linear"])
def test_separable_classes_are_told_apart_and_noise_is_not(make, method):
    clear, _ = classes(make, spread=0.1)
    noise, _ = classes(make, spread=1e6)
    asked = Classification("label", group="sender", method=method)
    assert evaluate(clear, asked, check_leaks=False)["top-1"].value == 1.0
    assert evaluate(noise, asked, check_leaks=False)["top-1"].value < 0.55


def test_the_linear_probe_is_ridge_regression_at_its_chosen_strength(make):
    peer = pytest.importorskip("sklearn.linear_model")
    seen, label = classes(make, spread=0.5)
    ours = linear_probe(seen.matrix[:80], label[:80], seen.matrix[80:], classes=3).argmax(axis=1)
    model = peer.RidgeClassifierCV(alphas=np.logspace(-3, 2, 12)).fit(seen.matrix[:80], label[:80])
    assert (ours == model.predict(seen.matrix[80:])).mean() >= 0.95


def test_macro_f1_and_the_confusion_matrix_come_with_the_report(make):
    peer = pytest.importorskip("sklearn.metrics")
    seen, label = classes(make, spread=0.9)
    report = evaluate(seen, Classification("label"), check_leaks=False)
    names, counts = report.confusion
    table = np.array(counts)
    truth, found = (np.repeat(axis.ravel(), table.ravel()) for axis in np.indices(table.shape))
    assert names == ("kind-0", "kind-1", "kind-2")
    assert table.sum(axis=1).tolist() == np.bincount(label).tolist()
    assert report["macro-F1"].value == pytest.approx(peer.f1_score(truth, found, average="macro"))
    assert report["macro-F1"].low < report["macro-F1"].value < report["macro-F1"].high


def test_the_report_names_the_classes_that_are_most_often_taken_for_another(make):
    seen, _ = classes(make, spread=0.9)
    report = evaluate(seen, Classification("label"), check_leaks=False)
    names, counts = report.confusion
    true, given, times, all_of = report.most_confused()[0]
    table = np.array(counts)
    wrong = table - np.diag(np.diag(table))
    assert times == wrong.max() == table[names.index(true), names.index(given)]
    assert all_of == table[names.index(true)].sum()
    assert f"taken for another: {true} for {given}, {times} of {all_of}" in report.to_text()


def test_single_photos_of_a_class_and_unlabelled_ones_are_counted_out(make):
    rows = [("a", "x"), ("b", "x"), ("c", "y"), ("d", "y"), ("e", "z"), ("f", None)]
    seen = make(
        np.random.default_rng(0).standard_normal((6, 3)),
        [(n, {"attributes": {} if v is None else {"label": v}}) for n, v in rows],
    )
    outcome = Classification("label").measure(seen)
    assert outcome.counts["photos"] == 4
    assert sorted(outcome.excluded.values()) == [1, 1]


def test_one_class_is_refused(make):
    seen = make(np.eye(3), [(n, {"attributes": {"label": "x"}}) for n in "abc"])
    with pytest.raises(EvaluationError, match="holds 1 class"):
        Classification("label").measure(seen)


def test_a_group_that_holds_a_class_whole_is_refused_and_told_where_only_some_classes_are(make):
    def seen(groups):
        rows = [
            (f"p{n}", {"attributes": {"label": label, "sender": group}})
            for n, (label, group) in enumerate(zip("aabbcc", groups, strict=True))
        ]
        return make(np.random.default_rng(0).standard_normal((6, 3)), rows)

    with pytest.raises(EvaluationError, match="All photos of a label share one sender"):
        Classification("label", group="sender").check(seen("112233"))
    found = Classification("label", group="sender").measure(seen("112345"))
    assert found.notes == ("always wrong: 2 photos of a label that no other sender has",)
    assert Classification("label", group="sender").measure(seen("123456")).notes == ()


def test_a_failure_shows_photos_that_had_a_vote(make):
    angles = np.deg2rad([0, 1, 5, 10, 90, 95])
    rows = [
        (f"p{n}", {"attributes": {"label": label, "sender": sender}})
        for n, (label, sender) in enumerate(zip("bbaabb", "112345", strict=True))
    ]
    seen = make(np.stack([np.cos(angles), np.sin(angles)], axis=1), rows)
    failure = Classification("label", group="sender", k=2).measure(seen).failures[0]
    assert failure.query in (0, 1)
    assert not {0, 1} & {failure.right, *failure.found}


def test_the_photo_furthest_from_its_class_is_the_failure_that_is_shown(make):
    angles = np.deg2rad([0, 5, 10, 90, 95, 4])
    rows = [(f"p{n}", {"attributes": {"label": label}}) for n, label in enumerate("aaabbb")]
    seen = make(np.stack([np.cos(angles), np.sin(angles)], axis=1), rows)
    (failure,) = Classification("label", k=3).measure(seen).failures
    assert (failure.query, failure.right, failure.place) == (5, 3, 2.0)
    assert failure.found == (1, 0, 2, 3, 4)


def test_of_two_classes_with_as_many_votes_the_nearer_wins():
    angles = np.deg2rad([0, 10, -12, 150, 160])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    votes = neighbour_votes(vectors, np.array([0, 1, 0, 1, 1]), np.arange(5), k=2)
    assert votes[0].argmax() == 1
    assert votes[0] == pytest.approx([1, 1], abs=0.26)
