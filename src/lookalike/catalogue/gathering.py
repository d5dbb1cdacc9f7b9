"""Photos that a table or feed names, one by one, gathered into items."""

from __future__ import annotations

import stat
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lookalike.catalogue.crops import Crop
from lookalike.catalogue.files import is_photo_name
from lookalike.catalogue.items import Attribute, Catalogue, Item, Oddity, View
from lookalike.catalogue.roles import angles_of_name, role_of_name
from lookalike.errors import CatalogueError

Place = tuple[Path, Crop | None]


@dataclass(slots=True)
class Entry:
    """One photo as a source names it.

    Args:
        item: the id of the item that it shows.
        photo: the file.
        where: the place in the source, for messages.
        role, azimuth_deg, elevation_deg: None to tell them from the file's name.
        crop: the part of the photo that shows the item.
        facts: what is known of this photo.
    """

    item: str
    photo: Path
    where: str
    role: str | None = None
    azimuth_deg: float | None = None
    elevation_deg: float | None = None
    crop: Crop | None = None
    facts: dict[str, Attribute] = field(default_factory=dict)


def gather(
    entries: Iterable[Entry],
    *,
    items: Mapping[str, Mapping[str, Attribute]],
    oddities: list[Oddity],
    source: Path,
) -> Catalogue:
    """The catalogue of the photos that exist, in the order in which they are named.

    Args:
        entries: the photos.
        items: the attributes of every item that the source names; items left without a photo are reported.
        oddities: what was odd so far; missing photos, photos named twice and items without photos join it.
        source: what was read, for messages.

    Raises:
        CatalogueError: no photo that the source names exists.
    """
    views: dict[str, list[View]] = defaultdict(list)
    seen: dict[Place, list[Entry]] = defaultdict(list)
    first_missing: Entry | None = None
    for entry in entries:
        trouble = trouble_with(entry.photo, entry.where)
        if trouble:
            oddities.append(trouble)
        if trouble and trouble.kind in ("missing_photo", "unreadable_photo"):
            first_missing = first_missing or entry
        elif not _is_twin(entry, seen, oddities):
            views[entry.item].append(_view(entry))
    if not views:
        raise _nothing_found(source, first_missing)
    message = f"{source.name} names no photo of it that exists; left out"
    oddities.extend(Oddity("no_photos", name, message) for name in items if name not in views)
    found = tuple(Item(name, tuple(seen_as), items.get(name, {})) for name, seen_as in views.items())
    return Catalogue(found, (*oddities, *similar_ids(views)), str(source))


def trouble_with(photo: Path, where: str) -> Oddity | None:
    """What is odd about a photo file, without reading it: that would take minutes for a million files."""
    try:
        status = photo.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return Oddity("missing_photo", where, f"{photo} does not exist; left out")
    except OSError as error:
        return Oddity("unreadable_photo", where, f"{photo} cannot be read ({error.strerror}); left out")
    if not stat.S_ISREG(status.st_mode):
        return Oddity("unreadable_photo", where, f"{photo} is no file; left out")
    if not is_photo_name(photo.name):
        return Oddity(
            "wrong_extension", where, f"{photo.name} is not called as a photo is; tried all the same"
        )
    return None if status.st_size else Oddity("empty_photo", where, f"{photo} is empty; tried all the same")


def similar_ids(ids: Iterable[str]) -> list[Oddity]:
    """One line for each item id that differs from another in case or spaces only."""
    first: dict[str, str] = {}
    lines = []
    for name in ids:
        other = first.setdefault("".join(name.split()).casefold(), name)
        if other != name:
            lines.append(
                Oddity("similar_ids", name, f"differs from {other!r} in case or spaces only; two items")
            )
    return lines


def _view(entry: Entry) -> View:
    stem = entry.photo.stem
    angles = angles_of_name(stem)
    return View(
        source=entry.photo,
        role=entry.role or role_of_name(stem),
        azimuth_deg=angles.azimuth_deg if entry.azimuth_deg is None else entry.azimuth_deg,
        elevation_deg=angles.elevation_deg if entry.elevation_deg is None else entry.elevation_deg,
        crop=entry.crop,
        attributes=entry.facts,
    )


def _is_twin(entry: Entry, seen: dict[Place, list[Entry]], oddities: list[Oddity]) -> bool:
    """Whether the same item has this very photo already; a photo of two items stays in both, and is told."""
    before = seen[entry.photo, entry.crop]
    own = next((each for each in before if each.item == entry.item), None)
    if own:
        kind, what = (
            ("duplicate_row", "repeats") if _same(own, entry) else ("same_photo_twice", "has the photo of")
        )
        oddities.append(Oddity(kind, entry.where, f"{what} {own.where}; the first counts"))
        return True
    if before:
        message = f"{entry.photo.name} is a photo of {before[0].item!r} and of {entry.item!r}; kept in both"
        oddities.append(Oddity("same_path_in_two_items", entry.where, message))
    before.append(entry)
    return False


def _same(one: Entry, other: Entry) -> bool:
    return (one.role, one.azimuth_deg, one.elevation_deg, one.facts) == (
        other.role,
        other.azimuth_deg,
        other.elevation_deg,
        other.facts,
    )


def _nothing_found(source: Path, first_missing: Entry | None) -> CatalogueError:
    if first_missing is None:
        return CatalogueError(f"{source}: names no photos.", hint="Fill its column of paths.")
    return CatalogueError(
        f"{source}: none of the photos that it names can be read, the first is {first_missing.photo}.",
        hint="Give the folder that its paths start from: --photos FOLDER, or photos='FOLDER'.",
    )
