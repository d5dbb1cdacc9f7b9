"""The figures after an epoch: loss and accuracy where classes are known, recall where items have views."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from lookalike.training.data import Lessons
from lookalike.training.feature_cache import BATCH, photos_of
from lookalike.training.heads import Learner

TOP = 5


def figures(learner: Learner, lessons: Lessons, *, features: Tensor | None = None) -> dict[str, float]:
    """What the validation rows say; empty where there are none, or they can say nothing.

    Args:
        learner: the weights.
        lessons: its validation rows are asked.
        features: of all rows, where the backbone was passed already.
    """
    rows = lessons.validation
    if not len(rows):
        return {}
    vectors, heads = _passed(learner.eval(), lessons, features)
    found = {}
    labels = (
        torch.from_numpy(lessons.labels[0, rows]) if len(lessons.labels) else torch.full((len(rows),), -1)
    )
    known = labels >= 0
    if learner.classifier is not None and bool(known.any()):
        with torch.no_grad():
            device = next(learner.parameters()).device
            scores = learner.classifier.logits(heads[known][:, : learner.widths[0]].to(device)).float().cpu()
            found["val_loss"] = float(learner.classifier(heads[known].to(device), labels[known].to(device)))
        best = scores.topk(min(TOP, scores.shape[1]), dim=1).indices == labels[known][:, None]
        found["accuracy"] = float(best[:, 0].float().mean())
        if scores.shape[1] > TOP:  # of five classes every answer is among the first five
            found["top5"] = float(best.any(dim=1).float().mean())
    recall = recall_at_1(functional.normalize(vectors).numpy(), lessons.items[rows])
    return found if recall is None else {**found, "recall": recall}


def headline(found: dict[str, float]) -> float:
    """What the best checkpoint has most of: accuracy, else recall, else as little training loss as can be."""
    return found.get("accuracy", found.get("recall", -found["train_loss"]))


def recall_at_1(vectors: NDArray[np.float32], items: NDArray[np.int64]) -> float | None:
    """Share of views whose nearest other view is of the same item, of items with several; None without any.

    >>> recall_at_1(np.eye(3, dtype=np.float32)[[0, 0, 1]], np.array([7, 7, 8]))
    1.0
    """
    asked = np.bincount(items)[items] > 1
    if not asked.any():
        return None
    alike = vectors[asked] @ vectors.T
    alike[np.arange(len(alike)), np.flatnonzero(asked)] = -np.inf
    return float((items[alike.argmax(axis=1)] == items[asked]).mean())


def _passed(learner: Learner, lessons: Lessons, features: Tensor | None) -> tuple[Tensor, Tensor]:
    """Exported vectors, and the head's outputs, of the validation rows."""
    vectors, heads = [], []
    device = next(learner.parameters()).device
    with torch.no_grad():
        for start in range(0, len(lessons.validation), BATCH):
            rows = lessons.validation[start : start + BATCH]
            if features is None:
                passed = learner.backbone(photos_of(lessons.pixels, rows).to(device))
            else:
                passed = features[rows].to(device)
            heads.append(learner.head(passed).float().cpu())
            vectors.append(learner.embed(passed, cached=True).float().cpu())
    return torch.cat(vectors), torch.cat(heads)
