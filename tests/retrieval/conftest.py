"""An embedder without a model, catalogues of drawn photos, and stores of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from lookalike.catalogue.items import Catalogue, Item, View
from lookalike.catalogue.photos import Photo
from lookalike.embedding.card import Block, Card
from lookalike.embedding.embedder import Embedder
from lookalike.retrieval.store import Store

SIZE_PX = 16


class TinyEmbedder(Embedder):
    """Mean colour and coarse layout of a photo, as two unit blocks; counts the photos it saw."""

    def __init__(self, name: str = "tiny", *, blocks: bool = True) -> None:
        self.seen = 0
        self._blocks = blocks
        parts = (Block("colour", 0, 4, 0.6), Block("shape", 4, 20, 0.8)) if blocks else ()
        self._card = Card(name=name, width=20, size_px=SIZE_PX, model_digest=name, blocks=parts)

    @property
    def card(self) -> Card:
        return self._card

    def _embed(self, photos: Sequence[Photo]) -> NDArray[np.float32]:
        self.seen += len(photos)
        pixels = np.stack([photo.pixels for photo in photos]).astype(np.float64) / 255
        colour = np.concatenate([pixels.mean((1, 2)), np.full((len(photos), 1), 0.05)], axis=1)
        shape = pixels.mean(3).reshape(-1, 4, 4, 4, 4).mean((2, 4)).reshape(-1, 16) - 0.5 + 1e-3
        colour /= np.linalg.norm(colour, axis=1, keepdims=True)
        shape /= np.linalg.norm(shape, axis=1, keepdims=True)
        return np.concatenate([0.6 * colour, 0.8 * shape], axis=1).astype(np.float32)


@pytest.fixture
def embedder() -> TinyEmbedder:
    return TinyEmbedder()


@pytest.fixture
def other_embedder() -> TinyEmbedder:
    return TinyEmbedder("other", blocks=False)


def draw(path: Path, seed: int, *, size: int = 24) -> Path:
    """A photo of blocks in random colours."""
    path.parent.mkdir(parents=True, exist_ok=True)
    blocks = np.random.default_rng(seed).integers(0, 255, (4, 4, 3), dtype=np.uint8)
    Image.fromarray(blocks).resize((size, size), Image.Resampling.NEAREST).save(path)
    return path


@pytest.fixture
def photo(tmp_path: Path) -> Callable[[str, int], Path]:
    """Draws a photo under a name, by seed."""
    return lambda name, seed: draw(tmp_path / "photos" / name, seed)


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    """Five items, item i with i + 1 views; view v of item i is drawn by seed 10 i + v."""
    items = []
    for item in range(5):
        views = tuple(
            View(draw(tmp_path / "photos" / f"item-{item}" / f"{view}.png", 10 * item + view), role="front")
            for view in range(item + 1)
        )
        facts = {"category": "cup" if item < 3 else "hat", "price": 10.0 * item, "colour": "Red"}
        items.append(Item(f"item-{item}", views, facts))
    return Catalogue(tuple(items), source="photos")


@pytest.fixture
def store(tmp_path: Path, embedder: TinyEmbedder) -> Store:
    """An empty store for the tiny embedder."""
    return Store.create(tmp_path / "store", card=embedder.card)
