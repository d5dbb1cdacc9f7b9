"""The table of losses: what a batch of vectors and labels is taught by.

Those of metric learning are pytorch-metric-learning's; each stands behind one interface.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from lookalike.errors import TrainingError
from lookalike.training.recipe import Loss as Settings

EPSILON = 1e-7


class Loss(nn.Module, ABC):
    """From vectors, shape (n, width), and labels, shape (n,), to one number."""

    classifies = False
    """Whether ``logits`` answers, so that accuracy can be measured."""

    @abstractmethod
    def forward(self, vectors: Tensor, labels: Tensor) -> Tensor:
        """The loss of a batch, a scalar that can be differentiated."""

    def logits(self, vectors: Tensor) -> Tensor:
        """A score for each class, shape (n, classes).

        Raises:
            TrainingError: this loss does not classify.
        """
        raise TrainingError(
            f"{type(self).__name__} of vectors {tuple(vectors.shape)} gives no classes.",
            hint="Measure recall instead.",
        )


class CrossEntropy(Loss):
    """Softmax cross-entropy over a linear layer; labels are class numbers ("sparse")."""

    classifies = True

    def __init__(self, width: int, classes: int) -> None:
        super().__init__()
        self.layer = nn.Linear(width, classes)

    def logits(self, vectors: Tensor) -> Tensor:
        """Scores of the linear layer."""
        scores: Tensor = self.layer(vectors)
        return scores

    def forward(self, vectors: Tensor, labels: Tensor) -> Tensor:
        """Mean of -log p of the right class."""
        return functional.cross_entropy(self.logits(vectors), labels)


class GeneralisedCrossEntropy(CrossEntropy):
    """(1 - p^q) / q: forgiving of wrong labels (Zhang & Sabuncu, arXiv 1805.07836, equation 6)."""

    def __init__(self, width: int, classes: int, *, q: float) -> None:
        super().__init__(width, classes)
        if not 0 < q <= 1:
            raise TrainingError(f"loss.q is {q}; it must lie above 0, at most 1.", hint="Try 0.7.")
        self.q = q

    def forward(self, vectors: Tensor, labels: Tensor) -> Tensor:
        """Mean over the batch."""
        right = self.logits(vectors).softmax(dim=1).gather(1, labels[:, None])[:, 0]
        return ((1 - right.clamp_min(EPSILON) ** self.q) / self.q).mean()


class Metric(Loss):
    """A loss of pytorch-metric-learning, with a miner, and a memory of earlier batches, where asked for.

    The memory is that of Wang et al., "Cross-Batch Memory for Embedding Learning" (arXiv 1912.06798,
    algorithm 1): the loss of the batch in itself, and that of the batch against the memory.
    """

    def __init__(self, inner: Any, *, miner: Any = None, width: int = 0, memory: int = 0) -> None:
        super().__init__()
        self.inner, self.miner, self.memory = inner, miner, memory
        if memory:
            self.register_buffer("vectors", torch.zeros(memory, width))
            self.register_buffer("labels", torch.full((memory,), -1))
            self.register_buffer("written", torch.zeros((), dtype=torch.long))

    def forward(self, vectors: Tensor, labels: Tensor) -> Tensor:
        """The loss in the batch, and against the memory."""
        pairs = None if self.miner is None else self.miner(vectors, labels)
        loss: Tensor = self.inner(vectors, labels, pairs)
        if self.memory and self.training:
            known = self.labels >= 0
            if bool(known.any()):
                earlier, theirs = self.vectors[known].clone(), self.labels[known].clone()
                mined = None if self.miner is None else self.miner(vectors, labels, earlier, theirs)
                loss = loss + self.inner(vectors, labels, mined, earlier, theirs)
            self._remember(vectors.detach().float(), labels)
        return loss

    def _remember(self, vectors: Tensor, labels: Tensor) -> None:
        places = (int(self.written) + torch.arange(len(labels), device=labels.device)) % self.memory
        self.vectors[places], self.labels[places] = vectors, labels
        self.written += len(labels)


class Proxies(Metric):
    """A metric loss with learned vectors of classes, which also classify."""

    classifies = True

    def logits(self, vectors: Tensor) -> Tensor:
        """Cosines with each class's vector; the best of its centres where it has several."""
        if hasattr(self.inner, "get_logits"):
            scores: Tensor = self.inner.get_logits(vectors)
            return scores
        return functional.normalize(vectors) @ functional.normalize(self.inner.proxies).T


def koleo(vectors: Tensor) -> Tensor:
    """Spread a batch evenly: minus the mean log distance to the nearest other vector.

    El-Nouby et al., "Training Vision Transformers for Image Retrieval" (arXiv 2102.05644, equation 3).
    """
    units = functional.normalize(vectors.float())
    alike = units @ units.T
    alike = alike - 3 * torch.eye(len(units), device=units.device)
    nearest = units[alike.argmax(dim=1)]
    return -((units - nearest).norm(dim=1) + 1e-6).log().mean()


