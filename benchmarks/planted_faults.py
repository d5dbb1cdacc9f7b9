"""Known faults, planted in copies of a catalogue, each kind in items of its own."""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

Row = dict[str, str]
Rows = list[Row]
VIEWS_OF_TURNTABLE = 6  # azimuths kept per item, one elevation: the copy stays small


class Copy:
    """A catalogue's table and photos in a folder of its own, with faults planted in it."""

    def __init__(self, source: Path, folder: Path, rng: random.Random) -> None:
        self.source, self.folder, self.rng = source, folder, rng
        with (source / "images.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        if source.name == "turntable":
            rows = [
                r
                for r in rows
                if r["elevation_deg"] == "12" and int(r["azimuth_deg"]) % (360 // VIEWS_OF_TURNTABLE) == 0
            ]
        self.rows: Rows = [dict(row, path=str((source / row["path"]).resolve())) for row in rows]
        self.planted: dict[str, set[str]] = defaultdict(set)
        self.implied: dict[str, set[str]] = defaultdict(set)
        self.used: set[str] = set()
        self.number = 0

    def views(self, item: str) -> Rows:
        return [row for row in self.rows if row["item_id"] == item]

    def move(self, row: Row, host: str) -> None:
        """Put a photo into another item, whose attributes it takes, its view and size being its own."""
        own = ("path", "view", "azimuth_deg", "elevation_deg", "width", "height", "orig_width", "source_file")
        row.update({key: value for key, value in self.views(host)[0].items() if key not in own})

    def take(self, count: int, *, views: int) -> list[str]:
        """Untouched items with so many views at least."""
        counts: dict[str, int] = defaultdict(int)
        for row in self.rows:
            counts[row["item_id"]] += 1
        free = sorted(i for i, n in counts.items() if n >= views and i not in self.used)
        chosen = self.rng.sample(free, min(count, len(free)))
        self.used.update(chosen)
        return chosen

    def changed(self, row: Row, change: Callable[[Image.Image], Image.Image], quality: int = 88) -> str:
        self.number += 1
        path = self.folder / f"{self.number}.jpg"
        with Image.open(row["path"]) as image:
            change(image.convert("RGB")).save(path, quality=quality)
        return str(path)

    def write(self) -> Path:
        path = self.folder / "images.csv"
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(self.rows[0]))
            writer.writeheader()
            writer.writerows(self.rows)
        return path


def plant(copy: Copy, count: int) -> None:
    """Every kind, each in items of its own."""
    _plant_members(copy, count)
    _plant_doubles(copy, count)
    alter = {
        "too_small": _tiny,
        "blurred": _blurred,
        "dark": _dark,
        "watermark": _marked,
        "off_palette": _tinted,
    }
    for kind, change in alter.items():
        for item in copy.take(count, views=1):
            row = copy.rng.choice(copy.views(item))
            row["path"] = copy.changed(row, change)
            copy.planted[kind].add(item)
    _plant_labels(copy, count)
    if copy.source.name == "luma":
        for item in copy.take(count, views=2):
            for row in [row for row in copy.views(item) if row["view"] == "back"][:1]:
                copy.rows.remove(row)
                copy.planted["missing_role"].add(item)


def _plant_members(copy: Copy, count: int) -> None:
    few = 3 if copy.source.name == "luma" else 6
    for item in copy.take(count, views=few):  # a view that moved to another folder
        donor = copy.views(item)
        for host in copy.take(1, views=few - 1 if few == 3 else few):
            copy.move(copy.rng.choice(donor), host)
            copy.planted["wrong_photo"].add(host)
            copy.implied["missing_role"].update((item, host))
    for item in copy.take(count, views=2):  # one item in two folders
        rows = copy.views(item)
        for row in rows[: len(rows) // 2]:
            row["item_id"] = f"{item}-again"
        copy.planted["same_item"].update((item, f"{item}-again"))
        copy.used.add(f"{item}-again")
        copy.implied["missing_role"].update((item, f"{item}-again"))


def _plant_doubles(copy: Copy, count: int) -> None:
    for item in copy.take(count, views=1):  # a copy of a photo, resized and recompressed, in another item
        for host in copy.take(1, views=1):
            row = copy.rng.choice(copy.views(item))
            copy.rows.append(dict(copy.views(host)[0], path=copy.changed(row, _smaller, quality=60)))
            copy.planted["same_photo"].update((item, host))
            copy.implied["wrong_photo"].add(host)  # it does hold a photo of another item now
            copy.implied["missing_role"].add(host)
    for item in copy.take(count, views=1):
        row = copy.rng.choice(copy.views(item))
        copy.rows.append(dict(row, path=copy.changed(row, _cropped, quality=70)))
        copy.planted["near_duplicate"].add(item)


def _plant_labels(copy: Copy, count: int) -> None:
    column = "colour" if copy.source.name == "luma" else "category"
    values = sorted({row[column] for row in copy.rows if row[column] not in ("", "na")})
    for item in copy.take(count, views=1):
        own = copy.views(item)[0][column]
        other = copy.rng.choice([value for value in values if value != own])
        for row in copy.views(item):
            row[column] = other
        copy.planted["label_noise"].add(item)


def _smaller(image: Image.Image) -> Image.Image:
    return image.resize((int(image.width * 0.8), int(image.height * 0.8)))


def _cropped(image: Image.Image) -> Image.Image:
    edge = round(0.01 * image.width)
    return image.crop((edge, edge, image.width - edge, image.height - edge)).resize(image.size)


def _tiny(image: Image.Image) -> Image.Image:
    return image.resize((max(1, image.width // 4), max(1, image.height // 4)))


def _blurred(image: Image.Image) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(2.2))


def _dark(image: Image.Image) -> Image.Image:
    return image.point(lambda value: value * 0.38)


def _tinted(image: Image.Image) -> Image.Image:
    return image.point([round(v * f) for f in (0.85, 0.8, 0.62) for v in range(256)])


def _marked(image: Image.Image) -> Image.Image:
    layer = Image.new("L", image.size, 0)
    pen = ImageDraw.Draw(layer)
    font = ImageFont.load_default(max(12, image.width // 9))
    for top in range(10, image.height, max(30, image.height // 4)):
        pen.text((6 + top % 20, top), "SAMPLE SHOP", fill=90, font=font)
    return Image.composite(Image.new("RGB", image.size, (120, 120, 120)), image, layer)
