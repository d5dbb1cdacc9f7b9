"""An old and a new model's version of one store, asked the same: how much changes, and is it better?

Views of the catalogue are asked against all others. Where an item has further views, it should be found
by them (one view left out); the same queries are asked of both versions, so their difference is paired.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lookalike.errors import EvaluationError
from lookalike.evaluation.bootstrap import bootstrap, mean_of, paired_bootstrap
from lookalike.evaluation.upgrade_report import NOT_FOUND, Answer, Change, Gain, UpgradeComparison
from lookalike.retrieval.index.choosing import index_of
from lookalike.retrieval.loading import load_snapshot
from lookalike.retrieval.snapshot import Snapshot
from lookalike.retrieval.store import Store

BATCH = 64
RESAMPLES = 1000


def compare_versions(
    old: Store, new: Store, *, k: int = 10, queries: int = 1000, seed: int = 0
) -> UpgradeComparison:
    """Ask a sample of views of both versions.

    Args:
        old, new: versions of one store; views that only one of them holds are left out.
        k: how many items are asked for.
        queries: how many views at most.
        seed: of the sample and the bootstrap.

    Raises:
        EvaluationError: the versions share no view, or k or queries is no positive number.
        StoreError: a version is damaged.
    """
    if k < 1 or queries < 1:
        raise EvaluationError(f"k is {k}, queries {queries}.", hint="Give positive numbers.")
    sides = load_snapshot(old), load_snapshot(new)
    shared = _shared_views(*sides)
    if not shared:
        raise EvaluationError("The versions share no view.", hint="Prepare the new version first.")
    chosen = np.random.default_rng(seed).permutation(len(shared))[:queries]
    asked = [shared[row] for row in np.sort(chosen)]
    answers = [_answers(side, store, asked, k) for side, store in zip(sides, (old, new), strict=True)]
    changes = tuple(
        Change(item, sides[0].item(sides[0].places[item]).views[view], before, after, others)
        for (item, view, others), before, after in zip(asked, *answers, strict=True)
    )
    return _figures(changes, (old.fingerprint, new.fingerprint), k=k, views=len(shared), seed=seed)


def _figures(
    changes: tuple[Change, ...], names: tuple[str, str], *, k: int, views: int, seed: int
) -> UpgradeComparison:
    of = {item: code for code, item in enumerate(dict.fromkeys(change.item for change in changes))}
    codes = np.array([of[change.item] for change in changes])
    overlap = np.array([change.overlap for change in changes])
    same = np.array([float(change.old.items[:1] == change.new.items[:1]) for change in changes])
    findable = [change for change in changes if change.has_others]
    return UpgradeComparison(
        *names,
        k=k,
        views=views,
        queries=len(changes),
        recall_queries=len(findable),
        overlap=bootstrap(mean_of(overlap), codes, resamples=RESAMPLES, seed=seed),
        same_first=bootstrap(mean_of(same), codes, resamples=RESAMPLES, seed=seed),
        gains=_gains(findable, np.array([of[change.item] for change in findable]), k, seed),
        changes=changes,
        seed=seed,
    )


def _gains(changes: list[Change], codes: NDArray[np.int64], k: int, seed: int) -> tuple[Gain, ...]:
    if not changes:
        return ()
    ranks = np.array([[change.old.rank, change.new.rank] for change in changes])
    gains = []
    for name, hits in {
        "R@1": ranks == 1,
        f"R@{k}": ranks != NOT_FOUND,
        f"MRR@{k}": np.where(ranks == NOT_FOUND, 0.0, 1.0 / np.maximum(ranks, 1)),
    }.items():
        old, new = (mean_of(np.asarray(hits[:, side], np.float64)) for side in (0, 1))
        gains.append(
            Gain(
                name,
                bootstrap(old, codes, resamples=RESAMPLES, seed=seed),
                bootstrap(new, codes, resamples=RESAMPLES, seed=seed),
                paired_bootstrap(new, old, codes, resamples=RESAMPLES, seed=seed),
            )
        )
    return tuple(gains)


def _shared_views(old: Snapshot, new: Snapshot) -> list[tuple[str, int, bool]]:
    """Item, place of the view, and whether the item has others: of items that both hold alike."""
    shared = []
    for place, item in enumerate(old.ids):
        other = new.places.get(item)
        if other is None or old.row(place).record != new.row(other).record:
            continue
        views = int(old.starts[place + 1] - old.starts[place])
        shared += [(item, view, views > 1) for view in range(views)]
    return shared


def _answers(snapshot: Snapshot, store: Store, asked: list[tuple[str, int, bool]], k: int) -> list[Answer]:
    """What a version answers to each view, the view itself left out of its own item."""
    index = index_of(snapshot, home=store.home, keep=not store.read_only)
    answers = []
    for start in range(0, len(asked), BATCH):
        batch = asked[start : start + BATCH]
        questions = [snapshot.vectors(snapshot.places[item])[view][None] for item, view, _ in batch]
        found = index.nearest(questions, k + 1)
        for (item, view, _), hits in zip(batch, found, strict=True):
            own = snapshot.places[item]
            ranked = [(hit.score, hit.place, hit.view) for hit in hits if hit.place != own]
            ranked = sorted([*ranked, *_own(snapshot, own, view)], key=lambda one: (-one[0], one[1]))[:k]
            places = [place for _, place, _ in ranked]
            answers.append(
                Answer(
                    tuple(snapshot.ids[place] for place in places),
                    tuple(snapshot.item(place).views[met] for _, place, met in ranked),
                    places.index(own) + 1 if own in places else NOT_FOUND,
                )
            )
    return answers


def _own(snapshot: Snapshot, place: int, view: int) -> list[tuple[float, int, int]]:
    """Score, place and best view of an item, one of its views left out; nothing where it is the only one."""
    vectors = snapshot.vectors(place).astype(np.float64)
    if len(vectors) == 1:
        return []
    scores = vectors @ vectors[view]
    scores[view] = -np.inf
    return [(float(scores.max()), place, int(scores.argmax()))]
