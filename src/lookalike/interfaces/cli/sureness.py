"""How sure an answer is, in a sentence."""

from __future__ import annotations

from lookalike.retrieval.ranking import Ranking


def sentence(ranking: Ranking) -> str:
    """What the answer says of itself; empty where nothing can be said.

    "The same item: 93%." or "Probably not in the catalogue: 81%." or what speaks for each.
    """
    sure = ranking.confidence
    if sure is None:
        return ""
    if sure.verdict == "same":
        told = f"The same item: {sure.same:.0%}."
    elif sure.verdict == "absent":
        told = f"Probably not in the catalogue: {sure.absent:.0%}."
    else:
        told = (
            f"Not sure: the first {sure.same:.0%}, another {sure.other:.0%}, "
            f"not in the catalogue {sure.absent:.0%}."
        )
    return told if ranking.advice is None else f"{told} {ranking.advice}"
