"""Changing the catalogue over HTTP: whole items in and out, one change after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from lookalike.catalogue.items import Attributes, Item, View, photo_id
from lookalike.catalogue.photos import Photo
from lookalike.embedding.pipeline import NOTHING_DECODED, Key
from lookalike.errors import PhotoError
from lookalike.interfaces.http.forms import SentPhoto
from lookalike.interfaces.http.lookup import view_id
from lookalike.interfaces.http.problems import Problem, not_found
from lookalike.interfaces.http.service import Service
from lookalike.retrieval.keeping import FOLDER
from lookalike.retrieval.records import StoredItem, StoredView, crop_text

Outcome = Literal["added", "replaced", "unchanged"]


def check_writable(service: Service) -> None:
    """Refuse changes where the server only reads.

    Raises:
        Problem: (403) it does.
    """
    if service.settings.read_only or service.engine.store.read_only:
        raise Problem(403, "This server only reads.", "Start it without --read-only to change the catalogue.")


def put_item(
    service: Service,
    identity: str,
    *,
    attributes: Attributes,
    photos: Sequence[SentPhoto],
    may_replace: bool,
    deadline: float,
) -> tuple[StoredItem, Outcome]:
    """Store an item; it can be found, and is safe on disk, when this returns.

    The same item again changes nothing.

    Raises:
        PhotoError: a photo cannot be used; then nothing is stored.
        Problem: (409) another item of that id is there and may not be replaced; (503) the deadline passed.
    """
    views = tuple(View(photo.content, role=photo.role, crop=photo.crop) for photo in photos)
    with service.writing(deadline=deadline):
        old = stored(service, identity)
        if old is not None and _equal(old, attributes, views):
            return old, "unchanged"
        if old is not None and not may_replace:
            raise Problem(
                409, f"There is another item {identity!r}.", f"PUT /v1/items/{identity} replaces it."
            )
        added = _put(service, Item(identity, views, attributes), _decoded(service, photos, deadline=deadline))
    return added, "added" if old is None else "replaced"


def add_photos(
    service: Service, identity: str, photos: Sequence[SentPhoto], *, deadline: float
) -> tuple[StoredItem, Outcome]:
    """Add photos to an item; those that it has already change nothing.

    Raises:
        PhotoError: a photo cannot be used; then nothing is stored.
        Problem: (404) there is no such item.
    """
    with service.writing(deadline=deadline):
        old = stored(service, identity)
        if old is None:
            raise not_found(identity)
        known = {view.key for view in old.views}
        sent = {(photo_id(photo.content), photo.crop): photo for photo in photos}
        new = [photo for key, photo in sent.items() if _key(*key) not in known]
        if not new:
            return old, "unchanged"
        decoded = _decoded(service, new, deadline=deadline)
        views = [_as_view(service, view) for view in old.views]
        views += [View(photo.content, role=photo.role, crop=photo.crop) for photo in new]
        return _put(service, Item(identity, tuple(views), old.attributes), decoded), "replaced"


def drop_view(service: Service, identity: str, view: str) -> StoredItem:
    """Take a photo from an item.

    Raises:
        Problem: (404) there is no such view of such an item; (409) it is the last one.
    """
    with service.writing(deadline=service.deadline()):
        old = stored(service, identity)
        keep = [] if old is None else [one for one in old.views if view_id(one) != view]
        if old is None or len(keep) == len(old.views):
            raise Problem(
                404, f"There is no view {view!r} of an item {identity!r}.", "GET the item lists its views."
            )
        if not keep:
            raise Problem(409, "An item needs a photo.", "Delete the item itself.")
        views = tuple(_as_view(service, one) for one in keep)
        return _put(service, Item(identity, views, old.attributes))


def remove_item(service: Service, identity: str) -> None:
    """Take an item out.

    Raises:
        Problem: (404) there is no such item.
    """
    with service.writing(deadline=service.deadline()):
        if not service.engine.remove([identity]):
            raise not_found(identity)


def stored(service: Service, identity: str) -> StoredItem | None:
    """The item as the version that is searched now has it."""
    place = service.snapshot.places.get(identity)
    return None if place is None else service.snapshot.item(place)


def _decoded(service: Service, photos: Sequence[SentPhoto], *, deadline: float) -> dict[Key, Photo]:
    """Photos from strangers, decoded behind the wall and nowhere else."""
    decoded = service.decode(photos, deadline=deadline)
    keys = [(photo_id(photo.content), photo.crop) for photo in photos]
    return dict(zip(keys, decoded, strict=True))


def _put(service: Service, item: Item, decoded: Mapping[Key, Photo] = NOTHING_DECODED) -> StoredItem:
    report = service.engine.add(item, decoded=decoded)
    if report.failed:
        first = report.failed[0]
        raise PhotoError(first.message, hint="Send another photo.", reason=first.reason)
    return service.engine.item(item.id)


def _as_view(service: Service, view: StoredView) -> View:
    """A view as it can be stored again: a photo that the store keeps is handed over as bytes."""
    again = view.to_view()
    if view.path.parent != service.engine.store.folder / FOLDER:
        return again
    return View(
        again.read(),
        role=view.role,
        azimuth_deg=view.azimuth_deg,
        elevation_deg=view.elevation_deg,
        crop=view.crop,
        attributes=view.attributes,
    )


def _key(identity: str, crop: tuple[float, float, float, float] | None) -> tuple[str, str]:
    return identity, crop_text(crop)


def _equal(old: StoredItem, attributes: Attributes, views: Sequence[View]) -> bool:
    if dict(old.attributes) != dict(attributes) or len(old.views) != len(views):
        return False
    return all(
        (before.id, before.role, before.crop) == (after.id, after.role, after.crop)
        for before, after in zip(old.views, views, strict=True)
    )
