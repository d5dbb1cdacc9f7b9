from __future__ import annotations

import numpy as np
import pytest
from tests.retrieval.confidence.conftest import clustered
from tests.retrieval.conftest import TinyEmbedder

from lookalike.retrieval.confidence.calibration import Calibration, Confidence, both, calibrate, lacking
from lookalike.retrieval.confidence.outcomes import ABSENT, SAME, Outcomes
from lookalike.retrieval.confidence.trials import FEWEST_ITEMS, Manner, Trials, ask

CARD = TinyEmbedder().card


def trials_with(own: np.ndarray, wrong: np.ndarray) -> Trials:
    """Trials with these best scores, the other items falling off evenly."""
    count = len(own)
    others = wrong[:, None] - np.arange(10)[None] * 0.01
    ahead = (others >= own[:, None]).sum(axis=1)
    return Trials(np.arange(count), np.arange(count)[:, None], own, others, ahead)


def test_words_follow_the_quantiles_of_right_and_wrong_scores():
    meaning = Calibration.of(trials_with(np.linspace(0.5, 1.0, 101), np.linspace(0.0, 0.6, 101)))
    assert meaning.same_from == pytest.approx(0.57)
    assert meaning.far_below == pytest.approx(0.3)
    assert [meaning.verdict(score) for score in (0.6, 0.4, 0.2)] == ["same", "similar", "far"]


def test_probabilities_of_clear_answers_are_clear_and_of_things_that_are_not_there_too():
    meaning = calibrate(clustered(items=80, spread=0.1), CARD)
    near = [0.98, 0.4, 0.38, 0.37, 0.36, 0.35, 0.34, 0.33, 0.32, 0.31]
    assert meaning.confidence(near).verdict == "same"
    assert meaning.confidence(near).same > 0.9
    assert meaning.confidence([0.4, *near[1:]]).verdict == "absent"


def test_the_three_probabilities_add_up_and_are_right_as_often_as_they_say():
    shot = clustered(items=200, spread=0.6)
    trials = ask(shot, CARD, most=400)
    half = trials.items < 100
    meaning = Calibration.of(trials.of(half))
    scores, outcomes, _ = both(trials.of(~half))
    said = meaning.outcomes.probabilities(scores)
    assert said.sum(axis=1) == pytest.approx(np.ones(len(said)))
    for outcome in range(3):
        assert abs(said[:, outcome].mean() - (outcomes == outcome).mean()) < 0.07
    sure = said[:, SAME] > 0.8
    assert (outcomes[sure] == SAME).mean() > 0.75


def test_views_that_say_nothing_are_never_called_the_same():
    shot = clustered(items=200, spread=50)
    meaning = calibrate(shot, CARD)
    scores, _, _ = both(ask(shot, CARD, seed=1))
    said = meaning.outcomes.probabilities(scores)
    assert (said[:, SAME] < 0.3).all()
    assert (said[:, ABSENT] > 0.3).all()


def test_the_same_photo_again_is_no_doubt_even_where_another_item_comes_close():
    meaning = calibrate(clustered(items=80, spread=0.5), CARD)
    twin = [0.93, 0.84, 0.79, 0.70, 0.68, 0.67, 0.66, 0.65, 0.64]
    again, near = meaning.confidence([1.0, *twin]), meaning.confidence([0.95, *twin])
    assert again.same > 0.99
    assert again.other < near.other / 5


def test_scores_above_one_as_words_may_give_them_are_as_sure_as_one():
    meaning = calibrate(clustered(items=80, spread=0.5), CARD)
    said = meaning.confidence([1.3, 1.1, *[0.5] * 8])
    assert said.same + said.other + said.absent == pytest.approx(1)


def test_fewer_things_that_are_not_there_make_absence_less_probable():
    shot = clustered(items=60, spread=0.5)
    scores = list(ask(shot, CARD).absent[0])
    often = calibrate(shot, CARD, absent_share=0.5).confidence(scores)
    rarely = calibrate(shot, CARD, absent_share=0.05).confidence(scores)
    assert rarely.absent < often.absent


def test_the_probabilities_are_on_the_whole_those_of_what_was_seen():
    rng = np.random.default_rng(0)
    scores = -np.sort(-rng.uniform(0, 1, (120, 10)), axis=1)
    outcomes = rng.integers(0, 3, 120)
    once = Outcomes.fit(scores, outcomes, np.ones(120))
    # at the optimum the mean probabilities are those of the outcomes, for the constants are free
    shares = np.bincount(outcomes) / 120
    assert once.probabilities(scores).mean(axis=0) == pytest.approx(shares, abs=1e-3)


def test_no_word_contradicts_the_answer():
    meaning = Calibration.of(trials_with(np.linspace(0.5, 1.0, 101), np.linspace(0.0, 0.6, 101)))
    assert meaning.verdicts([0.9, 0.8, 0.1], Confidence(0.1, 0.2, 0.7)) == ["similar", "similar", "far"]
    assert meaning.verdicts([0.5, 0.4], Confidence(0.8, 0.1, 0.1)) == ["same", "similar"]
    assert meaning.verdicts([0.9, 0.8], None) == ["same", "same"]


def test_difficulty_is_the_risk_that_another_item_stands_first():
    assert Confidence(0.6, 0.2, 0.2).difficulty == pytest.approx(0.25)
    assert Confidence(0.0, 0.0, 1.0).difficulty == pytest.approx(0.0)


def test_too_few_items_with_several_views_give_no_meaning_and_it_is_said_what_to_do():
    assert calibrate(clustered(items=60, spread=0.1, views=1), CARD) is None
    assert calibrate(clustered(items=60, spread=0.1, views=2), CARD, Manner(photos=2)) is None
    assert lacking(clustered(items=FEWEST_ITEMS, spread=0.1)) is None
    assert lacking(clustered(items=FEWEST_ITEMS - 1, spread=0.1)) is not None
    told = lacking(clustered(items=1, spread=0.1))
    assert "1 items have 2 photos or more" in told.message
    assert "Add photos" in told.hint


def test_a_calibration_is_the_same_after_it_was_written_down():
    meaning = calibrate(clustered(items=40, spread=0.3), CARD)
    assert Calibration.from_dict(meaning.to_dict()) == meaning
    with pytest.raises(ValueError, match="another shape"):
        Calibration.from_dict(meaning.to_dict() | {"weights": [[1.0]]})
