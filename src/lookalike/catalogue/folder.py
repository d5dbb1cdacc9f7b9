"""A catalogue from folders of photos: a folder for each item, or one photo for each item."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lookalike.catalogue.files import first_bytes, is_photo_name, is_stray, printable
from lookalike.catalogue.formats import magic_kind
from lookalike.catalogue.gathering import similar_ids
from lookalike.catalogue.items import Catalogue, Item, Oddity, View
from lookalike.catalogue.roles import angles_of_name, role_of_name
from lookalike.errors import CatalogueError

_MANY_VIEWS = 50
"""Where every folder holds more photos than this, folders are likely categories."""


def read_folder_catalogue(root: Path, *, flat: bool = False) -> Catalogue:
    """Read folders of photos, in the order of their names.

    A folder that holds photos is an item, and the folders above it are its category: ``cups/red/1.jpg`` is
    a photo of the item ``cups/red`` in the category ``cups``. Photos in the root are an item each.
    Flat: every photo is an item, and its folder is its category.

    Hidden, temporary and other files are left out with a line each, and so are folders that cannot be read
    and links that lead back into the catalogue (so a loop of links ends).

    Raises:
        CatalogueError: the root cannot be read, or holds no photos at all.
    """
    walk = _Walk(root)
    items: list[Item] = []
    for folder in walk.folders():
        if flat or not folder.parts:
            items.extend(_item_per_photo(folder, flat=flat))
        else:
            items.append(_item(folder))
    if not items:
        raise CatalogueError(
            f"{root}: holds no photos.",
            hint="Give a folder with a folder of photos (JPEG, PNG, WebP, ...) for each item, or a table.",
        )
    hints = [] if flat else _hints(items, root)
    return Catalogue(
        tuple(items), (*walk.oddities, *hints, *similar_ids(item.id for item in items)), str(root)
    )


@dataclass(frozen=True, slots=True)
class _Folder:
    """The photos that lie directly in one folder; ``parts`` lead to it from the root."""

    path: Path
    parts: tuple[str, ...]
    photos: list[str]


@dataclass
class _Walk:
    """One way through a tree, each folder once."""

    root: Path
    oddities: list[Oddity] = field(default_factory=list)
    _been: set[tuple[int, int]] = field(default_factory=set)
    _home: str = ""

    def folders(self) -> Iterator[_Folder]:
        """Every folder that holds photos, in the order of names, the root first."""
        try:
            self._home = os.path.realpath(self.root)
            os.scandir(self.root).close()
        except OSError as error:
            raise CatalogueError(
                f"{self.root}: cannot be read ({error.strerror or error}).",
                hint="Check that the folder exists and may be read.",
            ) from error
        waiting: list[tuple[Path, tuple[str, ...]]] = [(self.root, ())]
        while waiting:
            path, parts = waiting.pop()
            photos, below = self._look_into(path, parts)
            if photos:
                yield _Folder(path, parts, photos)
            waiting.extend((path / name, (*parts, name)) for name in reversed(below))

    def _look_into(self, path: Path, parts: tuple[str, ...]) -> tuple[list[str], list[str]]:
        """The photos and the folders in one folder, sorted; nothing where it cannot be read."""
        photos: list[str] = []
        below: list[str] = []
        try:
            if self._seen_before(path):
                self._note("folder_twice", parts, "was read already under another name; left out")
                return [], []
            with os.scandir(path) as entries:
                for entry in entries:
                    self._sort_in(entry, (*parts, entry.name), photos, below)
            if not photos and not below:
                self._note("no_photos", parts, "holds no photos; it is no item")
        except OSError as error:
            kind = "vanished" if isinstance(error, FileNotFoundError) else "unreadable_folder"
            self._note(kind, parts, f"cannot be read ({error.strerror or error}); left out")
        return sorted(photos), sorted(below)

    def _seen_before(self, path: Path) -> bool:
        status = path.stat()
        place = (status.st_dev, status.st_ino)
        if place in self._been and status.st_ino:
            return True
        self._been.add(place)
        return False

    def _sort_in(
        self, entry: os.DirEntry[str], parts: tuple[str, ...], photos: list[str], below: list[str]
    ) -> None:
        """Put one entry among the photos or the folders, or say why it is neither."""
        if is_stray(entry.name):
            self._note("stray_file", parts, "hidden, temporary or left by a system; left out")
        elif entry.is_dir():
            if entry.is_symlink() and self._leads_home(entry.path):
                self._note("link_ignored", parts, "links back into the catalogue; left out")
            else:
                below.append(entry.name)
        elif self._is_photo(entry, parts):
            photos.append(entry.name)

    def _leads_home(self, link: str) -> bool:
        """Whether a link leads into the catalogue, or to a folder above it."""
        target = os.path.realpath(link)
        common = os.path.commonpath((target, self._home)) if target[:1] == self._home[:1] else ""
        return common in (target, self._home)

    def _is_photo(self, entry: os.DirEntry[str], parts: tuple[str, ...]) -> bool:
        if not entry.is_file():
            kind = "broken_link" if entry.is_symlink() else "not_a_file"
            self._note(kind, parts, "is no file that can be read; left out")
            return False
        if is_photo_name(entry.name):
            return True
        # Only what is not called a photo is looked into: a million photos are listed, not read.
        inside = _kind_inside(entry.path)
        if inside is None:
            self._note("not_a_photo", parts, "is no photo; left out")
        else:
            self._note("wrong_extension", parts, f"is not called as a photo is, but is one ({inside}); taken")
        return inside is not None

    def _note(self, kind: str, parts: tuple[str, ...], message: str) -> None:
        self.oddities.append(Oddity(kind, printable("/".join(parts)) or str(self.root), message))


def _kind_inside(path: str) -> str | None:
    head = first_bytes(path)
    return magic_kind(head) if isinstance(head, bytes) else None


def _view(folder: Path, name: str) -> View:
    stem = name.rpartition(".")[0] or name
    angles = angles_of_name(stem)
    return View(folder / name, role_of_name(stem), angles.azimuth_deg, angles.elevation_deg)


def _item(folder: _Folder) -> Item:
    name = printable("/".join(folder.parts))
    return Item(
        name, tuple(_view(folder.path, photo) for photo in folder.photos), _category(folder.parts[:-1])
    )


def _item_per_photo(folder: _Folder, *, flat: bool) -> Iterator[Item]:
    for photo in folder.photos:
        name = printable("/".join((*folder.parts, photo)))
        yield Item(name, (_view(folder.path, photo),), _category(folder.parts) if flat else {})


def _category(parts: tuple[str, ...]) -> dict[str, str]:
    return {"category": printable("/".join(parts))} if parts else {}


def _hints(items: list[Item], root: Path) -> list[Oddity]:
    """What the layout of the folders makes doubtful, in one line each."""
    in_folders = [item for item in items if item.views[0].path and item.views[0].path.parent != root]
    loose = len(items) - len(in_folders)
    hints = []
    if loose:
        message = (
            "1 photo lies in no item's folder; it is an item of its own"
            if loose == 1
            else f"{loose} photos lie in no item's folder; each is an item of its own"
        )
        hints.append(Oddity("loose_photos", str(root), message))
    if in_folders and all(len(item.views) > _MANY_VIEWS for item in in_folders):
        message = (
            f"every folder holds more than {_MANY_VIEWS} photos; if folders are categories and each photo is "
            "an item of its own, read it with layout='flat'"
        )
        hints.append(Oddity("perhaps_flat", str(root), message))
    return [*hints, *_items_above_items(in_folders)]


def _items_above_items(items: list[Item]) -> Iterator[Oddity]:
    """One line for each item whose folder holds folders of other items."""
    ids = {item.id for item in items}
    above = {item.id.rpartition("/")[0] for item in items}
    for name in sorted(ids & above):
        message = "holds photos and folders with photos; it is an item, and each of those is another"
        yield Oddity("item_in_item", name, message)