def distillation(vectors: Tensor, teacher: Tensor) -> Tensor:
    """Agree with a teacher on who is like whom: mean squared difference of the two cosine matrices.

    The "similarity-preserving" kind (Tung & Mori, arXiv 1907.09682), for teachers of any width.
    """
    ours, theirs = functional.normalize(vectors.float()), functional.normalize(teacher.float())
    return functional.mse_loss(ours @ ours.T, theirs @ theirs.T)


Factory = Callable[[Settings, int, int], Loss]
"""From settings, width of the vectors and number of classes to a loss."""


def _metric(settings: Settings, inner: Any, width: int) -> Metric:
    return Metric(inner, miner=_miner(settings), width=width, memory=settings.memory)


def _miner(settings: Settings) -> Any:
    from pytorch_metric_learning import miners

    if settings.miner == "multi-similarity":
        return miners.MultiSimilarityMiner(epsilon=0.1)
    return miners.BatchHardMiner() if settings.miner == "hard" else None


def _ntxent(settings: Settings, width: int, classes: int) -> Loss:  # noqa: ARG001
    from pytorch_metric_learning.losses import NTXentLoss

    return _metric(settings, NTXentLoss(temperature=settings.temperature), width)


def _supcon(settings: Settings, width: int, classes: int) -> Loss:  # noqa: ARG001
    from pytorch_metric_learning.losses import SupConLoss

    return _metric(settings, SupConLoss(temperature=settings.temperature), width)


def _triplet(settings: Settings, width: int, classes: int) -> Loss:  # noqa: ARG001
    from pytorch_metric_learning.losses import TripletMarginLoss

    return _metric(settings, TripletMarginLoss(margin=settings.margin), width)


def _multi_similarity(settings: Settings, width: int, classes: int) -> Loss:  # noqa: ARG001
    from pytorch_metric_learning.losses import MultiSimilarityLoss

    return _metric(settings, MultiSimilarityLoss(alpha=2, beta=50, base=0.5), width)


def _proxy_anchor(settings: Settings, width: int, classes: int) -> Loss:
    from pytorch_metric_learning.losses import ProxyAnchorLoss

    return Proxies(ProxyAnchorLoss(classes, width, margin=settings.margin, alpha=settings.scale))


def _arcface(settings: Settings, width: int, classes: int) -> Loss:
    from pytorch_metric_learning import losses

    if settings.sub_centres > 1:
        inner = losses.SubCenterArcFaceLoss(
            num_classes=classes,
            embedding_size=width,
            margin=settings.margin,
            scale=settings.scale,
            sub_centers=settings.sub_centres,
        )
    else:
        inner = losses.ArcFaceLoss(classes, width, margin=settings.margin, scale=settings.scale)
    return Proxies(inner)


class Unlabelled(Loss):
    """No lesson from labels: for runs that only follow a teacher."""

    def forward(self, vectors: Tensor, labels: Tensor) -> Tensor:  # noqa: ARG002
        """Nothing, differentiably."""
        return 0.0 * vectors.sum()


LOSSES: dict[str, Factory] = {
    "cross-entropy": lambda _, width, classes: CrossEntropy(width, classes),
    "generalised-cross-entropy": lambda s, width, classes: GeneralisedCrossEntropy(width, classes, q=s.q),
    "nt-xent": _ntxent,
    "supcon": _supcon,
    "triplet": _triplet,
    "multi-similarity": _multi_similarity,
    "proxy-anchor": _proxy_anchor,
    "arcface": _arcface,
    "none": lambda *_: Unlabelled(),
}
"""Open to additions: a name, and what makes the loss.

NT-Xent: arXiv 2002.05709. SupCon: 2004.11362. Triplet: 1503.03832 (VisNet: 1703.02344).
Multi-Similarity: 1904.06627. Proxy-Anchor: 2003.13911. ArcFace: 1801.07698; with sub-centres: Deng et
al., ECCV 2020.
"""


def check_loss(settings: Settings) -> None:
    """Refuse the name of a loss that does not exist.

    Raises:
        TrainingError: naming those that do.
    """
    if settings.name not in LOSSES:
        raise TrainingError(
            f"There is no loss {settings.name!r}.", hint=f"Choose one of: {', '.join(LOSSES)}."
        )


def make_loss(settings: Settings, *, width: int, classes: int) -> Loss:
    """The loss of that name.

    Raises:
        TrainingError: there is none.
    """
    check_loss(settings)
    return LOSSES[settings.name](settings, width, classes)
