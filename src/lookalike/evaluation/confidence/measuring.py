"""How good the judgement of answers is, on items that it was not learned from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.embedding.card import Card
from lookalike.evaluation.confidence.open_set import (
    Truths,
    Values,
    auroc,
    calibration_error,
    identified_at,
    oscr,
    pairs_ranked,
    reliability,
)
from lookalike.evaluation.confidence.resampling import resampled
from lookalike.evaluation.report import Figure, Report
from lookalike.retrieval.confidence.calibration import ABSENT_SHARE, both
from lookalike.retrieval.confidence.outcomes import ABSENT, OTHER, SAME, Outcomes
from lookalike.retrieval.confidence.trials import NEAR, Manner, Trials, ask
from lookalike.retrieval.snapshot import Snapshot

FOLDS = 5
RESAMPLES = 200
SECTION = "confidence"


@dataclass(frozen=True, eq=False)
class Judgements:
    """What was said of every trial, by a model learned from the other items, and what is so.

    The first half of the rows are the trials with their item in the catalogue, the second half the same
    without it.

    Args:
        items: that asked, shape (rows,).
        scores: of the best items, shape (rows, near).
        said: probabilities of same, other and absent, shape (rows, 3).
        outcomes: which of them it was, shape (rows,).
        places: at which place the right item stood, shape (rows / 2,).
    """

    items: NDArray[np.int64]
    scores: Values
    said: Values
    outcomes: NDArray[np.int64]
    places: Values

    @property
    def right(self) -> Truths:
        """Whether the first item was the right one."""
        return np.asarray(self.outcomes == SAME)

    @property
    def present(self) -> Truths:
        """Whether the right item was in the catalogue."""
        return np.asarray(self.outcomes != ABSENT)

    @property
    def ease(self) -> Values:
        """One less the predicted difficulty of the trials with their item there, shape (rows / 2,)."""
        said = self.said[: len(self.places)]
        return np.asarray(said[:, SAME] / (said[:, SAME] + said[:, OTHER]).clip(1e-12))


def judgements(trials: Trials, *, score_alone: bool = False, seed: int = 0) -> Judgements:
    """Every trial judged by a model learned from the items of the other folds.

    Args:
        trials: of a catalogue.
        score_alone: let the model see the best score and nothing else (Platt's scaling), for comparison.
        seed: of the folds.
    """
    scores, outcomes, worth = both(trials, ABSENT_SHARE)
    seen = np.repeat(scores[:, :1], NEAR, axis=1) if score_alone else scores
    items = np.concatenate([trials.items, trials.items])
    said = np.zeros((len(scores), 3))
    folds = np.array_split(np.random.default_rng(seed).permutation(np.unique(trials.items)), FOLDS)
    for fold in folds:
        asked = np.isin(items, fold)
        model = Outcomes.fit(seen[~asked], outcomes[~asked], worth[~asked])
        said[asked] = model.probabilities(seen[asked])
    places = np.asarray(trials.ahead + 1, np.float64)
    return Judgements(items, scores, said, outcomes, places)


def measure_confidence(
    snapshot: Snapshot, card: Card, manner: Manner | None = None, *, seed: int = 0, command: str = ""
) -> tuple[Report, Judgements]:
    """Figures of the judgement of answers in a catalogue, with their baselines, and what they are made of.

    Args:
        snapshot: the catalogue; enough of its items have several views (see ``lacking``).
        card: of its model.
        manner: how queries are asked; by one photo if None.
        seed: of the trials, the folds and the intervals.
        command: that remakes the report.
    """
    trials = ask(snapshot, card, manner, seed=seed)
    ours = judgements(trials, seed=seed)
    alone = judgements(trials, score_alone=True, seed=seed)
    figures = [
        *_figures(ours, "ours", ours.said[:, SAME], ours.said[:, ABSENT], ours.ease),
        *_figures(alone, "score alone", alone.said[:, SAME], alone.said[:, ABSENT], alone.ease),
        *_figures(ours, "score as it is", *_raw(ours)),
    ]
    half = len(trials)
    report = Report(
        protocol=f"each trial with its item in the catalogue and without it, {FOLDS} folds of whole items",
        model=snapshot.fingerprint,
        figures=tuple(figures),
        counts={
            "items asked": len(np.unique(trials.items)),
            "trials": half,
            "items in the gallery": len(snapshot),
        },
        seed=seed,
        resamples=RESAMPLES,
        notes=(f"recall at 1 with the item there: {trials.right.mean():.3f}",),
        command=command,
    )
    return report, ours


def _raw(ours: Judgements) -> tuple[Values, Values, Values]:
    first = ours.scores[:, 0].clip(0, 1)
    return first, 1 - first, first[: len(ours.places)]


def _figures(told: Judgements, by: str, same: Values, absent: Values, ease: Values) -> list[Figure]:
    right, present, half = told.right, told.present, len(told.places)
    found: dict[str, Callable[[NDArray[np.int64]], float]] = {
        "same: AUROC": lambda rows: auroc(same[rows], right[rows]),
        "same: ECE": lambda rows: calibration_error(same[rows], right[rows]),
        "absent: AUROC": lambda rows: auroc(absent[rows], ~present[rows]),
        "absent: ECE": lambda rows: calibration_error(absent[rows], ~present[rows]),
        "DIR at 5% FAR": lambda rows: identified_at(0.05, same[rows], right[rows], present[rows]),
        "OSCR": lambda rows: oscr(same[rows], right[rows], present[rows]),
    }
    figures = [_figure(name, by, told.items, statistic) for name, statistic in found.items()]
    happened = 1 / told.places
    return [
        *figures,
        _figure(
            "difficulty: pairs", by, told.items[:half], lambda rows: pairs_ranked(ease[rows], happened[rows])
        ),
    ]


def _figure(
    name: str, by: str, items: NDArray[np.int64], statistic: Callable[[NDArray[np.int64]], float]
) -> Figure:
    interval = resampled(items, statistic, resamples=RESAMPLES)
    return Figure(
        name, interval.value, interval.low, interval.high, len(items), len(np.unique(items)), SECTION, by
    )


def to_text(report: Report, judgements: Judgements) -> str:
    """The figures of ours beside the baselines, and what was said against what was so, as text."""
    names = list(dict.fromkeys(figure.name for figure in report.figures))
    ways = list(dict.fromkeys(figure.label for figure in report.figures))
    of = {(figure.name, figure.label): str(figure) for figure in report.figures}
    counts = ", ".join(f"{count} {what}" for what, count in report.counts.items())
    lines = [f"{counts}; {report.notes[0]}", "", f"{'':<18}" + "".join(f"{way:<24}" for way in ways)]
    lines += [f"{name:<18}" + "".join(f"{of[name, way]:<24}" for way in ways) for name in names]
    told = reliability(judgements.said[:, SAME], judgements.right)
    lines += ["", "said to be the same item, and so it was:"]
    for said, so in zip(told.said, told.so, strict=True):
        lines.append(f"{said:>5.0%} {so:>5.0%}  {'█' * round(30 * so)}")
    return "\n".join(lines)
