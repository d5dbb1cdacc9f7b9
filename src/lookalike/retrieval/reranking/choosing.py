"""The table of second looks, by the name that a query gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lookalike.embedding.embedder import Embedder
from lookalike.errors import QueryError
from lookalike.retrieval.reranking.base import Reranker, Shortlist
from lookalike.retrieval.reranking.diffusion import Diffusion
from lookalike.retrieval.reranking.diversity import Diversity
from lookalike.retrieval.reranking.expansion import Expansion
from lookalike.retrieval.reranking.reciprocal import Reciprocal
from lookalike.retrieval.reranking.spatial import Spatial

RERANKERS: dict[str, Callable[[Embedder], Reranker]] = {
    "diffuse": lambda _: Diffusion(),
    "diverse": lambda _: Diversity(),
    "expand": lambda _: Expansion(),
    "reciprocal": lambda _: Reciprocal(),
    "spatial": Spatial,
}
"""How each is made, once an engine: from the model that the engine's store was made with."""


class Rerankers:
    """The second looks of one engine, each made when first asked for; for many threads."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._made: dict[str, Reranker] = {}

    def of(self, names: Sequence[str]) -> Chain:
        """The looks of those names, to be taken one after the other.

        Raises:
            QueryError: there is none of that name.
        """
        for name in names:
            if name not in RERANKERS:
                raise QueryError(
                    f"There is no re-ranking named {name!r}.",
                    hint=f"Choose of: {', '.join(sorted(RERANKERS))}.",
                )
            if name not in self._made:
                self._made[name] = RERANKERS[name](self._embedder)
        return Chain(tuple(self._made[name] for name in names))


@dataclass(frozen=True)
class Chain:
    """Second looks, one after the other; none at all changes nothing."""

    looks: tuple[Reranker, ...]

    @property
    def depth(self) -> int:
        """How many items the first ranking must have for them; 0 where there is no look."""
        return max((look.depth for look in self.looks), default=0)

    def rerank(self, shortlist: Shortlist) -> Shortlist:
        """The same items in the order of the last look."""
        for look in self.looks:
            shortlist = look.rerank(shortlist)
        return shortlist
