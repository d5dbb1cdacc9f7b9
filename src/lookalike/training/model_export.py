"""From a trained network to a model folder: one ONNX file that takes photos as they are, and its card."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from lookalike.catalogue.photos import Photo
from lookalike.embedding.card import Card
from lookalike.embedding.model_folder import write_model
from lookalike.embedding.quiet import load_onnxruntime
from lookalike.embedding.zoo import open_embedder
from lookalike.errors import TrainingError
from lookalike.training.heads import Learner
from lookalike.training.model_backbone import ModelFeatures, joined_with_head
from lookalike.training.onnx_file import INPUT, OUTPUT, to_onnx

CLOSE = 1e-3
"""Largest difference of a coordinate between the file's unit vectors and PyTorch's."""


class Deployed(nn.Module):
    """A learner as it is used: uint8 photos, shape (n, size, size, 3), to unit vectors."""

    def __init__(self, learner: Learner) -> None:
        super().__init__()
        self.backbone = learner.backbone
        self.head = nn.Identity() if learner.of_backbone else learner.head

    def forward(self, photos: Tensor) -> Tensor:
        """Unit vectors, shape (n, width)."""
        pixels = photos.float().permute(0, 3, 1, 2)
        return functional.normalize(self.head(self.backbone(pixels)))


def write_model_folder(learner: Learner, card: Card, folder: Path) -> Card:
    """Export, check that the file gives PyTorch's vectors, and write.

    Returns:
        The card as written, with the digest of the model.

    Raises:
        TrainingError: the file gives other vectors than the network.
        ModelFileError: the card claims impossible things.
    """
    if isinstance(learner.backbone.network, ModelFeatures):
        return _write_joined(learner, learner.backbone.network, card, folder)
    model = Deployed(learner)
    content = to_onnx(model, size_px=card.size_px)
    _check_close(export_difference(model, content, size_px=card.size_px))
    return write_model(folder, card, content)


def _write_joined(learner: Learner, features: ModelFeatures, card: Card, folder: Path) -> Card:
    """The folder of a head on a finished model, whose pixels enter as that model wants them."""
    model, base = Deployed(learner), features.embedder.card
    content = joined_with_head(features, model.head)
    card = write_model(folder, replace(card, mean=base.mean, scale=base.scale), content)
    photos = np.random.default_rng(0).integers(0, 256, (3, card.size_px, card.size_px, 3), np.uint8)
    with torch.no_grad():
        expected = model.eval()(torch.from_numpy(photos)).numpy()
    whole = (0, 0, card.size_px, card.size_px)
    found = open_embedder(folder).encode([Photo(each, whole, *whole[2:]) for each in photos])
    _check_close(float(np.abs(found - expected).max()))
    return card


def _check_close(difference: float) -> None:
    if not difference <= CLOSE:
        raise TrainingError(
            f"The exported model's vectors differ from the trained ones by {difference:.4f}.",
            hint="Export with another version of PyTorch, or choose another backbone.",
        )


def export_difference(model: nn.Module, content: bytes, *, size_px: int) -> float:
    """The largest difference of a coordinate, on photos of noise."""
    onnxruntime = load_onnxruntime()

    photos = np.random.default_rng(0).integers(0, 256, (3, size_px, size_px, 3), np.uint8)
    with torch.no_grad():
        expected: Tensor = model.eval()(torch.from_numpy(photos))
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    found = session.run([OUTPUT], {INPUT: photos})[0]
    return float(np.abs(found - expected.numpy()).max())
