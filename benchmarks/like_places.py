"""How often the places that "Why?" joins are the same place of the thing.

    python -m benchmarks.like_places [--data ../shared/data] [--model default] [--items 60]

turns: items of the drawn catalogue (a seed that nothing was chosen on), of which the renderer knows where
each point of the surface is in each photo: the first photo against one from further round, of the item
itself and of a sibling of exactly the same shape in other colours or another pattern. warps: a photo of a
real set against the same photo mirrored, cropped, or turned by 15 degrees, whose mapping is known. A pair
is right when the second place lies within a tenth of the item's longer side of where the first place
really is (PCK at 0.1, Yang and Ramanan 2013). A place that the second photo does not show, or that lies
beside the item, has no right partner and counts as wrong. Beside it: the same first places with a partner
at the same place of the item's box, and with one anywhere in it. 95% bootstrap intervals over items.
"""

from __future__ import annotations

import argparse
import io
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.machine import describe
from benchmarks.pages import put_table
from benchmarks.parts import Table, table_of
from numpy.typing import NDArray
from PIL import Image, ImageOps

from lookalike.catalogue.photos import Photo, open_image, read_photo
from lookalike.catalogue.reading import read_catalogue
from lookalike.demo.designs import FAMILY_SIZE, Design, design
from lookalike.demo.renderer import Band, Camera, Triangles, camera_axes, framed, rasterise
from lookalike.demo.shots import Shot, photograph
from lookalike.embedding.embedder import Embedder
from lookalike.embedding.zoo import open_embedder
from lookalike.evaluation.bootstrap import bootstrap, mean_of
from lookalike.retrieval.explaining.agreement import explainer_of
from lookalike.retrieval.explaining.correspondence import Spot
from lookalike.retrieval.explaining.grids import SIDE
from lookalike.retrieval.explaining.sources import foreground_cells

RESULTS = Path(__file__).parent / "results" / "like_places.json"
PAGE = Path(__file__).parents[1] / "docs" / "studies" / "parts.md"
HELD_OUT, SIZE, LONG_SIDE, NEAR = 1, 288, 512, 0.1
SHIFT = (0.0, 0.01)
"""Where a studio shot puts the item's middle (demo/shots.py)."""
ELEVATION, START = 16.0, -20.0
TURNS = (0, 30, 60, 90, 180)
ON_ITEM = 0.5
SAME_DEPTH = 0.985
HALF_A_CELL = 0.05
"""Of the photo's side: a place is the middle of a cell, which at an item's edge may lie just beside it."""
Box = tuple[float, float, float, float]
Found = dict[int, list[dict[str, float]]]
"""By item, for each place that was told of: what is right."""
Truth = Callable[[Spot], Spot | None]
"""Where a place of the first photo is in the second; None where it is not to be seen."""


class Posed:
    """A drawn item in one studio shot: its photo, and what each pixel shows."""

    def __init__(self, item: Design, azimuth: float, take: int) -> None:
        points = item.solid.mesh.points
        shot = Shot("angle", azimuth, ELEVATION, take=take)
        self.pixels = photograph(item, shot, size_px=SIZE)
        axes = camera_axes(azimuth, ELEVATION)
        self.camera: Camera = framed(points, axes, size_px=SIZE, fill=shot.fill, shift=SHIFT)
        triangles = Triangles.of(*self.camera.project(points), item.solid.mesh.faces)
        self.depth = rasterise(triangles, Band(0, SIZE, SIZE)).nearest.reshape(SIZE, SIZE)

    def surface(self, spot: Spot) -> NDArray[np.float32] | None:
        """The point of the item that is seen at a place or within half a cell of it; None beside the item."""
        rows, columns = np.nonzero(self.depth)
        away = np.hypot(columns + 0.5 - SIZE * spot[0], rows + 0.5 - SIZE * spot[1])
        nearest = int(away.argmin())
        if away[nearest] > HALF_A_CELL * SIZE:
            return None
        row, column = rows[nearest], columns[nearest]
        ray = self.camera.rays(np.float32([column + 0.5]), np.float32([row + 0.5]))[:, 0]
        return np.asarray(self.camera.eye + ray / self.depth[row, column], np.float32)

    def seen_at(self, point: NDArray[np.float32]) -> Spot | None:
        """Where a point of the item is in the photo; None where something hides it."""
        (place,), (near,) = self.camera.project(point[None])
        column, row = (int(np.clip(value, 0, SIZE - 1)) for value in place)
        around = self.depth[max(0, row - 1) : row + 2, max(0, column - 1) : column + 2]
        hidden = near < SAME_DEPTH * around[around > 0].min(initial=np.inf)
        return None if hidden else (float(place[0]) / SIZE, float(place[1]) / SIZE)

    @property
    def photo(self) -> bytes:
        return as_png(self.pixels)


