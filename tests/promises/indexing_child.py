"""Indexes a folder of items and prints each id once it is safe on disk; made to be killed."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lookalike.catalogue.items import Catalogue, Item, View
from lookalike.catalogue.photos import Photo
from lookalike.embedding.card import Card
from lookalike.embedding.embedder import Embedder
from lookalike.retrieval import indexing
from lookalike.retrieval.store import Store


class SlowEmbedder(Embedder):
    """The corner pixels of a photo, at the speed of a small model."""

    @property
    def card(self) -> Card:
        return Card(name="slow", width=12, size_px=4, model_digest="slow")

    def _embed(self, photos: Sequence[Photo]) -> np.ndarray:
        time.sleep(0.002 * len(photos))
        return np.stack([photo.pixels[::3, ::3].reshape(-1) + np.float32(1) for photo in photos])


def tell(*words: str) -> None:
    sys.stdout.write(" ".join(words) + "\n")
    sys.stdout.flush()


def main() -> None:
    photos, folder = map(Path, sys.argv[1:])
    items = tuple(
        Item(each.name, tuple(View(path) for path in sorted(each.iterdir())))
        for each in sorted(photos.iterdir())
    )
    embedder = SlowEmbedder()
    indexing.ITEMS_PER_COMMIT = 4
    tell("ready")
    store = Store.open_or_create(folder, card=embedder.card)
    indexing.index_catalogue(
        Catalogue(items, source="photos"),
        store,
        embedder,
        progress=lambda step: tell(*step.items),
    )


if __name__ == "__main__":
    main()
