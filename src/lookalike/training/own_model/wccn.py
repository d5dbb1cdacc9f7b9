"""A head in closed form: directions in which views of one thing differ count less.

Within-class covariance normalisation (Hatch, Kajarekar and Stolcke, "Within-class covariance
normalization for SVM-based speaker recognition", 2006) after a projection on principal directions.
"""

from __future__ import annotations

import torch
from torch import Tensor

from lookalike.training.own_model.metric_head import Head


def normalised_within(features: Tensor, things: Tensor, *, width: int, shrinkage: float = 1.0) -> Head:
    """A head that whitens the differences between features of one thing.

    Args:
        features: shape (photos, inputs).
        things: what counts as the same thing, a number a photo; things seen once only shape the
            principal directions.
        width: of its vectors.
        shrinkage: identity added to the covariance, as a share of its mean variance.
    """
    mean = features.mean(0)
    rows = features - mean
    _, axes = torch.linalg.eigh(rows.T @ rows)
    principal = axes.flip(1)[:, :width]
    differences = _within(rows @ principal, things)
    covariance = differences.T @ differences / len(differences)
    covariance.diagonal().add_(shrinkage * covariance.diagonal().mean())
    variances, directions = torch.linalg.eigh(covariance)
    head = Head(features.shape[1], width)
    head.mean.copy_(mean)
    with torch.no_grad():
        head.project.weight.copy_((principal @ directions * variances.rsqrt()).T)
        head.project.bias.zero_()
    return head.eval()


def _within(rows: Tensor, things: Tensor) -> Tensor:
    """Each row less the mean of its thing, for things with several rows; each thing counts alike."""
    _, thing, count = torch.unique(things, return_inverse=True, return_counts=True)
    means = torch.zeros(len(count), rows.shape[1]).index_add_(0, thing, rows) / count[:, None]
    several = count[thing] > 1
    return (rows - means[thing])[several] / (count[thing][several] - 1).sqrt()[:, None]
