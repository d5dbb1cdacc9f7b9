"""What several tests share: where the real photos are, and small photos drawn on the spot."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real photos beside the checkout."""
    if not SHARED.is_dir():
        pytest.skip(f"SKIPPED FOR WANT OF REAL PHOTOS: {SHARED} is absent")
    return SHARED


def drawn_photo(seed: int = 0, *, size: tuple[int, int] = (96, 80)) -> Image.Image:
    """A small RGB picture with smooth colours and a shape in it, different for each seed."""
    rng = np.random.default_rng(seed)
    width, height = size
    y, x = np.mgrid[0:height, 0:width]
    pixels = np.full((height, width, 3), 255.0)
    centre = rng.uniform(0.35, 0.65, 2) * (height, width)
    radii = rng.uniform(0.2, 0.4, 2) * (height, width)
    inside = ((y - centre[0]) / radii[0]) ** 2 + ((x - centre[1]) / radii[1]) ** 2 < 1
    colour, slope = rng.uniform(20, 220, 3), rng.uniform(-60, 60, 3)
    pixels[inside] = colour + slope * (x / width)[inside][:, None]
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    """The picture as the bytes of a file."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.fixture
def item_folder(tmp_path: Path) -> Path:
    """A catalogue on disk: six items in two categories, three drawn views each."""
    for item in range(6):
        folder = tmp_path / "catalogue" / ("cups" if item < 3 else "hats") / f"item-{item}"
        folder.mkdir(parents=True)
        for view, role in enumerate(("front", "back", "side")):
            picture = drawn_photo(item, size=(96 + 8 * view, 80))
            picture.save(folder / f"{view}_{role}.png")
    return tmp_path / "catalogue"