def as_png(pixels: NDArray[np.uint8] | Image.Image) -> bytes:
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    kept = io.BytesIO()
    image.save(kept, "PNG")
    return kept.getvalue()


def turned(first: Posed, second: Posed) -> Truth:
    def truth(spot: Spot) -> Spot | None:
        point = first.surface(spot)
        return None if point is None else second.seen_at(point)

    return truth


def item_box(photo: Photo) -> Box:
    """Around the item, in shares of the photo."""
    cells = foreground_cells(photo) > ON_ITEM
    rows, columns = np.flatnonzero(cells.any(axis=1)), np.flatnonzero(cells.any(axis=0))
    left, top, right, bottom = photo.content
    step = photo.pixels.shape[0] / SIDE
    if not len(rows):
        return (0.0, 0.0, 1.0, 1.0)
    across = [(step * end - left) / (right - left) for end in (columns[0], columns[-1] + 1)]
    down = [(step * end - top) / (bottom - top) for end in (rows[0], rows[-1] + 1)]
    return (across[0], down[0], across[1], down[1])


def same_place(spot: Spot, first: Box, second: Box) -> Spot:
    """The place of the second box that the spot has in the first."""
    shares = [(spot[axis] - first[axis]) / (first[axis + 2] - first[axis]) for axis in (0, 1)]
    x, y = (second[axis] + shares[axis] * (second[axis + 2] - second[axis]) for axis in (0, 1))
    return x, y


def is_right(told: Spot, true: Spot | None, box: Box, ratio: float) -> bool:
    """Within a tenth of the item's longer side; ``ratio`` is the photo's width over its height."""
    if true is None:
        return False
    longer = max((box[2] - box[0]) * ratio, box[3] - box[1])
    return float(np.hypot((told[0] - true[0]) * ratio, told[1] - true[1])) <= NEAR * longer


def judged(
    model: Embedder, first: bytes, second: bytes, truth: Truth, rng: np.random.Generator
) -> list[dict[str, float]]:
    """For each place that is told of: whether each way of choosing its partner is right."""
    one, other = (read_photo(photo, size_px=model.card.size_px) for photo in (first, second))
    boxes = item_box(one), item_box(other)
    ratio = (other.content[2] - other.content[0]) / (other.content[3] - other.content[1])
    found = []
    for place in explainer_of(model).agreement(one, other).places:
        true = truth(place.first)
        x, y = rng.uniform(boxes[1][:2], boxes[1][2:])
        ways = {
            "joined by Why?": place.second,
            "the same place of the item's box": same_place(place.first, *boxes),
            "anywhere in the item's box": (float(x), float(y)),
        }
        found.append(
            {way: float(is_right(told, true, boxes[1], ratio)) for way, told in ways.items()}
            | {"to be seen": float(true is not None)}
        )
    return found


