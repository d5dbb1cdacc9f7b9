"""One version of a store made to hold what another holds: the same items and views, its own model's vectors.

This fills a new version, takes it up where a kill left it, and catches up with what was added, changed
or removed meanwhile: whatever differs is done, and nothing else.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from lookalike.catalogue.items import View
from lookalike.embedding.embedder import Embedder
from lookalike.embedding.pipeline import Embedded, Outcome, embed_views
from lookalike.retrieval.indexing import ITEMS_PER_COMMIT, SECONDS_PER_COMMIT
from lookalike.retrieval.reading import Lookup
from lookalike.retrieval.records import StoredItem, StoredView
from lookalike.retrieval.store import Store
from lookalike.retrieval.writing import Vector, Writer

Progress = Callable[[int, int], None]
"""Is told the views that are done, and all that there are to do."""

CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class MissingPhoto:
    """A view that the other version cannot have, because its photo cannot be embedded again.

    Args:
        item: its item.
        photo: where the photo should be.
        reason: a stable code (see ``PhotoError``), or ``changed`` where the file holds another photo now.
        message: the same in words.
    """

    item: str
    photo: str
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Followed:
    """What was done.

    Args:
        items: written, whole or without what is missing.
        removed: that the source has no longer.
        embedded: photos that the model saw.
        missing: views that could not be embedded.
        seconds: how long it took.
    """

    items: int
    removed: int
    embedded: int
    missing: tuple[MissingPhoto, ...]
    seconds: float


@dataclass
class _Draft:
    """An item on its way into the target."""

    item: StoredItem
    waiting: int
    lost: set[int] = field(default_factory=set)
    vectors: dict[tuple[str, str], Vector] = field(default_factory=dict)

    def result(self) -> StoredItem | None:
        views = tuple(view for place, view in enumerate(self.item.views) if place not in self.lost)
        return replace(self.item, views=views) if views else None


def differing(source: Store, target: Store) -> tuple[dict[str, int], set[str]]:
    """What keeps a target from holding what a source holds.

    Returns:
        Items that it lacks or has otherwise, with their number of views; and the ids that it has too many.
    """
    wanted, have = _contents(source), _contents(target)
    lacking = [name for name, checksum in wanted.items() if have.get(name) != checksum]
    return _view_counts(source, lacking), have.keys() - wanted.keys()


def follow(
    source: Store, target: Store, model: Callable[[], Embedder], *, progress: Progress | None = None
) -> Followed:
    """Make ``target`` hold what ``source`` holds at this moment.

    Items become safe on disk one whole item after the other; a run that was stopped is taken up by the
    next. An item with photos that cannot be read is written without them, and tried again by the next run.

    Args:
        source: read only.
        target: a version for the vectors of ``model``.
        model: opens the embedder; asked only where there is something to embed.
        progress: is told after every photo.

    Raises:
        StoreError: another process fills the target, or the disk refuses.
        FingerprintMismatch: the model does not make the target's vectors.
    """
    begun = time.monotonic()
    lacking, gone = differing(source, target)
    with target.writing() as writer, source.lookup() as asked, target.lookup() as known:
        run = _Run(writer, total=sum(lacking.values()), progress=progress)
        views = run.views(lacking, source, asked, known)
        for outcome in _outcomes(views, model, target):
            run.note(outcome)
        run.finish()
        writer.note_failures(source.failures())
        if gone or run.items:
            writer.remove(gone)
    return Followed(run.items, len(gone), run.embedded, tuple(run.missing), time.monotonic() - begun)


def _outcomes(views: Iterator[View], model: Callable[[], Embedder], target: Store) -> Iterator[Outcome]:
    first = next(views, None)
    if first is None:
        return
    embedder = model()
    target.check_fingerprint(embedder.card.fingerprint, f"The model {embedder.card.name}")

    def all_views() -> Iterator[View]:
        yield first
        yield from views

    yield from embed_views(all_views(), embedder)


class _Run:
    """One run: the drafts that wait for the model, and what waits for the next commit."""

    def __init__(self, writer: Writer, *, total: int, progress: Progress | None) -> None:
        self._writer, self._total, self._progress = writer, total, progress
        self._asked: deque[tuple[_Draft, int]] = deque()
        self._drafts: deque[_Draft] = deque()
        self._ready: list[StoredItem] = []
        self._vectors: dict[tuple[str, str], Vector] = {}
        self._committed = time.monotonic()
        self.items = self.embedded = self._done = 0
        self.missing: list[MissingPhoto] = []

    def views(self, lacking: dict[str, int], source: Store, asked: Lookup, known: Lookup) -> Iterator[View]:
        """The views that must be embedded, taken one by one as the model asks for more."""
        for identity in sorted(lacking):
            item = asked.item(identity)
            if item is None:
                continue  # removed since we looked: the next run removes it here, too
            unknown = [place for place, view in enumerate(item.views) if (view.id, view.crop) not in known]
            draft = _Draft(item, waiting=len(unknown))
            self._done += len(item.views) - len(unknown)
            self._asked.extend((draft, place) for place in unknown)
            self._drafts.append(draft)
            self._settle(now=len(self._ready) >= ITEMS_PER_COMMIT)
            yield from (item.views[place].under(source.folder).to_view() for place in unknown)

    def note(self, outcome: Outcome) -> None:
        """The next view, in the order of ``views``, was embedded or cannot be."""
        draft, place = self._asked.popleft()
        view = draft.item.views[place]
        draft.waiting -= 1
        self._done += 1
        if isinstance(outcome, Embedded) and outcome.id == view.id and outcome.vector is not None:
            draft.vectors[view.key] = outcome.vector
            self.embedded += 1
        else:
            draft.lost.add(place)
            self.missing.append(_missing(draft.item, view, outcome))
        waited = time.monotonic() - self._committed
        self._settle(now=len(self._ready) >= ITEMS_PER_COMMIT or waited > SECONDS_PER_COMMIT)
        if self._progress is not None:
            self._progress(self._done, self._total)

    def finish(self) -> None:
        """Commit what is left."""
        self._settle(now=True)
        if self._progress is not None:
            self._progress(self._done, self._total)

    def _settle(self, *, now: bool) -> None:
        while self._drafts and not self._drafts[0].waiting:
            draft = self._drafts.popleft()
            item = draft.result()
            if item is not None:
                self._ready.append(item)
                self._vectors.update(draft.vectors)
        if now and self._ready:
            self._writer.put(self._ready, self._vectors)
            self.items += len(self._ready)
            self._ready, self._vectors = [], {}
        if now:
            self._committed = time.monotonic()


def _missing(item: StoredItem, view: StoredView, outcome: Outcome) -> MissingPhoto:
    if isinstance(outcome, Embedded):
        message = f"{view.path} is another photo than the one that was indexed."
        return MissingPhoto(item.id, str(view.path), CHANGED, message)
    return MissingPhoto(item.id, str(view.path), outcome.reason, outcome.error.message)


def _contents(store: Store) -> dict[str, int]:
    """The checksum of each item, by id."""
    with store.reading() as connection:
        return dict(connection.execute("SELECT id, checksum FROM items"))


def _view_counts(store: Store, ids: list[str]) -> dict[str, int]:
    """How many views each of some items has; those that went meanwhile are left out."""
    query = "SELECT count(*) FROM views WHERE item = (SELECT number FROM items WHERE id = ?)"
    with store.reading() as connection:
        counts = {name: connection.execute(query, (name,)).fetchone()[0] for name in ids}
    return {name: int(count) for name, count in counts.items() if count}
