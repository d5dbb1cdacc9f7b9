"""What only the photos' bytes can tell: the same photo twice, and files that are not what their names say."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from lookalike.catalogue.files import PHOTO_SUFFIXES, first_bytes, suffix_of
from lookalike.catalogue.formats import magic_kind
from lookalike.catalogue.items import Catalogue, Item, Oddity, View
from lookalike.errors import PhotoError


def find_shared_photos(catalogue: Catalogue) -> tuple[Oddity, ...]:
    """One line for each photo, byte for byte, that occurs more than once.

    ``same_photo_in_two_items`` (the items cannot be told apart by it) or ``same_photo_twice`` (in one item,
    which makes leave-one-view-out look better than it is). Only files of equal size are read.
    """
    oddities: list[Oddity] = []
    by_content: dict[str, list[tuple[Item, View]]] = defaultdict(list)
    for item, view in _of_equal_size(catalogue):
        try:
            by_content[view.id].append((item, view))
        except PhotoError as error:
            oddities.append(Oddity("unreadable_photo", view.name, f"{error.message} Not compared."))
    for shared in by_content.values():
        oddities.extend(_lines(shared))
    return tuple(oddities)


def find_wrong_extensions(catalogue: Catalogue) -> tuple[Oddity, ...]:
    """One line for each file that begins as another kind of photo than its name says, or as none at all.

    Reading photos goes by content, so a wrong extension does no harm here; other programs may stumble.
    """
    lines = (_compare(view.source) for _, view in catalogue.views() if isinstance(view.source, Path))
    return tuple(line for line in lines if line)


def _of_equal_size(catalogue: Catalogue) -> Iterator[tuple[Item, View]]:
    """The views whose files are as large as another's: no other can be the same."""
    by_size: dict[int, list[tuple[Item, View]]] = defaultdict(list)
    for item, view in catalogue.views():
        by_size[_size(view)].append((item, view))
    for size, views in by_size.items():
        if len(views) > 1 or size < 0:
            yield from views


def _size(view: View) -> int:
    """The size in bytes; -1 where the file is gone."""
    if isinstance(view.source, bytes):
        return len(view.source)
    try:
        return os.stat(view.source).st_size  # noqa: PTH116 (twice as fast as Path.stat over a million)
    except OSError:
        return -1


def _lines(shared: list[tuple[Item, View]]) -> Iterator[Oddity]:
    of_item: dict[str, list[View]] = defaultdict(list)
    for item, view in shared:
        of_item[item.id].append(view)
    for name, views in of_item.items():
        if len(views) > 1:
            message = f"has the same photo {len(views)} times: {', '.join(view.name for view in views)}"
            yield Oddity("same_photo_twice", name, message)
    if len(of_item) > 1:
        message = f"is a photo of {len(of_item)} items: {', '.join(of_item)}"
        yield Oddity("same_photo_in_two_items", shared[0][1].name, message)


def _compare(path: Path) -> Oddity | None:
    head, named = first_bytes(path), PHOTO_SUFFIXES.get(suffix_of(path.name))
    if isinstance(head, str):
        return Oddity("unreadable_photo", str(path), f"is {head}")
    kind = magic_kind(head)
    if kind is None:
        return Oddity("not_a_photo", str(path), "does not begin as a photo does" if head else "is empty")
    if kind == named or {kind, named} == {"AVIF", "HEIF"}:
        return None
    return Oddity("wrong_extension", str(path), f"holds {kind}")
