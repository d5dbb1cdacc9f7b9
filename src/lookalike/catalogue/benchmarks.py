"""Catalogues in the published layouts of Stanford Online Products and DeepFashion In-shop."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from lookalike.catalogue.gathering import Entry, gather
from lookalike.catalogue.items import Attribute, Catalogue, Oddity
from lookalike.catalogue.roles import role_of
from lookalike.errors import CatalogueError

Lines = Iterator[tuple[str, list[str]]]
"""(where, words) of each row."""


def read_stanford_online_products(root: Path, *, photos: Path | None = None) -> Catalogue:
    """Read ``Ebay_train.txt`` and ``Ebay_test.txt`` (else ``Ebay_info.txt``) and the photos they name.

    Rows are ``image_id class_id super_class_id path``; a class is an item, the super-class its category. Each
    view keeps its ``split``, train or test. (Song et al., Deep Metric Learning via Lifted Structured Feature
    Embedding, CVPR 2016.)

    Args:
        root: the folder of the lists.
        photos: the folder that the paths start from; None for the lists' own.

    Raises:
        CatalogueError: no list is there, a row is malformed, or no photo exists.
    """
    lists = [(root / f"Ebay_{split}.txt", split) for split in ("train", "test")]
    present = [(path, split) for path, split in lists if path.is_file()] or [(root / "Ebay_info.txt", "")]
    items: dict[str, dict[str, Attribute]] = {}
    entries: list[Entry] = []
    for path, split in present:
        for where, (image, item, super_class, name) in _rows(path, width=4, skip=1):
            folder = name.rpartition("/")[0].removesuffix("_final")
            items[item] = {"category": folder or super_class, "super_class_id": _number(super_class, where)}
            facts: dict[str, Attribute] = {"image_id": _number(image, where)}
            entries.append(Entry(item, (photos or root) / name, where, facts=facts | _split(split)))
    return gather(entries, items=items, oddities=[], source=root)


def read_in_shop(root: Path, *, photos: Path | None = None) -> Catalogue:
    """Read ``list_eval_partition.txt`` (in ``Eval/`` or beside the photos) and the photos it names.

    Rows are ``image_name item_id evaluation_status``. Each view keeps its ``split`` (train, query or
    gallery) and its ``variant``, the number of the item's colour; the category comes from the path
    (``WOMEN/Dresses``). The lists of items and of descriptions in ``Anno/`` are used where they are there.
    (Liu et al., DeepFashion, CVPR 2016.)

    Args:
        root: the folder that holds ``Eval/`` and ``img/`` (or ``Img/img/``).
        photos: the folder that holds ``img/``, where it is another.

    Raises:
        CatalogueError: no list is there, a row is malformed, or no photo exists.
    """
    partition = next(
        (path for path in in_shop_lists(root) if path.is_file()), root / "Eval/list_eval_partition.txt"
    )
    base = photos or (root if (root / "img").is_dir() or not (root / "Img").is_dir() else root / "Img")
    oddities: list[Oddity] = []
    items = {name: dict[str, Attribute]() for name in _listed_items(root)}
    listed = bool(items)
    entries: list[Entry] = []
    for where, (name, item, split) in _rows(partition, width=3, skip=2):
        if listed and item not in items:
            oddities.append(Oddity("unknown_id", where, f"{item} is not in list_item_inshop.txt; kept"))
        category = "/".join(Path(name).parts[1:-2])
        items.setdefault(item, {}).update({"category": category} if category else {})
        entries.append(_in_shop_entry(Entry(item, base / name, where, facts=_split(split))))
    _describe(root, items)
    return gather(entries, items=items, oddities=oddities, source=root)


def in_shop_lists(root: Path) -> tuple[Path, ...]:
    """Where the list of an In-shop copy may lie."""
    return tuple(root / folder / "list_eval_partition.txt" for folder in ("Eval", "eval", ".", "Anno"))


def _in_shop_entry(entry: Entry) -> Entry:
    """With what the file's name tells: ``02_1_front.jpg`` is the second colour from the front."""
    variant, _, rest = entry.photo.stem.partition("_")
    _, _, pose = rest.partition("_")
    entry.role = role_of(pose)
    if variant.isdigit():
        entry.facts["variant"] = int(variant)
    return entry


def _listed_items(root: Path) -> list[str]:
    path = root / "Anno" / "list_item_inshop.txt"
    return [words[0] for _, words in _rows(path, width=1, skip=1)] if path.is_file() else []


def _describe(root: Path, items: dict[str, dict[str, Attribute]]) -> None:
    """Add the colours of ``list_description_inshop.json``, where the file is there."""
    path = root / "Anno" / "list_description_inshop.json"
    if not path.is_file():
        return
    try:
        described = json.loads(path.read_text(encoding="utf-8"))
        for each in described:
            if each["item"] in items and each.get("color"):
                items[each["item"]]["colour"] = str(each["color"])
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise CatalogueError(
            f"{path}: is not the list of descriptions that DeepFashion publishes ({error}).",
            hint="Fetch the file again, or remove it.",
        ) from error


def _split(split: str) -> dict[str, Attribute]:
    return {"split": split} if split else {}


def _rows(path: Path, *, width: int, skip: int) -> Lines:
    """The rows of a list whose words are parted by spaces, without its first ``skip`` lines."""
    try:
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise CatalogueError(
            f"{path}: cannot be read ({error.strerror or error}).",
            hint="Give the folder that holds the published lists.",
        ) from error
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split(maxsplit=width - 1)
        if number <= skip or not words:
            continue
        if len(words) != width:
            raise CatalogueError(
                f"{path}: line {number} has {len(words)} words where the published list has {width}.",
                hint="Fetch the list again, or give the table's columns with layout='table'.",
            )
        yield f"{path.name}:{number}", [word.strip() for word in words]


def _number(word: str, where: str) -> int:
    if not word.isdigit():
        raise CatalogueError(f"{where}: {word!r} is no number.", hint="Fetch the list again.")
    return int(word)
