"""What the routes share: the engine, the decoder behind its wall, the threads, and the counters."""

from __future__ import annotations

import contextlib
import io
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Annotated, TypeVar

import numpy as np
from fastapi import Depends, Request
from numpy.typing import NDArray
from PIL import Image

from lookalike.catalogue.photos import Photo, PhotoLimits
from lookalike.errors import EmbedderError, LookalikeError, QueryError
from lookalike.interfaces.http.at_work import ModelAtWork, Models
from lookalike.interfaces.http.desks import Desks
from lookalike.interfaces.http.forms import SentPhoto
from lookalike.interfaces.http.load import Load
from lookalike.interfaces.http.lookup import Shelf
from lookalike.interfaces.http.making import Made, Making, Need, Wanted, Work
from lookalike.interfaces.http.metrics import Metrics
from lookalike.interfaces.http.problems import Problem
from lookalike.interfaces.http.recent_queries import RecentQueries
from lookalike.interfaces.http.thumbnails import Thumbnails
from lookalike.interfaces.http.workers import NotInTime, Workers
from lookalike.interfaces.settings import ServeSettings
from lookalike.retrieval.confidence.calibration import Calibration
from lookalike.retrieval.confidence.trials import Manner
from lookalike.retrieval.engine import SearchEngine
from lookalike.retrieval.query import Query
from lookalike.retrieval.ranking import Ranking
from lookalike.retrieval.searching import Asked
from lookalike.retrieval.snapshot import Snapshot

Vectors = NDArray[np.float32]
Done = TypeVar("Done")

WARM_UP_S = 120.0
ONE_PHOTO = Manner()


