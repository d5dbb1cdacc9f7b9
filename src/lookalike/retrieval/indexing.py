"""From a catalogue to a filled store: only what is new or changed is embedded."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lookalike.catalogue.items import Catalogue, Item
from lookalike.catalogue.photos import Photo
from lookalike.embedding.embedder import Embedder
from lookalike.embedding.pipeline import NOTHING_DECODED, Embedded, Key, embed_views
from lookalike.retrieval.failures import FailedPhoto
from lookalike.retrieval.planning import Draft, Plan
from lookalike.retrieval.records import StoredItem
from lookalike.retrieval.store import Store
from lookalike.retrieval.writing import Vector, Writer

ITEMS_PER_COMMIT = 64
SECONDS_PER_COMMIT = 2.0


@dataclass(frozen=True, slots=True)
class IndexStep:
    """How far a run has come.

    Args:
        views_done, views_total: of the catalogue, embedded, known already, or failed.
        embedded: photos embedded in this run.
        failed: photos that could not be used.
        items: ids that this step made safe on disk.
    """

    views_done: int
    views_total: int
    embedded: int
    failed: int
    items: tuple[str, ...] = ()


Progress = Callable[[IndexStep], None]


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What a run did.

    Args:
        added, changed, unchanged, removed: numbers of items.
        embedded: photos that the model saw; the others were known.
        failed: photos that could not be used. An item none of whose photos could be used keeps
            what the store had of it.
        seconds: how long it took.
    """

    added: int
    changed: int
    unchanged: int
    removed: int
    embedded: int
    failed: tuple[FailedPhoto, ...]
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON has it."""
        facts: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        facts["failed"] = [{name: getattr(one, name) for name in one.__slots__} for one in self.failed]
        return facts


def index_catalogue(
    catalogue: Catalogue, store: Store, embedder: Embedder, *, progress: Progress | None = None
) -> IndexReport:
    """Bring a store up to date with a catalogue.

    Unchanged files are not read, known photos not embedded; items that the same catalogue no
    longer has are removed. Items become safe on disk one whole item after the other, so a run
    that was stopped at any moment is taken up where it was by the next one.

    Args:
        catalogue: what the store is to hold; items of other catalogues stay.
        store: made for this embedder.
        embedder: to embed what is new.
        progress: is told after every photo and every commit.

    Raises:
        FingerprintMismatch: the store holds another model's vectors.
        StoreError: another writer is at work, or the disk refuses.
    """
    run = _Run(store, embedder, catalogue.view_count, progress)
    with store.writing() as writer:
        with store.lookup() as lookup:
            gone = lookup.ids_from(catalogue.source) - {item.id for item in catalogue}
        run.write(catalogue, catalogue.source, writer)
        removed = writer.remove(gone) if gone else 0
        writer.note_failures(run.failed, source=catalogue.source)
        if gone or run.changed:
            writer.sweep()
    return run.report(removed)


def index_items(
    items: Iterable[Item],
    store: Store,
    embedder: Embedder,
    *,
    source: str,
    decoded: Mapping[Key, Photo] = NOTHING_DECODED,
) -> IndexReport:
    """Add or replace some items, leaving all others as they are.

    Args:
        items: to add, or to put in place of those of the same id.
        store: made for this embedder.
        embedder: to embed what is new.
        source: what to file them under.
        decoded: their photos as far as the caller has decoded them (see ``embed_views``).

    Raises:
        FingerprintMismatch: the store holds another model's vectors.
        StoreError: another writer is at work, or the disk refuses.
    """
    items = tuple(items)
    run = _Run(store, embedder, sum(len(item.views) for item in items), None, decoded)
    with store.writing() as writer:
        run.write(items, source, writer)
        # Whoever adds an item without a photo that can be used is told, and the store has nothing of it.
        kept = [failure for failure in run.failed if failure.item not in run.unusable]
        writer.note_failures(kept, source=source, items=[item.id for item in items])
        if run.changed:
            writer.collect()
    return run.report(0)


class _Run:
    """One indexing run: its counts, and what waits for the next commit."""

    def __init__(
        self,
        store: Store,
        embedder: Embedder,
        total: int,
        progress: Progress | None,
        decoded: Mapping[Key, Photo] = NOTHING_DECODED,
    ) -> None:
        store.check_fingerprint(embedder.card.fingerprint, f"The model {embedder.card.name}")
        self._store, self._embedder, self._total, self._progress = store, embedder, total, progress
        self._decoded = decoded
        self._begun = self._committed = time.monotonic()
        self._ready: list[StoredItem] = []
        self._vectors: dict[tuple[str, str], Vector] = {}
        self.failed: list[FailedPhoto] = []
        self.unusable: set[str] = set()  # items none of whose photos could be used
        self.added = self.changed = self.unchanged = self.embedded = self._done = 0

    def write(self, items: Iterable[Item], source: str, writer: Writer) -> None:
        with self._store.lookup() as lookup:
            plan = Plan(items, source, store=self._store, lookup=lookup)
            unread = plan.unread_views()
            for outcome in embed_views(unread, self._embedder, known=lookup, decoded=self._decoded):
                if isinstance(outcome, Embedded):
                    self._note(plan.read(outcome), outcome.vector)
                else:
                    plan.failed(outcome.error)
                self._done += 1
                self._settle(plan, writer)
            self._settle(plan, writer, last=True)

    def _note(self, key: tuple[str, str], vector: Vector | None) -> None:
        if vector is not None:
            self._vectors[key] = vector
            self.embedded += 1

    def _settle(self, plan: Plan, writer: Writer, *, last: bool = False) -> None:
        for draft in plan.finished():
            self._take(draft)
        waited = time.monotonic() - self._committed
        if last or len(self._ready) >= ITEMS_PER_COMMIT or waited > SECONDS_PER_COMMIT:
            self._commit(writer)
        else:
            self._tell(())

    def _take(self, draft: Draft) -> None:
        self._done += draft.unchanged
        self.failed += draft.failed_photos()
        item = draft.result()
        if item is None:
            self.unusable.add(draft.item.id)
            return
        if draft.stored is None:
            self.added += 1
        elif draft.stored.checksum == item.checksum:
            self.unchanged += 1
            return
        else:
            self.changed += 1
        self._ready.append(item)

    def _commit(self, writer: Writer) -> None:
        ready, vectors = self._ready, self._vectors
        if ready:
            # Vectors of items that are still incomplete wait for them.
            keys = {view.key for item in ready for view in item.views}
            writer.put(ready, {key: vector for key, vector in vectors.items() if key in keys})
            self._vectors = {key: vector for key, vector in vectors.items() if key not in keys}
            self._ready = []
        self._committed = time.monotonic()
        self._tell(tuple(item.id for item in ready))

    def _tell(self, items: tuple[str, ...]) -> None:
        if self._progress is not None:
            self._progress(IndexStep(self._done, self._total, self.embedded, len(self.failed), items))

    def report(self, removed: int) -> IndexReport:
        return IndexReport(
            added=self.added,
            changed=self.changed,
            unchanged=self.unchanged,
            removed=removed,
            embedded=self.embedded,
            failed=tuple(self.failed),
            seconds=time.monotonic() - self._begun,
        )
