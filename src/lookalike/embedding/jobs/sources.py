"""What a job embeds, view by view with its item: from a catalogue here, or one that lies far away."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from lookalike.catalogue.columns import Columns
from lookalike.catalogue.files import is_photo_name, is_stray, printable, suffix_of
from lookalike.catalogue.items import Item
from lookalike.catalogue.reading import read_catalogue
from lookalike.catalogue.roles import angles_of_name, role_of, role_of_name
from lookalike.catalogue.rows import TABLE_SUFFIXES, read_table
from lookalike.catalogue.values import text_of, typed
from lookalike.embedding.jobs.job import Job, Photos
from lookalike.embedding.jobs.places import is_remote, open_place
from lookalike.errors import CatalogueError, JobError

_OBJECTS = ("s3://", "gs://")


@dataclass(frozen=True, slots=True)
class Line:
    """One view of the plan.

    Args:
        item_id: the item that it shows.
        position: its place among the item's views, from 0.
        path: where the photo is: an absolute path, or an address.
        role, azimuth_deg, elevation_deg, crop: as in ``View``; the crop as four numbers of text.
        item_attributes, view_attributes: as JSON.
    """

    item_id: str
    position: int
    path: str
    role: str | None = None
    azimuth_deg: float | None = None
    elevation_deg: float | None = None
    crop: str = ""
    item_attributes: str = "{}"
    view_attributes: str = "{}"


def lines_of(job: Job) -> Iterator[list[Line]]:
    """The views of a job, item by item.

    Raises:
        CatalogueError, JobError: the source cannot be read, or holds no photo.
    """
    photos = job.photos
    if is_remote(photos.source):
        return _listed(job)
    if is_remote(photos.photos) or _names_remote_photos(photos):
        return _tabled(photos)
    columns = Columns(item=photos.item_column or None, path=photos.path_column or None)
    told = photos.item_column or photos.path_column
    catalogue = read_catalogue(
        Path(photos.source).expanduser(),
        layout=photos.layout or None,
        photos=Path(photos.photos) if photos.photos else None,
        columns=columns if told else None,
    )
    return (_of_item(item) for item in catalogue)


def _of_item(item: Item) -> list[Line]:
    attributes = _json(item.attributes)
    return [
        Line(
            item.id,
            position,
            printable(str(view.path.absolute() if view.path else view.name)),
            view.role,
            view.azimuth_deg,
            view.elevation_deg,
            ",".join(repr(float(share)) for share in view.crop) if view.crop else "",
            attributes,
            _json(view.attributes),
        )
        for position, view in enumerate(item.views)
    ]


def _listed(job: Job) -> Iterator[list[Line]]:
    """The photos of an object store's folder: an item a folder; a photo in none is an item of its own."""
    place = open_place(job.photos.source, job.storage)
    root = job.photos.source.rstrip("/")
    names = [name for name in place.names() if _is_photo(name)]
    if not names:
        raise JobError(f"{root} holds no photos.", hint="Check the bucket and the folder's name.")

    def item_of(name: str) -> str:
        return posixpath.dirname(name) or name

    for item, group in groupby(sorted(names, key=lambda name: (item_of(name), name)), key=item_of):
        yield [_by_name(item, place, f"{root}/{name}") for place, name in enumerate(group)]


def _is_photo(name: str) -> bool:
    return is_photo_name(name) and not any(is_stray(part) for part in name.split("/"))


def _by_name(item: str, position: int, path: str) -> Line:
    stem = posixpath.splitext(posixpath.basename(path))[0]
    angles = angles_of_name(stem)
    return Line(item, position, path, role_of_name(stem), angles.azimuth_deg, angles.elevation_deg)


def _names_remote_photos(photos: Photos) -> bool:
    """Whether a table's first photo is an address of an object store."""
    source = Path(photos.source).expanduser()
    if suffix_of(source.name) not in TABLE_SUFFIXES or not source.is_file():
        return False
    table = read_table(source, [])
    try:
        found = Columns(path=photos.path_column or None).found_in(table.columns, table=source.name)
    except CatalogueError:  # a feed, which has a reader of its own
        return False
    return text_of(table.columns[found.path or ""][0]).startswith(_OBJECTS)


def _tabled(photos: Photos) -> Iterator[list[Line]]:
    """The photos that a table names in an object store; nothing is looked up there."""
    source = Path(photos.source).expanduser()
    table = read_table(source, [])
    asked = Columns(item=photos.item_column or None, path=photos.path_column or None)
    found = asked.found_in(table.columns, table=source.name)
    paths = [_address(text_of(cell), photos.photos) for cell in table.columns[found.path or ""]]
    items = [text_of(cell) for cell in table.columns[found.item]] if found.item else paths
    roles = [text_of(cell) for cell in table.columns[found.role]] if found.role else [""] * len(paths)
    rest = {name: typed(cells) for name, cells in table.columns.items() if name not in found.said()}
    rows: dict[str, list[int]] = {}
    for row, (item, path) in enumerate(zip(items, paths, strict=True)):
        if item and path:
            rows.setdefault(item, []).append(row)
    if not rows:
        raise JobError(f"{source} names no photo of an item.", hint="Give a table with a row a photo.")
    for item, members in rows.items():
        attributes = {name: values[members[0]] for name, values in rest.items() if name != found.role}
        told = _json({name: value for name, value in attributes.items() if value is not None})
        yield [
            Line(item, position, paths[row], role_of(roles[row]), item_attributes=told)
            for position, row in enumerate(members)
        ]


def _address(path: str, root: str) -> str:
    return path if is_remote(path) or not path else f"{root.rstrip('/')}/{path.lstrip('/')}"


def _json(attributes: Mapping[str, object]) -> str:
    return json.dumps(dict(attributes), ensure_ascii=False, sort_keys=True)