class Service:
    """The work behind the routes; called from many threads.

    Args:
        engine: what answers.
        settings: limits.
    """

    def __init__(self, engine: SearchEngine, settings: ServeSettings) -> None:
        self.engine, self.settings = engine, settings
        self.metrics = Metrics()
        limits = PhotoLimits(max_bytes=settings.max_body_bytes)
        self.desks = Desks(settings.decoders, limits, too_late=self._too_late)
        self._models = Models(lambda: engine.embedder, told=self.metrics.forward_pass)
        self.load = Load(settings.max_waiting, lambda: self.model.lanes.seconds_per_photo)
        self.ready = False
        self._writing = threading.Lock()
        self._making = Making(lambda: self.model, self.desks.each, too_late=self._too_late)
        # one more than the model has lanes decodes while they compute; each uses one decoder at a time
        count = max(1 + engine.embedder.lanes, settings.decoders)
        most = min(settings.batch, engine.embedder.together)
        self._workers = Workers(count, most=most, supply=self.supplied)
        self.thumbnails = Thumbnails()
        self.asked = RecentQueries()
        self._shelf = Shelf(engine.snapshot, engine.store)

    @property
    def model(self) -> ModelAtWork:
        """The model that is searched with now."""
        return self._models.at_work

    @property
    def snapshot(self) -> Snapshot:
        """The version that is searched now."""
        return self.engine.snapshot

    @property
    def shelf(self) -> Shelf:
        """What can be looked up in the version that is searched now."""
        shelf, serving = self._shelf, self.engine.serving
        if shelf.snapshot is not serving.index.snapshot:
            self._shelf = shelf = Shelf(serving.index.snapshot, serving.store)
        return shelf

    def warm_up(self) -> None:
        """Start the decoders and run the model once, so that the first visitor need not wait for it."""
        blank = io.BytesIO()
        Image.new("RGB", (16, 16), "white").save(blank, "PNG")
        photo = SentPhoto(blank.getvalue())
        deadline = time.monotonic() + WARM_UP_S
        white = self.decode([photo] * self.settings.decoders, deadline=deadline)[0]
        with contextlib.suppress(EmbedderError):  # a model may have no vector for a white photo
            for count in range(1, 1 + min(self.settings.batch, self.model.embedder.together)):
                self.model.lanes.encode([white] * count, deadline=deadline)
        self.meaning(self.snapshot)
        self.ready = True

    def learn(self) -> None:
        """Learn what the page asks of every photo, which takes seconds, before the first photo comes."""
        nothing = np.zeros((1, self.model.embedder.card.width), np.float32)
        with contextlib.suppress(QueryError):  # no column says what kind of thing an item is
            self.engine.categorise_embedded(nothing)

    def deadline(self) -> float:
        """When a request that came now must be answered, by ``time.monotonic``."""
        return time.monotonic() + self.settings.deadline_s

    @contextlib.contextmanager
    def writing(self, *, deadline: float) -> Iterator[None]:
        """The right to change the catalogue, for one request at a time.

        Raises:
            Problem: (503) the turn did not come before the deadline.
        """
        if not self._writing.acquire(timeout=max(0.0, deadline - time.monotonic())):
            raise self._too_late()
        try:
            yield
        finally:
            self._writing.release()

    def meaning(self, snapshot: Snapshot, manner: Manner = ONE_PHOTO) -> Calibration | None:
        """What scores of searches in a version mean; None where they have none, or a switch is under way."""
        model = self.model
        if model.fingerprint != snapshot.fingerprint:
            return None
        return model.meanings.of(snapshot, manner, self.engine.calibrations.of)

    @property
    def waiting(self) -> int:
        """How many requests wait for a thread."""
        return self._workers.waiting

    async def answered(self, work: Work[Done], *, deadline: float) -> Done:
        """The outcome of work on photos, in one of the threads that are kept for it.

        Raises:
            Problem: (503) the deadline passed first.
        """
        try:
            return await self._workers.do(work, deadline=deadline)
        except NotInTime as error:
            raise self._too_late() from error

    def decode(
        self, photos: Sequence[SentPhoto], *, deadline: float, size_px: int | None = None
    ) -> list[Photo]:
        """Pixels for the model, decoded behind the wall; of the size that the present model wants if None.

        Raises:
            PhotoError: a photo cannot be used.
            Problem: (503) the deadline passed, or the server is ending.
        """
        size_px = size_px or self.model.embedder.card.size_px
        return self.desks.decode(photos, deadline=deadline, size_px=size_px)

    def embedded(self, photos: Sequence[SentPhoto], *, deadline: float) -> Work[Made]:
        """Unit vectors of photos, in a forward pass shared with others, and the model that made them.

        Raises:
            PhotoError: a photo cannot be used.
            EmbedderError: the model has no vector for one of them.
            FingerprintMismatch: the model was switched away, twice, before it came to the photos.
            Problem: (503) the deadline passed.
        """
        if not photos:
            return Made(np.empty((0, self.model.embedder.card.width), np.float32), self.model.fingerprint)
        made: Made = yield Wanted(photos, deadline)
        return made

    def _too_late(self) -> Problem:
        wait_s = self.load.wait_s()
        return Problem(
            503,
            "The answer would have come too late.",
            f"Try again in {wait_s} s.",
            headers={"Retry-After": str(wait_s)},
        )

    def ranked(self, query: Query, vectors: Vectors, k: int, *, made_by: str) -> Work[Ranking]:
        """The best items for a query, in a scan shared with others; none where the catalogue is empty.

        Raises:
            FingerprintMismatch: another model than the one that made the vectors is searched with by now.
        """
        snapshot = self.snapshot
        if not len(snapshot):
            return Ranking((), query.photos, snapshot.fingerprint, snapshot.version)
        ranking: Ranking = yield Asked(query, vectors, k, made_by)
        return ranking

    def supplied(self, needs: Sequence[Need]) -> list[Made | Ranking | Exception]:
        """To each piece of work what it waits for: its vectors or its ranking, or its own trouble."""
        made = iter(self._making.each([need for need in needs if isinstance(need, Wanted)]))
        found = iter(self.rank_each([need for need in needs if isinstance(need, Asked)]))
        return [next(made) if isinstance(need, Wanted) else next(found) for need in needs]

    def rank_each(self, several: Sequence[Asked]) -> list[Ranking | LookalikeError]:
        """The best items for each query that waits."""
        return self.engine.search_embedded_each(several, meaning=self.meaning)

    def close(self) -> None:
        """Finish what is under way, end the threads and the decoders."""
        self._workers.close()
        self.desks.close()
        self._models.close()


async def service_of(request: Request) -> Service:
    """The service of the app that a request came to."""
    service: Service = request.app.state.service
    return service


Served = Annotated[Service, Depends(service_of)]
