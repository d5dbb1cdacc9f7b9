"""The photos our own model learns from and is judged on: one table, one fixed split, one pixel cache."""

from __future__ import annotations

import csv
import hashlib
import io
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lookalike.atomic import replacing
from lookalike.catalogue.photos import read_photo
from lookalike.errors import TrainingError

HELD_OUT_SHARE = 0.3
"""Share of groups (styles, items, senders, classes) that no label of is ever trained on."""

SPLIT = "split"
DECIDING_SPLITS = (SPLIT, "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
"""Settings were chosen on these; the network's distillation heeds the first alone."""
OTHER_SPLITS = (
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
)
"""Nothing was decided on these: they tell what the deciding ones owe to being decided on."""

ALWAYS_HELD_OUT = ("shop_samples",)
"""Too small to share: other shops than the one trained on, so only ever judged on."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One photo of the table.

    Args:
        source: the folder it came from.
        path: relative to that folder.
        item: what counts as the same thing, unique across sources.
        group: what must not be on both sides of the split (style, sender, item, class).
        category: a coarse label; '' where there is none.
        role: how it is seen (main, back, iconic, az030_el12, ...).
    """

    source: str
    path: str
    item: str
    group: str
    category: str
    role: str

    def held_out(self, split: str = SPLIT) -> bool:
        """Whether the entry is kept for judging: decided by a hash of its group, so it never moves."""
        if self.source in ALWAYS_HELD_OUT:
            return True
        digest = hashlib.blake2b(f"{split}:{self.source}:{self.group}".encode(), digest_size=4).digest()
        return int.from_bytes(digest, "big") < HELD_OUT_SHARE * 2**32


def _rows(table: Path) -> Iterator[dict[str, str]]:
    with table.open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def _luma(folder: Path) -> Iterator[Entry]:
    for row in _rows(folder / "images.csv"):
        yield Entry("luma", row["path"], row["item_id"], row["style_id"], row["category"], row["view"])


def _shop_samples(folder: Path) -> Iterator[Entry]:
    for row in _rows(folder / "images.csv"):
        yield Entry("shop_samples", row["path"], row["item_id"], row["item_id"], row["category"], row["view"])


def _turntable(folder: Path) -> Iterator[Entry]:
    for row in _rows(folder / "images.csv"):
        role = Path(row["path"]).stem
        yield Entry("turntable", row["path"], row["item_id"], row["item_id"], row["category"], role)


def _clothing(folder: Path) -> Iterator[Entry]:
    for row in _rows(folder / "images.csv"):
        item = Path(row["path"]).stem
        yield Entry("clothing", row["path"], item, row["sender_id"], row["label"], "flat")


def _grocery(folder: Path) -> Iterator[Entry]:
    for row in _rows(folder / "images.csv"):
        coarse = row["coarse_class"]
        yield Entry("grocery", row["path"], row["class_name"], coarse, coarse, row["split"])
    for row in _rows(folder / "iconic.csv"):
        coarse = row["coarse_class"]
        yield Entry("grocery", row["path"], row["class_name"], coarse, coarse, "iconic")


_READERS = {
    "luma": _luma,
    "shop_samples": _shop_samples,
    "turntable": _turntable,
    "clothing": _clothing,
    "grocery": _grocery,
}


def gather(data: Path) -> list[Entry]:
    """Every photo of the tables under ``data``, in a stable order; sources that are absent are left out.

    Raises:
        TrainingError: none of the sources is there.
    """
    entries = [
        entry for name, read in _READERS.items() if (data / name).is_dir() for entry in read(data / name)
    ]
    if not entries:
        raise TrainingError(
            f"{data} holds none of {', '.join(_READERS)}.",
            hint="Give the folder of training photos with --data.",
        )
    return entries


@dataclass(frozen=True, eq=False)
class PhotoTable:
    """Entries with their pixels, letterboxed on white.

    Args:
        entries: one a photo.
        pixels: uint8, shape (photos, size, size, 3), mapped from the cache file.
    """

    entries: tuple[Entry, ...]
    pixels: NDArray[np.uint8]

    def column(self, name: str) -> NDArray[np.str_]:
        """One field of every entry, e.g. ``column("item")``."""
        return np.array([str(getattr(entry, name)) for entry in self.entries])

    def held_out(self, split: str = SPLIT) -> NDArray[np.bool_]:
        """Which photos are kept for judging."""
        return np.array([entry.held_out(split) for entry in self.entries])


def open_table(data: Path, cache: Path, *, size_px: int) -> PhotoTable:
    """The table with pixels of ``size_px``, decoded once into ``cache`` and mapped from there after."""
    entries = gather(data)
    facts = repr([tuple(asdict(entry).values()) for entry in entries]) + f":{size_px}"
    name = hashlib.blake2b(facts.encode(), digest_size=8).hexdigest()
    file = cache / f"photos-{size_px}-{name}.npy"
    if not file.exists():
        cache.mkdir(parents=True, exist_ok=True)
        _decode_all(data, entries, file, size_px=size_px)
    return PhotoTable(tuple(entries), np.load(file, mmap_mode="r", allow_pickle=False))


def _decode_all(data: Path, entries: Sequence[Entry], file: Path, *, size_px: int) -> None:
    shape = (len(entries), size_px, size_px, 3)
    with replacing(file, alone=True) as draft:
        pixels = np.lib.format.open_memmap(draft, mode="w+", dtype=np.uint8, shape=shape)
        for row, entry in enumerate(entries):
            pixels[row] = read_photo(data / entry.source / entry.path, size_px=size_px).pixels
        pixels.flush()


def small_photos(archive: Path, cache: Path) -> NDArray[np.uint8]:
    """The 64 px photos of a tar of JPEG files, without labels: uint8, shape (photos, 64, 64, 3)."""
    from PIL import Image

    file = cache / f"{archive.stem}.npy"
    if not file.exists():
        with tarfile.open(archive) as tar:
            members = [
                member for member in tar if member.isfile() and member.name.endswith((".jpg", ".JPEG"))
            ]
            pictures = [
                np.asarray(Image.open(io.BytesIO(stream.read())).convert("RGB").resize((64, 64)))
                for member in members
                if (stream := tar.extractfile(member)) is not None
            ]
        with replacing(file, alone=True) as draft:
            np.save(draft, np.stack(pictures))
    return np.asarray(np.load(file, mmap_mode="r", allow_pickle=False))
