"""What is answered: matches, best first, each with the pair of photos that met."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any, overload

from lookalike.catalogue.items import Attributes
from lookalike.retrieval.confidence.advice import Advice
from lookalike.retrieval.confidence.calibration import Answer, Confidence, Verdict
from lookalike.retrieval.query import QueryPhoto
from lookalike.retrieval.records import StoredView

_NONE: Attributes = MappingProxyType({})


@dataclass(frozen=True, repr=False)
class Match:
    """One item that was found.

    Args:
        item: its id.
        score: how well it fits, higher is closer; 1 is the same.
        matched: which of ``views`` met the query.
        photo: which of the query's photos it met (from 0).
        pair_score: how close those two are; the score itself where the best pair counts.
        views: all views of the item, in catalogue order.
        attributes: of the item.
        terms: what adds up to the score where the best pair counts, by name: the blocks of the model's
            vectors (``shape``, ``colour``), ``words``, and what ``unlike`` took. Empty where a plain query
            meets a model without blocks.
        verdict: what the score means in this catalogue: ``same``, ``similar`` or ``far``; None where that
            is not known.
    """

    item: str
    score: float
    matched: int
    photo: int
    pair_score: float
    views: tuple[StoredView, ...]
    attributes: Attributes = field(default_factory=lambda: _NONE)
    terms: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    verdict: Verdict | None = None

    def __post_init__(self) -> None:
        assert 0 <= self.matched < len(self.views)
        assert self.photo >= 0

    @property
    def view(self) -> StoredView:
        """The view that met the query."""
        return self.views[self.matched]

    @property
    def path(self) -> Path:
        """Where the photo of that view is."""
        return self.view.path

    @property
    def shares(self) -> Mapping[str, float]:
        """Each term's share of all that speaks for the item; they sum to one, or there are none."""
        gains = {name: max(0.0, term) for name, term in self.terms.items() if name != "unlike"}
        whole = sum(gains.values())
        return {name: term / whole for name, term in gains.items()} if whole else {}

    def __repr__(self) -> str:
        return f"Match({self.item!r}, {self.score:.3f}, {self.path.name!r})"

    def to_dict(self) -> dict[str, Any]:
        """The match as JSON has it."""
        return {
            "item": self.item,
            "score": round(self.score, 6),
            "verdict": self.verdict,
            "view": self.view.id,
            "path": str(self.path),
            "role": self.view.role,
            "query_photo": self.photo,
            "pair_score": round(self.pair_score, 6),
            "terms": {name: round(term, 6) for name, term in self.terms.items()},
            "attributes": dict(self.attributes),
            "views": [_view_dict(view) for view in self.views],
        }


@dataclass(frozen=True)
class Ranking(Sequence[Match]):
    """Matches, best first, each item once.

    Args:
        matches: may be fewer than were asked for, never more.
        photos: of the query, where it had any.
        fingerprint: of the model that compared.
        version: of the store that was searched.
        confidence: how sure the answer is; None where the store is not calibrated, or where a filter may
            hide the right item.
        advice: a further photo that would help, where one would.
        asked: what was asked besides photos, a line a part (see ``Query.said``).
    """

    matches: tuple[Match, ...]
    photos: tuple[QueryPhoto, ...] = field(default=(), repr=False)
    fingerprint: str = ""
    version: int = 0
    confidence: Confidence | None = None
    advice: Advice | None = None
    asked: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if any(better.score < worse.score for better, worse in pairwise(self.matches)):
            raise ValueError("matches are not best first")
        if len({match.item for match in self.matches}) < len(self.matches):
            raise ValueError("an item is ranked twice")

    def __len__(self) -> int:
        return len(self.matches)

    @overload
    def __getitem__(self, index: int) -> Match: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Match, ...]: ...
    def __getitem__(self, index: int | slice) -> Match | tuple[Match, ...]:
        return self.matches[index]

    def __iter__(self) -> Iterator[Match]:
        return iter(self.matches)

    @property
    def items(self) -> tuple[str, ...]:
        """The items' ids, best first."""
        return tuple(match.item for match in self.matches)

    @property
    def verdict(self) -> Answer | None:
        """``same``: the first item is the one; ``absent``: it is not in the catalogue; else ``similar``."""
        return None if self.confidence is None else self.confidence.verdict

    @property
    def absent(self) -> bool | None:
        """Whether the catalogue probably does not have the item; None where nobody knows."""
        return None if self.confidence is None else self.confidence.verdict == "absent"

    def to_dict(self) -> dict[str, Any]:
        """The ranking as JSON has it."""
        return {
            "photos": [photo.name for photo in self.photos],
            "asked": list(self.asked),
            "model": self.fingerprint,
            "store_version": self.version,
            "confidence": self.confidence and self.confidence.to_dict(),
            "advice": self.advice and asdict(self.advice),
            "matches": [match.to_dict() for match in self.matches],
        }

    def to_json(self) -> str:
        """The ranking as JSON text."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False)

    def _repr_html_(self) -> str:
        from lookalike.retrieval.figure_html import ranking_fragment  # pictures are read only where shown

        return ranking_fragment(self)


def _view_dict(view: StoredView) -> dict[str, Any]:
    return {"view": view.id, "path": str(view.path), "role": view.role, "crop": view.crop}
