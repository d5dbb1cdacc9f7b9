"""Figures of answers that may be "not in the catalogue", as pure functions of what was said and what is so.

``said`` is higher where something is thought to be so, ``so`` whether it is; shape (queries,) both.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Truths = NDArray[np.bool_]


def auroc(said: Values, so: Truths) -> float:
    """The probability that a true case is said to be likelier than a false one; ties count half.

    Hanley and McNeil, "The meaning and use of the area under a ROC curve", 1982.

    >>> auroc(np.array([0.9, 0.4, 0.6]), np.array([True, False, False]))
    1.0
    """
    if so.all() or not so.any():
        return float("nan")
    order = np.sort(said[~so])
    below = np.searchsorted(order, said[so], "left")
    upto = np.searchsorted(order, said[so], "right")
    return float((below + upto).mean() / (2 * len(order)))


def identified_at(share: float, said: Values, right: Truths, present: Truths) -> float:
    """Share of the queries in the catalogue that are found and believed (DIR), where ``share`` of those
    that are not in it are believed too (FAR).

    Phillips, Grother and Micheals, "Evaluation Methods in Face Recognition", 2011, section on open-set
    identification.

    Args:
        share: false alarms that are put up with.
        said: how sure each answer is.
        right: whether the first item is the right one.
        present: whether the item is in the catalogue.

    >>> said, present = np.array([0.9, 0.3, 0.5, 0.1]), np.array([True, True, False, False])
    >>> identified_at(0.0, said, present, present)
    0.5
    """
    alarms = np.sort(said[~present])[::-1]
    allowed = int(share * len(alarms))
    threshold = alarms[allowed] if allowed < len(alarms) else -np.inf
    return float((right & (said > threshold))[present].mean())


def oscr(said: Values, right: Truths, present: Truths) -> float:
    """Area under the share of rightly found against falsely believed queries, over all thresholds.

    Dhamija, Günther and Boult, "Reducing Network Agnostophobia", 2018, section 4. It is at most the
    recall at 1, and reaches it where every right answer is surer than any false alarm.

    >>> oscr(np.array([0.9, 0.8, 0.1]), np.array([True, False, False]), np.array([True, True, False]))
    0.5
    """
    alarms = said[~present]
    found = np.sort(said[present & right])
    return float((len(found) - np.searchsorted(found, alarms, "right")).mean() / present.sum())


@dataclass(frozen=True, slots=True)
class Reliability:
    """What was said and what was so, in bins of equally many queries; shape (bins,) each."""

    said: tuple[float, ...]
    so: tuple[float, ...]
    counts: tuple[int, ...]


def reliability(said: Values, so: Truths, *, bins: int = 10) -> Reliability:
    """The mean probability and the share of true cases of each bin, from the least sure to the surest.

    >>> reliability(np.array([0.1, 0.2, 0.8, 0.9]), np.array([False, False, True, True]), bins=2).so
    (0.0, 1.0)
    """
    parts = [part for part in np.array_split(np.argsort(said, kind="stable"), bins) if len(part)]
    return Reliability(
        tuple(float(said[part].mean()) for part in parts),
        tuple(float(so[part].mean()) for part in parts),
        tuple(len(part) for part in parts),
    )


def calibration_error(said: Values, so: Truths, *, bins: int = 10) -> float:
    """How far probabilities are from what happens (ECE, bins of equally many queries).

    Naeini, Cooper and Hauskrecht, "Obtaining Well Calibrated Probabilities Using Bayesian Binning", 2015;
    equal bins as in Nixon et al., "Measuring Calibration in Deep Learning", 2019.

    >>> calibration_error(np.array([0.5, 0.5]), np.array([True, False]), bins=1)
    0.0
    """
    told = reliability(said, so, bins=bins)
    gaps = np.abs(np.array(told.said) - np.array(told.so))
    return float((gaps * np.array(told.counts)).sum() / len(said))


def pairs_ranked(predicted: Values, happened: Values) -> float:
    """Share of pairs of queries with different outcomes that are predicted in the right order; ties half.

    The figure of Ionescu et al., "How hard can it be? Estimating the difficulty of visual search in an
    image", 2016 (there 75% for difficulty as people's time to answer). Kendall's tau over those pairs is
    twice it less one.

    >>> pairs_ranked(np.array([0.1, 0.7, 0.9]), np.array([0.0, 1.0, 0.5]))
    0.6666666666666666
    """
    said = np.sign(predicted[:, None] - predicted[None])
    was = np.sign(happened[:, None] - happened[None])
    differ = was != 0
    return float(((said * was)[differ].mean() + 1) / 2) if differ.any() else float("nan")
