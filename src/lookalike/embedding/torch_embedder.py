"""A PyTorch network as an embedder, and the weight files that it may be given."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookalike.catalogue.photos import Photo
from lookalike.embedding.card import Card
from lookalike.embedding.embedder import Embedder
from lookalike.embedding.text import TextEncoder
from lookalike.errors import ModelFileError

BATCH = 8
"""Photos in one forward pass: on a CPU small batches stay in the cache."""

UNTRAINED_SEED = 0


class TorchEmbedder(Embedder):
    """A PyTorch network at work on the CPU, in float32."""

    def __init__(
        self, card: Card, features: Callable[[Any], Any], *, text: TextEncoder | None = None
    ) -> None:
        """Take over a network in evaluation mode.

        Args:
            card: the network's papers.
            features: from normalised pixels (n, 3, size, size) to vectors (n, width), both tensors.
            text: the network's text tower, where it has one.
        """
        self._card, self._features, self._text = card, features, text

    @property
    def text(self) -> TextEncoder | None:
        """The text tower, where the network has one."""
        return self._text

    @property
    def card(self) -> Card:
        """The model's papers."""
        return self._card

    def _embed(self, photos: Sequence[Photo]) -> NDArray[np.float32]:
        import torch

        mean = torch.tensor(self._card.mean).view(3, 1, 1)
        scale = torch.tensor(self._card.scale).view(3, 1, 1)
        vectors = []
        with torch.inference_mode():
            for start in range(0, len(photos), BATCH):
                pixels = np.stack([photo.pixels for photo in photos[start : start + BATCH]])
                batch = torch.from_numpy(pixels).permute(0, 3, 1, 2).float()
                vectors.append(self._features((batch - mean) / scale).float().numpy())
        return np.concatenate(vectors)


def network_digest(network: Any) -> str:
    """SHA-256 over the names, shapes and values of all weights and buffers."""
    hashed = hashlib.sha256()
    for name, tensor in sorted(network.state_dict().items()):
        hashed.update(f"{name} {tuple(tensor.shape)} {tensor.dtype}\n".encode())
        hashed.update(tensor.detach().contiguous().float().numpy().tobytes())
    return hashed.hexdigest()


def read_weights(path: Path) -> dict[str, Any]:
    """The tensors of a safetensors file; nothing else is read, pickles least of all.

    Raises:
        ModelFileError: the file is missing, damaged, or of another kind.
    """
    require_safetensors(path)
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        weights: dict[str, Any] = load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        raise ModelFileError(
            f"{path} is not a whole safetensors file ({error}).", hint="Fetch it again."
        ) from error
    return weights


def require_safetensors(path: Path) -> None:
    """Refuse weight files that are missing or of another kind.

    Raises:
        ModelFileError: it is one of those.
    """
    if path.suffix != ".safetensors":
        raise ModelFileError(
            f"{path} is not a .safetensors file; other kinds can run code when they are opened.",
            hint="Convert the weights with safetensors.torch.save_file.",
        )
    if not path.is_file():
        raise ModelFileError(f"There are no weights at {path}.", hint="Check the path.")


def fit_weights(network: Any, weights: dict[str, Any], *, where: str, head: tuple[str, ...] = ()) -> None:
    """Load weights into a network; only a classifier's head, by its prefixes, may be left over.

    Raises:
        ModelFileError: names or shapes differ.
    """
    kept = {name: value for name, value in weights.items() if not name.startswith(head)} if head else weights
    try:
        network.load_state_dict(kept)
    except RuntimeError as error:
        raise ModelFileError(
            f"{where} holds the weights of another network.",
            hint="Name the architecture that they belong to.",
        ) from error
