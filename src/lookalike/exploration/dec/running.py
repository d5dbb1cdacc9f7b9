"""DEC and IDEC: pre-train an autoencoder, start at k-means, refine by the target distribution."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor
from torch.nn import functional

from lookalike.errors import ExplorationError
from lookalike.exploration.clusters import ClusterSettings, cluster
from lookalike.exploration.dec.network import (
    Autoencoder,
    divergence,
    soft_assignment,
    target_distribution,
)
from lookalike.exploration.dec.settings import DecSettings
from lookalike.exploration.features import Codes, Matrix, Points, checked

Progress = Callable[[int, int], None]
"""Called with epochs done and of all epochs."""


@dataclass(frozen=True, eq=False)
class Dec:
    """A trained DEC or IDEC.

    Args:
        settings: of the run.
        network: the autoencoder, in evaluation mode.
        centres: of the clusters, shape (clusters, code).
        shift, scale: the features are entered as (x - shift) / scale, shape (width,) and a number.
        stopped: why the refinement ended.
    """

    settings: DecSettings
    network: Autoencoder
    centres: Tensor
    shift: NDArray[np.float32]
    scale: float
    stopped: str

    def codes(self, features: ArrayLike) -> Matrix:
        """The autoencoder's codes of photos, new ones too, shape (photos, code).

        Raises:
            ExplorationError: the features are not finite, or of another width.
        """
        return encoded(self.network, self._entered(features)).numpy()

    def membership(self, features: ArrayLike) -> Points:
        """How far each photo belongs to each cluster, shape (photos, clusters), rows summing to one."""
        codes = encoded(self.network, self._entered(features))
        return soft_assignment(codes, self.centres).double().numpy()

    def predict(self, features: ArrayLike) -> Codes:
        """The cluster of each photo, new ones too, shape (photos,)."""
        return self.membership(features).argmax(axis=1)

    def _entered(self, features: ArrayLike) -> Tensor:
        matrix = checked(features)
        if matrix.shape[1] != len(self.shift):
            raise ExplorationError(
                f"These features have {matrix.shape[1]} columns, the clusters' have {len(self.shift)}.",
                hint="Use the embedder that made the clusters.",
            )
        return torch.from_numpy((matrix - self.shift) / np.float32(self.scale))


@dataclass(frozen=True, eq=False)
class DecRun:
    """A trained network beside the baselines that a comparison must have.

    Args:
        dec: the network.
        labels: its cluster of each photo.
        kmeans_raw: k-means on the features.
        kmeans_codes: k-means on the pre-trained autoencoder's codes, where the refinement started.
        history: share of labels that changed at each update.
    """

    dec: Dec
    labels: Codes
    kmeans_raw: Codes
    kmeans_codes: Codes
    history: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Pretrained:
    """An autoencoder where the refinement starts, so that DEC and IDEC can start from the same one.

    Args:
        network: the autoencoder; refining works on a copy.
        matrix: the features, shape (photos, width).
        shift, scale: by which they were centred and scaled.
        kmeans_raw: k-means on the features.
        kmeans_codes: k-means on the codes.
        random: state of the generator after pre-training.
    """

    network: Autoencoder
    matrix: NDArray[np.float32]
    shift: NDArray[np.float32]
    scale: float
    kmeans_raw: Codes
    kmeans_codes: Codes
    random: Tensor

    @property
    def entered(self) -> Tensor:
        """The features as the network takes them: centred, of unit mean square."""
        return torch.from_numpy((self.matrix - self.shift) / np.float32(self.scale))


def fit_dec(features: ArrayLike, settings: DecSettings, *, progress: Progress | None = None) -> DecRun:
    """Cluster photos by DEC or IDEC, with k-means on raw features and on the codes beside.

    Args:
        features: shape (photos, width): an embedder's vectors, or flattened pixels.
        settings: of the run.
        progress: told after every epoch.

    Raises:
        ExplorationError: fewer photos than clusters, all photos the same, or features that are not finite.
    """
    return refine(pretrain(features, settings, progress=progress), settings, progress=progress)


def pretrain(features: ArrayLike, settings: DecSettings, *, progress: Progress | None = None) -> Pretrained:
    """The autoencoder and the k-means beside it.

    Args:
        features, settings, progress: as in ``fit_dec``; the weight of the reconstruction plays no part.

    Raises:
        ExplorationError: as ``fit_dec``.
    """
    matrix = checked(
        features, fewest=settings.clusters, what=f"{settings.name} with {settings.clusters} clusters"
    )
    shift, scale = matrix.mean(axis=0), float(matrix.std(axis=0).max())
    if scale < 1e-9 or len(np.unique(matrix, axis=0)) < settings.clusters:
        raise ExplorationError(
            "There are fewer different photos than clusters.", hint="Ask for fewer clusters."
        )
    scale = float(np.sqrt(((matrix - shift) ** 2).mean()))  # inputs of unit mean square, as in the paper
    entered = torch.from_numpy((matrix - shift) / np.float32(scale))
    generator = torch.Generator().manual_seed(settings.seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        network = Autoencoder(matrix.shape[1], settings)
        _pretrain(network, entered, settings, generator, progress)
        start = _kmeans(encoded(network, entered).numpy(), settings)
    raw = _kmeans(matrix, settings)
    return Pretrained(network, matrix, shift, scale, raw, start, generator.get_state())


def refine(start: Pretrained, settings: DecSettings, *, progress: Progress | None = None) -> DecRun:
    """DEC or IDEC from a pre-trained autoencoder, which stays as it is.

    Args:
        start: pre-trained with the same settings, the weight of the reconstruction apart.
        settings: of the run.
        progress: told after every epoch.
    """
    entered, network = start.entered, deepcopy(start.network)
    codes = encoded(network, entered)
    members = [torch.from_numpy(start.kmeans_codes == code) for code in range(settings.clusters)]
    centres = torch.stack([codes[those].mean(0) for those in members])
    generator = torch.Generator()
    generator.set_state(start.random)
    network, centres, history, stopped = _refine(network, entered, centres, settings, generator, progress)
    dec = Dec(settings, network.eval(), centres, start.shift, start.scale, stopped)
    return DecRun(dec, dec.predict(start.matrix), start.kmeans_raw, start.kmeans_codes, tuple(history))


def encoded(network: Autoencoder, entered: Tensor) -> Tensor:
    """The codes of all rows, some thousand at a time."""
    network.eval()
    with torch.inference_mode():
        return torch.cat([network.encoder(part) for part in entered.split(4096)]).clone()


def _pretrain(
    network: Autoencoder,
    entered: Tensor,
    settings: DecSettings,
    generator: torch.Generator,
    progress: Progress | None,
) -> None:
    """A denoising autoencoder, whole at once (layer by layer brings nothing with ReLU and Adam)."""
    optimiser = torch.optim.Adam(network.parameters(), lr=settings.learning_rate)
    total = settings.pretrain_epochs + settings.refine_epochs
    for epoch in range(settings.pretrain_epochs):
        network.train()
        for rows in torch.randperm(len(entered), generator=generator).split(settings.batch):
            whole = entered[rows]
            kept = torch.rand(whole.shape, generator=generator) >= settings.corruption
            loss = functional.mse_loss(network(whole * kept), whole)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        if progress is not None:
            progress(epoch + 1, total)


def _refine(
    network: Autoencoder,
    entered: Tensor,
    centres: Tensor,
    settings: DecSettings,
    generator: torch.Generator,
    progress: Progress | None,
) -> tuple[Autoencoder, Tensor, list[float], str]:
    """Xie et al., 3.1: minimise KL(P || Q) until few labels change; a collapse keeps the last sound state."""
    centres = centres.clone().requires_grad_()
    optimiser = torch.optim.Adam([*network.parameters(), centres], lr=settings.learning_rate / 10)
    target, labels = _aimed(network, entered, centres)
    sound = (deepcopy(network), centres.detach().clone())
    history: list[float] = []
    step, total = 0, settings.pretrain_epochs + settings.refine_epochs
    for epoch in range(settings.refine_epochs):
        for rows in torch.randperm(len(entered), generator=generator).split(settings.batch):
            if step and step % settings.update_every == 0:
                target, now = _aimed(network, entered, centres)
                history.append(float((now != labels).float().mean()))
                labels = now
                if _collapsed(labels, settings):
                    return *sound, history, "a cluster was about to vanish: the last sound state was kept"
                sound = (deepcopy(network), centres.detach().clone())
                if history[-1] < settings.stop_below:
                    return *sound, history, f"fewer than {settings.stop_below:.1%} of the labels changed"
            _step(network, entered[rows], centres, target[rows], settings.reconstruction, optimiser)
            step += 1
        if progress is not None:
            progress(settings.pretrain_epochs + epoch + 1, total)
    _, labels = _aimed(network, entered, centres)
    if _collapsed(labels, settings):
        return *sound, history, "a cluster was about to vanish: the last sound state was kept"
    return network, centres.detach(), history, f"all {settings.refine_epochs} epochs were used"


def _step(
    network: Autoencoder,
    features: Tensor,
    centres: Tensor,
    target: Tensor,
    reconstruction: float,
    optimiser: torch.optim.Optimizer,
) -> None:
    network.train()
    codes = network.encoder(features)
    loss = divergence(target, soft_assignment(codes, centres))
    if reconstruction:
        loss = loss + reconstruction * functional.mse_loss(network.decoder(codes), features)
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()


def _aimed(network: Autoencoder, entered: Tensor, centres: Tensor) -> tuple[Tensor, Tensor]:
    """The target distribution of all photos, and their present labels."""
    assignment = soft_assignment(encoded(network, entered), centres.detach())
    return target_distribution(assignment), assignment.argmax(dim=1)


def _collapsed(labels: Tensor, settings: DecSettings) -> bool:
    """Whether a cluster holds almost nothing, where there are photos enough for all."""
    counts = torch.bincount(labels, minlength=settings.clusters)
    return bool(counts.min() < max(1.0, settings.collapse_share * len(labels) / settings.clusters))


def _kmeans(matrix: NDArray[np.float32], settings: DecSettings) -> Codes:
    wanted = ClusterSettings("kmeans", k=settings.clusters, seed=settings.seed, starts=10)
    return cluster(matrix, wanted).labels
