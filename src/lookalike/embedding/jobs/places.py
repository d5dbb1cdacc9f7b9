"""Where photos are read and shards written: a folder, or an object store, behind one interface."""

from __future__ import annotations

import posixpath
import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lookalike.atomic import write_atomically
from lookalike.embedding.jobs.job import Storage
from lookalike.errors import JobError, MissingExtra, PhotoError


def is_remote(location: str) -> bool:
    """Whether a location is an address rather than a path (``s3://...``)."""
    return "://" in location


class Place(ABC):
    """A folder, here or far away; names are relative to it, with slashes."""

    @abstractmethod
    def names(self) -> Iterator[str]:
        """All files below, in the order of their names."""

    @abstractmethod
    def read(self, name: str) -> bytes:
        """A file's bytes.

        Raises:
            FileNotFoundError: there is none of that name.
            JobError: the place cannot be reached.
        """

    @abstractmethod
    def write(self, name: str, content: bytes) -> None:
        """Put a file there whole: a kill at any moment leaves the old one or the new one.

        Raises:
            JobError: the place is full, forbidden or cannot be reached.
        """

    @abstractmethod
    def has(self, name: str) -> bool:
        """Whether there is a file of that name."""

    @abstractmethod
    def tidy(self) -> None:
        """Take away what was left by writers that were killed; nobody may be writing any more."""


DRAFTS = ".drafts"


class Folder(Place):
    """A folder of this machine, or one that several machines mount."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def names(self) -> Iterator[str]:
        """See `Place.names`."""
        files = (path.relative_to(self.path) for path in self.path.rglob("*") if path.is_file())
        yield from sorted(name.as_posix() for name in files if name.parts[0] != DRAFTS)

    def read(self, name: str) -> bytes:
        """See `Place.read`."""
        with _told(self.path / name, "read"):
            return (self.path / name).read_bytes()

    def write(self, name: str, content: bytes) -> None:
        """See `Place.write`; two workers that write the same file do not meet in one draft."""
        target = self.path / name
        with _told(target, "written"):
            for folder in (target.parent, self.path / DRAFTS):
                folder.mkdir(parents=True, exist_ok=True)
            write_atomically(target, content, drafts=self.path / DRAFTS)

    def has(self, name: str) -> bool:
        """See `Place.has`."""
        return (self.path / name).is_file()

    def tidy(self) -> None:
        """See `Place.tidy`."""
        shutil.rmtree(self.path / DRAFTS, ignore_errors=True)


class ObjectStore(Place):
    """A folder of an object store, through Arrow's file systems (S3 and what speaks like it, GCS)."""

    def __init__(self, files: Any, path: str) -> None:
        """Take over an Arrow file system.

        Args:
            files: the file system.
            path: bucket and prefix.
        """
        self._files, self.path = files, path.rstrip("/")

    def tidy(self) -> None:
        """See `Place.tidy`: what was not complete never appeared."""

    def _at(self, name: str) -> str:
        return f"{self.path}/{name}"

    def names(self) -> Iterator[str]:
        """See `Place.names`; a store lists in the order of names itself, some millions of them too."""
        from pyarrow.fs import FileSelector, FileType

        with _told(self.path, "listed"):
            found = self._files.get_file_info(FileSelector(self.path, allow_not_found=True, recursive=True))
        yield from sorted(
            posixpath.relpath(one.path, self.path) for one in found if one.type == FileType.File
        )

    def read(self, name: str) -> bytes:
        """See `Place.read`."""
        path = self._at(name)
        with _told(path, "read"), self._files.open_input_stream(path) as stream:
            content: bytes = stream.read()
        return content

    def write(self, name: str, content: bytes) -> None:
        """See `Place.write`: an object appears when it is complete."""
        path = self._at(name)
        with _told(path, "written"), self._files.open_output_stream(path) as stream:
            stream.write(content)

    def has(self, name: str) -> bool:
        """See `Place.has`."""
        from pyarrow.fs import FileType

        path = self._at(name)
        with _told(path, "looked at"):
            return bool(self._files.get_file_info(path).type == FileType.File)


def open_place(location: str, storage: Storage) -> Place:
    """The place at a path or an address.

    Raises:
        MissingExtra: an address, and pyarrow is not installed.
        JobError: an address of a kind that is not known.
    """
    if not is_remote(location):
        return Folder(Path(location).expanduser().absolute())
    try:
        from pyarrow import fs
    except ImportError as error:
        raise MissingExtra("Reading and writing an object store", extra="cluster") from error
    address = urlsplit(location)
    if address.scheme == "s3":
        endpoint = urlsplit(storage.endpoint) if storage.endpoint else None
        files = fs.S3FileSystem(
            region=storage.region or None,
            endpoint_override=endpoint.netloc if endpoint else None,
            scheme=endpoint.scheme if endpoint else None,
            connect_timeout=10,
            request_timeout=60,
        )
        return ObjectStore(files, address.netloc + address.path)
    try:
        return ObjectStore(*fs.FileSystem.from_uri(location))
    except (ValueError, OSError) as error:
        raise JobError(
            f"{location} cannot be opened ({error}).", hint="Use s3://, gs:// or a path."
        ) from error


class Photographs:
    """The bytes of photos by their locations, each bucket opened once."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._buckets: dict[str, Place] = {}

    def read(self, location: str) -> bytes:
        """The photo at an address such as ``s3://bucket/a/b.jpg``.

        Raises:
            PhotoError: (``unreadable``) there is none.
            JobError: the store cannot be reached.
        """
        address = urlsplit(location)
        root = f"{address.scheme}://{address.netloc}"
        if root not in self._buckets:
            self._buckets[root] = open_place(root, self._storage)
        try:
            return self._buckets[root].read(location[len(root) + 1 :])
        except FileNotFoundError as error:
            raise PhotoError(
                f"There is no {location}.", hint="Check the name and the bucket.", reason="unreadable"
            ) from error


@contextmanager
def _told(what: str | Path, done: str) -> Iterator[None]:
    """Trouble with a disk or a network, in our words; a file that is not there stays what it is."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        reason = str(error.strerror or error).splitlines()[0][:200]
        raise JobError(
            f"{what} cannot be {done} ({reason}).",
            hint="See to the disk, the keys or the network; then run the same job again, it goes on.",
        ) from error
