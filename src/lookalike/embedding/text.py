"""What a joint image-text model promises besides: texts in, unit vectors of the photos' space out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from lookalike.errors import EmbedderError

BATCH = 32


class TextEncoder(ABC):
    """Turns texts into unit vectors that may be compared with those of its embedder's photos."""

    @abstractmethod
    def _embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Raw vectors, shape (texts, width)."""

    @final
    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors, shape (texts, width), float32.

        Raises:
            EmbedderError: the model gave NaN, infinity or a zero vector.
        """
        vectors = np.asarray(self._embed(texts), np.float32)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not np.isfinite(lengths).all() or (lengths == 0).any():
            raise EmbedderError(
                "The model gave a text a vector that is zero or not finite.", hint="Check the model."
            )
        return np.asarray(vectors / lengths, np.float32)


class TorchText(TextEncoder):
    """A PyTorch text tower at work on the CPU.

    Args:
        tokens: from texts to what the tower takes.
        features: from that to vectors, a tensor (texts, width).
    """

    def __init__(self, tokens: Callable[[list[str]], Any], features: Callable[[Any], Any]) -> None:
        self._tokens, self._features = tokens, features

    def _embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        import torch

        batches = [list(texts[start : start + BATCH]) for start in range(0, len(texts), BATCH)]
        with torch.inference_mode():
            return np.concatenate([self._features(self._tokens(batch)).float().numpy() for batch in batches])
