"""The networks below a head: timm's, with hub weights, a file or none; any model of ours; two small ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from lookalike.embedding.spec import EmbedderSpec
from lookalike.embedding.timm_models import timm_network
from lookalike.errors import TrainingError, WeightsMissing
from lookalike.training.model_backbone import AS_THEY_ARE, NAME, ModelFeatures
from lookalike.training.recipe import Backbone as Settings


class Backbone(nn.Module):
    """From photos, 0..255, shape (n, 3, size, size), to features, shape (n, width)."""

    mean: Tensor
    scale: Tensor

    def __init__(
        self, network: nn.Module, settings: Settings, *, facts: dict[str, Any], size_px: int
    ) -> None:
        """Take over a network.

        Args:
            network: its features are ``network(pixels)``, or ``network.forward_features(pixels)`` for maps.
            settings: how to pool, and whether to leave the weights alone.
            facts: ``mean`` and ``std`` of the pixels that it expects, on the scale 0..1.
            size_px: side of the photos.
        """
        super().__init__()
        self.network, self.pool, self.frozen = network, settings.pool, settings.frozen
        self.register_buffer("mean", 255 * torch.tensor(facts["mean"]).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("scale", 255 * torch.tensor(facts["std"]).view(1, 3, 1, 1), persistent=False)
        if self.frozen:
            self.requires_grad_(requires_grad=False)
        self.eval()
        with torch.no_grad():
            self.width = int(self(torch.zeros(1, 3, size_px, size_px)).shape[1])

    def forward(self, photos: Tensor) -> Tensor:
        """Features of photos."""
        pixels = (photos - self.mean) / self.scale
        if self.pool == "model":
            return self.network(pixels)
        maps: Tensor = self.network.forward_features(pixels)
        if self.pool == "flatten":
            return maps.flatten(1)
        return maps.mean(dim=(2, 3)) if maps.ndim == 4 else maps.mean(dim=1)

    def train(self, mode: bool = True) -> Backbone:
        """A frozen backbone stays in evaluation mode, its running means too."""
        super().train(mode and not self.frozen)
        return self


class Dense(nn.Module):
    """Pixels as they are: the study's "CNN" is dense layers on a flattened photo."""

    def forward(self, pixels: Tensor) -> Tensor:
        """Pixels in a row."""
        return pixels.flatten(1)


class SmallCnn(nn.Module):
    """Three convolutions with pooling, then the mean: a convolutional network as small as can be."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for before, after in ((3, 32), (32, 64), (64, 128)):
            layers += [
                nn.Conv2d(before, after, 3, padding=1),
                nn.BatchNorm2d(after),
                nn.ReLU(),
                nn.MaxPool2d(2),
            ]
        self.layers = nn.Sequential(*layers)

    def forward(self, pixels: Tensor) -> Tensor:
        """Means of the last maps."""
        return self.forward_features(pixels).mean(dim=(2, 3))

    def forward_features(self, pixels: Tensor) -> Tensor:
        """The last maps."""
        maps: Tensor = self.layers(pixels)
        return maps


OWN = {"dense": Dense, "small-cnn": SmallCnn}
CENTRED = {"mean": (0.5, 0.5, 0.5), "std": (0.5, 0.5, 0.5)}


def make_backbone(settings: Settings, *, size_px: int, seed: int) -> Backbone:
    """The backbone that a recipe asks for.

    Raises:
        MissingExtra: PyTorch or timm is not installed.
        EmbedderError: no such network, or its weights are not to be had (hub unreachable).
        ModelFileError: a weight file is damaged, unsafe or of another network.
        TrainingError: weights of one of our own small networks.
    """
    if settings.name in OWN:
        if settings.weights not in ("none", "hub"):
            raise TrainingError(
                f"{settings.name} is always trained from nothing.", hint="Set backbone.weights=none."
            )
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return Backbone(OWN[settings.name](), settings, facts=CENTRED, size_px=size_px)
    if settings.name == NAME:
        features = ModelFeatures(settings.weights, size_px=size_px)
        return Backbone(features, settings, facts=AS_THEY_ARE, size_px=size_px)
    given = {} if settings.weights == "hub" else {"weights": settings.weights}
    # Only transformers are built for one size; timm_network leaves the size out for the others.
    spec = EmbedderSpec("timm", settings.name, {**given, "size": str(size_px)})
    try:
        network = timm_network(spec, seed=seed)
    except WeightsMissing as error:
        raise WeightsMissing(
            error.message,
            hint="Connect and try again, or set backbone.weights to a .safetensors file, or to none.",
        ) from error
    if settings.pool != "model" and hasattr(network, "pre_logits"):
        network.pre_logits = nn.Identity()  # VGG's dense layers, which the pooling asked for passes by
    from timm.data import resolve_model_data_config

    return Backbone(network, settings, facts=resolve_model_data_config(network), size_px=size_px)


@dataclass(frozen=True, slots=True)
class Layer:
    """A line of the layer table: where it is, what it is, what comes out, how many weights it has."""

    name: str
    kind: str
    shape: tuple[int, ...]
    parameters: int


def layer_table(name: str, *, size_px: int = 224) -> list[Layer]:
    """The layers of a network in the order in which a photo passes them, without any weights being fetched.

    Args:
        name: of timm's, or one of ours.
        size_px: side of the photo.

    Raises:
        EmbedderError: no such network.
    """
    backbone = make_backbone(Settings(name=name, weights="none"), size_px=size_px, seed=0)
    found: list[Layer] = []
    for path, module in backbone.network.named_modules():
        if not list(module.children()):
            module.register_forward_hook(_noting(path or name, found))
    with torch.no_grad():
        backbone(torch.zeros(1, 3, size_px, size_px))
    return found


def _noting(path: str, found: list[Layer]) -> Any:
    def note(module: nn.Module, _: Any, output: Tensor) -> None:
        count = sum(one.numel() for one in module.parameters())
        found.append(Layer(path, type(module).__name__, tuple(output.shape[1:]), count))

    return note
