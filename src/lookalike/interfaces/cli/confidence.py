"""How sure an answer is, in a sentence."""

from __future__ import annotations

from lookalike.retrieval.confidence.calibration import lacking
from lookalike.retrieval.confidence.judging import tells
from lookalike.retrieval.query import Query
from lookalike.retrieval.ranking import Ranking
from lookalike.retrieval.snapshot import Snapshot


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


def why_unsure(ranking: Ranking, query: Query, snapshot: Snapshot) -> str | None:
    """Why nothing is said of how sure an answer is, and what to do; None where it is said, or cannot be."""
    if ranking.confidence is not None or not tells(query):
        return None
    lack = lacking(snapshot, photos=len(query.photos))
    return None if lack is None else f"note: {lack}"
