"""The steps of an upgrade: start, look at its state, switch, go back, and drop what does not answer."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lookalike.embedding.embedder import Embedder
from lookalike.errors import StoreError
from lookalike.retrieval.database import told_as_store_errors
from lookalike.retrieval.derived import FOLDER as DERIVED
from lookalike.retrieval.embedders import embedder_of
from lookalike.retrieval.index.choosing import index_of
from lookalike.retrieval.loading import load_snapshot
from lookalike.retrieval.lock import WriterLock
from lookalike.retrieval.store import FILE_NAME, Store, missing
from lookalike.retrieval.upgrade.following import Followed, Progress, differing, follow
from lookalike.retrieval.versions import (
    FOLDER,
    ORIGINAL,
    Pointer,
    home_of_version,
    read_pointer,
    version_name,
    write_pointer,
)


@dataclass(frozen=True, slots=True)
class VersionState:
    """One model's version of a store.

    Args:
        model, fingerprint: whose vectors it holds.
        items, views: how many it holds.
        behind: items that it lacks, has otherwise, or has too many, against the version that answers.
        size_bytes: of its files.
    """

    model: str
    fingerprint: str
    items: int
    views: int
    behind: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class UpgradeState:
    """The versions of a store: the one that answers, the one being prepared, the one that answered before."""

    serving: VersionState
    prepared: VersionState | None
    before: VersionState | None


class Upgrade:
    """The versions of the store in a folder.

    Raises:
        StoreError: there is no store, or it is damaged.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        Store.open(self.folder)

    def start(self, embedder: Embedder, model: str, *, progress: Progress | None = None) -> Followed:
        """Fill a version for another model beside the one that answers, or go on where that was stopped.

        The store is searched and changed meanwhile as ever; what changes is caught up with.

        Args:
            embedder: of the new model.
            model: name or folder by which it can be opened again.
            progress: is told how far it has come.

        Raises:
            StoreError: the model answers already, another upgrade is under way, no photo can be read, or the
                disk refuses.
        """
        serving, pointer = Store.open(self.folder), read_pointer(self.folder)
        fingerprint = embedder.card.fingerprint
        if fingerprint == serving.fingerprint:
            raise StoreError(f"{self.folder} answers with {fingerprint} already.", hint="Name another model.")
        name = self._name_for(fingerprint, pointer)
        if pointer.prepared not in (None, name):
            raise StoreError(
                f"An upgrade to {self._beside(str(pointer.prepared)).fingerprint} is under way.",
                hint="Finish it, or drop it first: lookalike upgrade drop "
                f"--store {shlex.quote(str(self.folder))}",
            )
        home = home_of_version(self.folder, name)
        if (home / FILE_NAME).is_file():
            target = Store(self.folder, home=home)
        else:
            target = Store.create(self.folder, card=embedder.card, model=model, home=home)
        before = None if pointer.before == name else pointer.before
        write_pointer(self.folder, Pointer(pointer.serving, before, name))
        done = follow(serving, target, lambda: embedder, progress=progress)
        if done.missing and not target.counts().items:
            raise StoreError(
                f"None of the {len(done.missing)} photos can be read ({done.missing[0].message})",
                hint="Put the photos back where they were indexed, then run the same command again.",
            )
        _make_ready(target)
        return done

    def state(self) -> UpgradeState:
        """What there is, and how far the version that is being prepared has come."""
        pointer = read_pointer(self.folder)
        serving = Store.open(self.folder, read_only=True)
        others = [
            None if name is None else _state(self._beside(name), serving)
            for name in (pointer.prepared, pointer.before)
        ]
        return UpgradeState(_state(serving, serving), *others)

    def both(self) -> tuple[Store, Store]:
        """The version that answers, and the one to compare it with: being prepared, else the one before.

        Raises:
            StoreError: there is no other version.
        """
        pointer = read_pointer(self.folder)
        name = pointer.prepared or pointer.before
        if name is None:
            raise self._none("being prepared")
        return Store.open(self.folder), self._beside(name)

    def switch(self, *, without_missing: bool = False, progress: Progress | None = None) -> Followed:
        """Answer with the version that was prepared; the one that answered can be gone back to.

        Args:
            without_missing: switch even where photos could not be embedded; their views are lost to the new
                version (they stay in the old one).
            progress: is told how far catching up has come.

        Raises:
            StoreError: none was prepared, photos are missing, another writer is at work, or it is damaged.
            EmbedderError: the new model cannot be opened, so nothing could be asked.
        """
        pointer = read_pointer(self.folder)
        if pointer.prepared is None:
            raise self._none("being prepared")
        after = Pointer(pointer.prepared, pointer.serving)
        return self._go_to(pointer.prepared, after, without_missing=without_missing, progress=progress)

    def rollback(self, *, without_missing: bool = False, progress: Progress | None = None) -> Followed:
        """Answer with the version that answered before the switch; the other one stays, prepared.

        What was added, changed or removed since the switch is done to it first.

        Raises:
            StoreError: as ``switch``.
        """
        pointer = read_pointer(self.folder)
        if pointer.before is None:
            raise self._none("to go back to")
        after = Pointer(pointer.before, None, pointer.serving)
        return self._go_to(pointer.before, after, without_missing=without_missing, progress=progress)

    def drop(self) -> int:
        """Delete all versions but the one that answers; how many bytes that frees.

        Raises:
            StoreError: another writer is at work, or the disk refuses.
        """
        with WriterLock(self.folder / "writer.lock"), told_as_store_errors(self.folder):
            serving = read_pointer(self.folder).serving
            write_pointer(self.folder, Pointer(serving))
            idle = list(self._idle_files(serving))
            freed = sum(map(_size_bytes, idle))
            for path in idle:
                if path.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink(missing_ok=True)
        return freed

    def _go_to(
        self, name: str, after: Pointer, *, without_missing: bool, progress: Progress | None
    ) -> Followed:
        target = self._beside(name)
        target.check()
        model = _once(partial(embedder_of, target))
        model()  # what cannot be asked must not answer
        follow(
            Store.open(self.folder), target, model, progress=progress
        )  # the most of it, while others write
        _make_ready(target)
        with WriterLock(self.folder / "writer.lock"):
            serving = Store.open(self.folder)
            done = follow(serving, target, model, progress=progress)
            if done.missing and not without_missing:
                raise StoreError(
                    f"{len(done.missing)} photos could not be embedded, such as {done.missing[0].photo}: "
                    f"{done.missing[0].message}",
                    hint="Put them back and try again, or switch without them: --without-missing",
                )
            lost = {one.item for one in done.missing}
            lacking, extra = differing(serving, target)
            assert not extra, "a version has items that it was not told of"
            assert lacking.keys() <= lost, "a version lacks items that it was told of"
            if not target.counts().items and serving.counts().items:
                raise StoreError(
                    f"The version for {target.fingerprint} has no items.", hint="Put the photos back first."
                )
            write_pointer(self.folder, after)
        return done

    def _beside(self, name: str) -> Store:
        home = home_of_version(self.folder, name)
        if not (home / FILE_NAME).is_file():
            raise missing(home)
        return Store(self.folder, home=home)

    def _name_for(self, fingerprint: str, pointer: Pointer) -> str:
        """The version for a model: the one that answered before where it is that model's, else its own."""
        if pointer.before is not None and self._beside(pointer.before).fingerprint == fingerprint:
            return pointer.before
        return version_name(fingerprint)

    def _idle_files(self, serving: str) -> Iterator[Path]:
        if serving != ORIGINAL:
            yield from (self.folder / f"{FILE_NAME}{end}" for end in ("", "-wal", "-shm"))
            yield self.folder / DERIVED
        home = self.folder / FOLDER
        for path in home.iterdir() if home.is_dir() else ():
            if path != self.folder / serving:
                yield path

    def _none(self, what: str) -> StoreError:
        return StoreError(
            f"{self.folder} has no version {what}.",
            hint=f"Prepare one: lookalike upgrade start --store {shlex.quote(str(self.folder))} --model NAME",
        )


def _once(make: Callable[[], Embedder]) -> Callable[[], Embedder]:
    made: list[Embedder] = []

    def get() -> Embedder:
        if not made:
            made.append(make())
        return made[0]

    return get


def _make_ready(store: Store) -> None:
    """Write what an engine maps into memory, so that the first search after a switch need not wait for it."""
    index_of(load_snapshot(store), home=store.home)


def _state(store: Store, serving: Store) -> VersionState:
    counts = store.counts()
    behind = 0
    if store.home != serving.home:
        lacking, extra = differing(serving, store)
        behind = len(lacking) + len(extra)
    files = [store.path, store.home / DERIVED]
    size = sum(map(_size_bytes, files))
    return VersionState(store.model, store.fingerprint, counts.items, counts.views, behind, size)


def _size_bytes(path: Path) -> int:
    if path.is_dir():
        return sum(each.stat().st_size for each in path.rglob("*") if each.is_file())
    return path.stat().st_size if path.exists() else 0
