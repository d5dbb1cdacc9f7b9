"""Find the same item from any angle: visual search that ranks items, not images.

    engine = lookalike.index("photos", "store")  # a folder with a folder per item, or a table
    for match in engine.search("photo.jpg", k=10):
        print(match.item, match.score, match.path)

Later ``lookalike.open("store")`` suffices. Every error that a user can mend is a ``LookalikeError``: its
``message`` says what happened, its ``hint`` what to do next.

Names are loaded when first used, so that importing the package is cheap and loads neither a model runtime
nor PyTorch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the same names once more, for type checkers and editors; a test compares them
    from lookalike.catalogue.items import Catalogue, Item, View
    from lookalike.catalogue.reading import read_catalogue
    from lookalike.embedding.card import Card
    from lookalike.embedding.embedder import Embedder
    from lookalike.embedding.vectors import Vectors
    from lookalike.embedding.zoo import open_embedder
    from lookalike.errors import LookalikeError
    from lookalike.interfaces.answers import Ask
    from lookalike.interfaces.client import Client
    from lookalike.interfaces.http.serving import serve
    from lookalike.retrieval.asking.palette import Palette
    from lookalike.retrieval.engine import SearchEngine
    from lookalike.retrieval.filters import Between
    from lookalike.retrieval.opening import index, open
    from lookalike.retrieval.query import Query, QueryPhoto
    from lookalike.retrieval.ranking import Match, Ranking
    from lookalike.retrieval.store import Store
    from lookalike.training.tuning.tune import tune

__version__ = "0.1.0"

# name -> the module that holds it
_HOME: dict[str, str] = {
    "Ask": "lookalike.interfaces.answers",
    "Between": "lookalike.retrieval.filters",
    "Card": "lookalike.embedding.card",
    "Catalogue": "lookalike.catalogue.items",
    "Client": "lookalike.interfaces.client",
    "Embedder": "lookalike.embedding.embedder",
    "Item": "lookalike.catalogue.items",
    "LookalikeError": "lookalike.errors",
    "Match": "lookalike.retrieval.ranking",
    "Palette": "lookalike.retrieval.asking.palette",
    "Query": "lookalike.retrieval.query",
    "QueryPhoto": "lookalike.retrieval.query",
    "Ranking": "lookalike.retrieval.ranking",
    "SearchEngine": "lookalike.retrieval.engine",
    "Store": "lookalike.retrieval.store",
    "Vectors": "lookalike.embedding.vectors",
    "View": "lookalike.catalogue.items",
    "index": "lookalike.retrieval.opening",
    "open": "lookalike.retrieval.opening",
    "open_embedder": "lookalike.embedding.zoo",
    "read_catalogue": "lookalike.catalogue.reading",
    "serve": "lookalike.interfaces.http.serving",
    "tune": "lookalike.training.tuning.tune",
}

__all__ = [
    "Ask",
    "Between",
    "Card",
    "Catalogue",
    "Client",
    "Embedder",
    "Item",
    "LookalikeError",
    "Match",
    "Palette",
    "Query",
    "QueryPhoto",
    "Ranking",
    "SearchEngine",
    "Store",
    "Vectors",
    "View",
    "index",
    "open",
    "open_embedder",
    "read_catalogue",
    "serve",
    "tune",
]


def __getattr__(name: str) -> object:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module 'lookalike' has no attribute {name!r}")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