def turns(model: Embedder, items: int) -> Iterator[tuple[str, Found]]:
    rng = np.random.default_rng(0)
    kept: dict[str, Found] = {
        f"{who}, turned by {turn}°": {} for who in ("itself", "sibling") for turn in TURNS
    }
    for number in range(0, items * FAMILY_SIZE, FAMILY_SIZE):
        first = Posed(design(number, seed=HELD_OUT), START, 31)
        for who, other in (("itself", number), ("sibling", number + 1)):
            shown = design(other, seed=HELD_OUT)
            for turn in TURNS:
                second = Posed(shown, START + turn, 32)
                told = judged(model, first.photo, second.photo, turned(first, second), rng)
                kept[f"{who}, turned by {turn}°"][number] = told
    yield from kept.items()


def warps(model: Embedder, items: int, data: Path) -> Iterator[tuple[str, Found]]:
    rng = np.random.default_rng(0)
    for name in ("luma", "turntable"):
        catalogue = (
            read_catalogue(data / name / "images.csv") if name == "turntable" else read_catalogue(data / name)
        )
        chosen = np.random.default_rng(0).permutation(len(catalogue.items))[:items]
        kept: dict[str, Found] = defaultdict(dict)
        for number in chosen:
            source = catalogue.items[number].views[0].source
            image = open_image(source, long_side_px=LONG_SIDE).convert("RGB")
            for title, (warped, truth) in warped_ones(image).items():
                kept[title][int(number)] = judged(model, as_png(image), as_png(warped), truth, rng)
        for title, found in kept.items():
            yield f"{name}, {title}", found


def warped_ones(image: Image.Image) -> dict[str, tuple[Image.Image, Truth]]:
    """The photo mirrored, cropped and turned, each with where a place of it went."""
    width, height = image.size
    left, top, share = 0.05, 0.15, 0.8
    box = (
        round(left * width),
        round(top * height),
        round((left + share) * width),
        round((top + share) * height),
    )
    angle = np.radians(15)

    def cropped(spot: Spot) -> Spot | None:
        x, y = (spot[0] * width - box[0]) / (box[2] - box[0]), (spot[1] * height - box[1]) / (box[3] - box[1])
        return (x, y) if 0 <= x <= 1 and 0 <= y <= 1 else None

    def rotated(spot: Spot) -> Spot | None:
        x, y = (spot[0] - 0.5) * width, (spot[1] - 0.5) * height
        moved = (
            (x * np.cos(angle) + y * np.sin(angle)) / width + 0.5,
            (y * np.cos(angle) - x * np.sin(angle)) / height + 0.5,
        )
        return moved if all(0 <= value <= 1 for value in moved) else None

    return {
        "mirrored": (ImageOps.mirror(image), lambda spot: (1 - spot[0], spot[1])),
        "cropped to 80%": (image.crop(box), cropped),
        "turned by 15°": (
            image.rotate(15, Image.Resampling.BICUBIC, fillcolor=image.getpixel((1, 1))),
            rotated,
        ),
    }


def row_of(found: Found) -> dict[str, Any]:
    """Each figure with its interval over items, and how many places were told of."""
    items = np.array([item for item, places in found.items() for _ in places], np.int64)
    places = [place for told in found.values() for place in told]
    row: dict[str, Any] = {}
    for way in places[0]:
        interval = bootstrap(mean_of(np.array([place[way] for place in places])), items)
        row[way] = [interval.value, interval.low, interval.high]
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--model", default="default")
    parser.add_argument("--drawn", type=int, default=20, help="families of the drawn catalogue")
    parser.add_argument("--items", type=int, default=60, help="items of each real set")
    options = parser.parse_args()
    model = open_embedder(options.model, threads=1)
    table: Table = {}
    for title, found in chain(warps(model, options.items, options.data), turns(model, options.drawn)):
        table[f"{title} ({sum(map(len, found.values()))} places)"] = row_of(found)
        print(title, row_of(found), flush=True)
    facts = {
        "machine": describe(),
        "model": model.card.fingerprint,
        "drawn": options.drawn,
        "items": options.items,
        "table": table,
    }
    RESULTS.write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n")
    put_table(PAGE, "like places", table_of(table))


if __name__ == "__main__":
    main()
