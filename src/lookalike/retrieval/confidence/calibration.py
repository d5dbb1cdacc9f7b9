"""What a score means in this catalogue, with this model and dial: learned from questions to itself.

Views are left out and searched for (see ``trials``), once among the other views of their item and
once with the whole item left out, so that what is asked is not in the catalogue. From both come:

- how probable it is that the first item is the one, that another is, and that none is (``Outcomes``);
- words for single scores: ``same`` from the score that 95% of the nearest wrong items do not reach,
  ``far`` below what is typical of them (quantiles in place of the extreme values of Scheirer et al.,
  "Toward open set recognition", 2013).

Where right and wrong scores overlap much, the words say less; they never claim more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lookalike.embedding.card import Card
from lookalike.errors import StoreError
from lookalike.retrieval.confidence.outcomes import ABSENT, OTHER, SAME, Outcomes
from lookalike.retrieval.confidence.trials import FEWEST_ITEMS, NEAR, Manner, Trials, ask, askable
from lookalike.retrieval.snapshot import Snapshot

Verdict = Literal["same", "similar", "far"]
Answer = Literal["same", "similar", "absent"]
Scores = NDArray[np.float64]

ABSENT_SHARE = 0.5
"""How many queries are of things that the catalogue does not have, where nobody says."""


@dataclass(frozen=True, slots=True)
class Confidence:
    """How sure an answer is; the three add up to one.

    Args:
        same: the probability that the first item is the one on the photo.
        other: that the item is in the catalogue, and another stands first.
        absent: that it is not in the catalogue.
    """

    same: float
    other: float
    absent: float

    @property
    def verdict(self) -> Answer:
        """``same`` or ``absent`` where that is more likely than not, else ``similar``."""
        if self.same >= 0.5:
            return "same"
        return "absent" if self.absent >= 0.5 else "similar"

    @property
    def difficulty(self) -> float:
        """How hard the photo is, 0 to 1: the probability that, the item being there, another stands first."""
        return self.other / max(self.same + self.other, 1e-12)

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        told: dict[str, Any] = {name: round(getattr(self, name), 4) for name in ("same", "other", "absent")}
        return told | {"verdict": self.verdict, "difficulty": round(self.difficulty, 4)}


@dataclass(frozen=True, slots=True)
class Calibration:
    """The meaning of scores of one catalogue, model, colour weight and number of photos.

    Args:
        same_from: scores from here are called the same item.
        far_below: scores below are called far.
        outcomes: what the best scores of a search say together.
        items: how many items asked.
        trials: how many questions they asked.
    """

    same_from: float
    far_below: float
    outcomes: Outcomes
    items: int
    trials: int

    @classmethod
    def of(cls, trials: Trials, *, absent_share: float = ABSENT_SHARE) -> Calibration:
        """Learned from trials, each counted with its item there and without it."""
        wrong = trials.others[:, 0]
        same_from = float(np.quantile(wrong, 0.95))
        reached = float(np.quantile(trials.own, 0.05))
        scores, outcomes, worth = both(trials, absent_share)
        return cls(
            same_from=same_from,
            far_below=min(reached, float(np.median(wrong)), same_from),
            outcomes=Outcomes.fit(scores, outcomes, worth),
            items=len(np.unique(trials.items)),
            trials=len(trials),
        )

    def verdict(self, score: float) -> Verdict:
        """The word for a score by itself."""
        if score >= self.same_from:
            return "same"
        return "far" if score < self.far_below else "similar"

    def confidence(self, scores: Sequence[float]) -> Confidence:
        """How sure the answer of a search is.

        Args:
            scores: of its best items, best first, ``NEAR`` of them (see ``Ranking.evidence``).
        """
        (found,) = self.outcomes.probabilities(np.array(scores[:NEAR], np.float64)[None])
        return Confidence(*(float(one) for one in found))

    def verdicts(self, scores: Sequence[float], confidence: Confidence | None) -> list[Verdict]:
        """A word for each match of an answer, none contradicting the answer's own verdict."""
        words = [self.verdict(score) for score in scores]
        if confidence is None or not words:
            return words
        if confidence.verdict != "same":
            return ["similar" if word == "same" else word for word in words]
        return ["same", *words[1:]]

    def to_dict(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return {
            "same_from": self.same_from,
            "far_below": self.far_below,
            "items": self.items,
            "trials": self.trials,
            "centre": self.outcomes.centre,
            "spread": self.outcomes.spread,
            "weights": self.outcomes.weights,
        }

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Calibration:
        """What ``to_dict`` gave.

        Raises:
            KeyError, TypeError, ValueError: it is damaged.
        """
        weights = tuple(tuple(float(value) for value in row) for row in told["weights"])
        centre = tuple(float(value) for value in told["centre"])
        spread = tuple(float(value) for value in told["spread"])
        if np.shape(weights) != (4, 3) or len(centre) != 3 or len(spread) != 3:
            raise ValueError("the model of a calibration has another shape")
        outcomes = Outcomes(centre, spread, weights)
        words = float(told["same_from"]), float(told["far_below"])
        return cls(*words, outcomes, int(told["items"]), int(told["trials"]))


def both(trials: Trials, absent_share: float = ABSENT_SHARE) -> tuple[Scores, NDArray[np.int64], Scores]:
    """Scores, outcomes and worth of every trial twice: with its item there, and without it."""
    scores = np.concatenate([trials.present, trials.absent])
    found = np.where(trials.right, SAME, OTHER)
    outcomes = np.concatenate([found, np.full(len(trials), ABSENT)]).astype(np.int64)
    worth = np.repeat([2 * (1 - absent_share), 2 * absent_share], len(trials))
    return scores, outcomes, worth


def calibrate(
    snapshot: Snapshot,
    card: Card,
    manner: Manner | None = None,
    *,
    absent_share: float = ABSENT_SHARE,
    seed: int = 0,
) -> Calibration | None:
    """The meaning of scores in one version of a store; None where too few items have views enough.

    Args:
        snapshot: the catalogue.
        card: of the model whose vectors it holds.
        manner: how queries will be asked; by one photo if None.
        absent_share: how many of them show things that are not in the catalogue.
        seed: chooses the views that are left out.
    """
    manner = manner or Manner()
    if lacking(snapshot, photos=manner.photos) is not None:
        return None
    return Calibration.of(ask(snapshot, card, manner, seed=seed), absent_share=absent_share)


def lacking(snapshot: Snapshot, *, photos: int = 1) -> StoreError | None:
    """Why the scores of a catalogue cannot be given a meaning, with what to do; None where they can."""
    several = len(askable(snapshot, photos=photos))
    if several >= FEWEST_ITEMS:
        return None
    return StoreError(
        f"{several} items have {photos + 1} photos or more, and scores get a meaning from {FEWEST_ITEMS} on.",
        hint="Add photos to items that have one, and index again; until then scores only order.",
    )
