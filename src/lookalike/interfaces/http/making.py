"""From photos that were sent to unit vectors: those of several requests in one forward pass."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from lookalike.catalogue.photos import Photo
from lookalike.errors import EmbedderError, FingerprintMismatch
from lookalike.interfaces.http.at_work import ModelAtWork
from lookalike.interfaces.http.forms import SentPhoto
from lookalike.interfaces.http.lanes import Closing, TooLate
from lookalike.interfaces.http.problems import Problem
from lookalike.retrieval.searching import Asked

Vectors = NDArray[np.float32]
Done = TypeVar("Done")


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """The photos of one request, whose vectors it waits for until the deadline (by ``time.monotonic``)."""

    photos: Sequence[SentPhoto]
    deadline: float


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """Unit vectors, shape (photos, width), and the fingerprint of the model that made them."""

    vectors: Vectors
    by: str


Need = Wanted | Asked
Work = Generator[Need, Any, Done]
"""Work on a request that stops where it needs vectors (``Made``) or a ranking (see ``Workers``)."""


class Decoding(Protocol):
    """Gives the pixels of each request's photos, or its trouble."""

    def __call__(self, several: Sequence[Wanted], *, size_px: int) -> list[list[Photo] | Exception]:
        """The trouble is a PhotoError where a photo cannot be used, a Problem past the deadline."""


class Making:
    """Makes vectors; for many threads.

    Args:
        model: the one that is searched with now.
        decode: from what was sent to pixels.
        too_late: the problem of a request whose deadline has passed.
    """

    def __init__(
        self, model: Callable[[], ModelAtWork], decode: Decoding, *, too_late: Callable[[], Problem]
    ) -> None:
        self._model, self._decode, self._too_late = model, decode, too_late

    def each(self, several: Sequence[Wanted]) -> list[Made | Exception]:
        """To each request its own vectors, or its own trouble.

        That is a PhotoError where a photo cannot be used, an EmbedderError where the model has no vector for
        one, a FingerprintMismatch where the model was switched away meanwhile, a Problem past the deadline.
        """
        if not several:
            return []
        model = self._model()
        decoded = self._decode(several, size_px=model.embedder.card.size_px)
        good = [photos for photos in decoded if not isinstance(photos, Exception)]
        made = iter(self._embedded(model, good, deadline=max(one.deadline for one in several)))
        return [photos if isinstance(photos, Exception) else next(made) for photos in decoded]

    def _embedded(
        self, model: ModelAtWork, several: list[list[Photo]], *, deadline: float
    ) -> list[Made | Exception]:
        """The vectors of each request; one bad photo takes no neighbour along."""
        if not several:
            return []
        try:
            vectors = model.lanes.encode([photo for photos in several for photo in photos], deadline=deadline)
        except EmbedderError as error:
            if len(several) == 1:
                return [error]
            return [self._embedded(model, [photos], deadline=deadline)[0] for photos in several]
        except (TooLate, Closing) as error:
            return [self._ended(model, error)] * len(several)
        ends = np.cumsum([len(photos) for photos in several])[:-1]
        return [Made(own, model.fingerprint) for own in np.split(vectors, ends)]

    def _ended(self, model: ModelAtWork, error: TooLate | Closing) -> Exception:
        now = self._model()
        if isinstance(error, Closing) and now is not model:  # switched away, and back perhaps
            return FingerprintMismatch("The query", expected=now.fingerprint, found=model.fingerprint)
        return self._too_late()
