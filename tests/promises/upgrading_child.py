"""Upgrades a store, switches and goes back, again and again, and prints each step; made to be killed."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lookalike.catalogue.photos import Photo
from lookalike.embedding import zoo
from lookalike.embedding.card import Card
from lookalike.embedding.embedder import Embedder
from lookalike.retrieval import indexing
from lookalike.retrieval.upgrade import following
from lookalike.retrieval.upgrade.upgrading import Upgrade


class Corner(Embedder):
    """The corner pixels of a photo, or those of its opposite corner: two models of one width."""

    def __init__(self, name: str) -> None:
        self._name, self._step = name, 1 if name == "near" else -1

    @property
    def card(self) -> Card:
        return Card(name=self._name, width=12, size_px=4, model_digest=self._name)

    def _embed(self, photos: Sequence[Photo]) -> np.ndarray:
        time.sleep(0.001 * len(photos))
        return np.stack([_corner(photo, self._step) for photo in photos])


def _corner(photo: Photo, step: int) -> np.ndarray:
    return photo.pixels[::3, ::3].reshape(-1)[::step] + np.float32(1)


def opened(name: str, **_: object) -> Embedder:
    return Corner(name)


def tell(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def main() -> None:
    zoo.open_embedder = opened  # type: ignore[assignment]
    following.ITEMS_PER_COMMIT = indexing.ITEMS_PER_COMMIT = 4
    upgrade = Upgrade(Path(sys.argv[1]))
    tell("ready")
    while True:
        state = upgrade.state()
        other = "far" if state.serving.model == "near" else "near"
        upgrade.start(Corner(other), other)
        tell(f"filled {other}")
        upgrade.switch()
        tell(f"answers {other}")
        upgrade.drop()
        tell(f"dropped {other}")


if __name__ == "__main__":
    main()
