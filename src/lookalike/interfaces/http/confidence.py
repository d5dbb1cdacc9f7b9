"""How sure an answer is, as JSON has it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Literal

from pydantic import BaseModel, Field

from lookalike.retrieval.ranking import Ranking


class Confidence(BaseModel):
    """How probable it is that the first item is the one, that another is, that none is: they add up to 1."""

    same: float
    other: float
    absent: float
    verdict: Literal["same", "similar", "absent"]
    difficulty: float = Field(description="How hard the photo is: 0 easy, 1 hard.")


class Advice(BaseModel):
    """A further photo that would help."""

    role: str = Field(description="From which side, such as `back`.")
    settles: float = Field(description="How probably the right one of the closest items stands first then.")
    now: float = Field(description="The same without it.")


def sureness(ranking: Ranking) -> dict[str, Any]:
    """What an answer says of itself."""
    return {
        "probably_absent": ranking.absent,
        "confidence": ranking.confidence and ranking.confidence.to_dict(),
        "advice": ranking.advice and asdict(ranking.advice),
    }
