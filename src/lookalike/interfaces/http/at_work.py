"""What runs one model behind the routes; a switch of the store to another model puts a new one in place."""

from __future__ import annotations

import threading
from collections.abc import Callable

from lookalike.embedding.embedder import Embedder
from lookalike.interfaces.http.lanes import Lanes
from lookalike.interfaces.http.meaning import Meanings


class ModelAtWork:
    """A model with its lanes, and what its scores mean."""

    def __init__(self, embedder: Embedder, *, told: Callable[[int, float], None]) -> None:
        self.embedder = embedder
        self.lanes = Lanes(embedder, told=told)
        self.meanings = Meanings()

    @property
    def fingerprint(self) -> str:
        """Of the model."""
        return self.embedder.card.fingerprint

    def close(self) -> None:
        """Finish what is under way, and begin nothing new."""
        self.lanes.close()
        self.meanings.close()


class Models:
    """The model at work, changed when the engine's has; for many threads.

    The one before stays until the next change, so that requests that came before the switch are still
    answered by the model that they began with.
    """

    def __init__(self, now: Callable[[], Embedder], *, told: Callable[[int, float], None]) -> None:
        self._now, self._told = now, told
        self._turn = threading.Lock()
        self._at_work = ModelAtWork(now(), told=told)
        self._before: ModelAtWork | None = None

    @property
    def at_work(self) -> ModelAtWork:
        """The model that the engine searches with now."""
        if self._at_work.embedder is self._now():
            return self._at_work
        with self._turn:
            embedder = self._now()
            if self._at_work.embedder is not embedder:
                retired, self._before = self._before, self._at_work
                self._at_work = ModelAtWork(embedder, told=self._told)
                if retired is not None:
                    retired.close()
            return self._at_work

    def close(self) -> None:
        """End all of them."""
        with self._turn:
            for model in (self._at_work, self._before):
                if model is not None:
                    model.close()
