"""A training run as one frozen, versioned record; `recipe_files` reads it from TOML."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

FORMAT = 1
"""Version of the recipe's keys; a recipe of another version is refused."""


@dataclass(frozen=True, kw_only=True)
class Data:
    """What is learned from.

    Args:
        labels: what the losses are taught, one head each: ``item``, ``photo`` (its own class, for
            self-supervision) or an attribute such as ``category`` or ``colour``.
        size_px: side of the letterboxed photos.
        most_common: keep only so many labels of the first kind, the commonest; 0 for all.
        views_per_item: use at most so many views of an item; 0 for all.
        share: share of the training items that is used, for learning curves.
        label_noise: share of training photos whose first label is replaced by a wrong one, on purpose.
    """

    labels: tuple[str, ...] = ("item",)
    size_px: int = 224
    most_common: int = 0
    views_per_item: int = 0
    share: float = 1.0
    label_noise: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Split:
    """Which items are kept back.

    Args:
        held_out: share of items that the report is measured on; never seen while training.
        validation: share that chooses the best checkpoint.
        validate: ``items``: other items than those trained on; ``views``: other views of the same items.
        group: attribute whose values stay on one side (a style); empty for none.
        stratify: attribute that is spread over the parts alike; empty for none.
    """

    held_out: float = 0.25
    validation: float = 0.15
    validate: Literal["items", "views"] = "items"
    group: str = ""
    stratify: str = ""


@dataclass(frozen=True, kw_only=True)
class Backbone:
    """The network below the head.

    Args:
        name: a network of timm; ``dense`` (pixels as they are) or ``small-cnn``, which are ours; or
            ``model``, a finished one.
        weights: ``hub``, ``none``, or a .safetensors file; of a finished model its folder or ONNX file.
        frozen: leave it as it is; its features are computed once and kept.
        pool: ``model`` (as the network does it), ``avg`` or ``flatten`` (of its last map).
        cached_variants: with a frozen backbone, how many augmented versions of each photo are kept.
    """

    name: str = "resnet34"
    weights: str = "hub"
    frozen: bool = False
    pool: Literal["model", "avg", "flatten"] = "model"
    cached_variants: int = 1


@dataclass(frozen=True, kw_only=True)
class Head:
    """What stands on the backbone.

    Args:
        hidden: widths of dense layers with ReLU.
        width: of a last linear projection; 0 for none.
        dropout: before each dense layer.
        embedding: what is exported: the ``head``'s output or the ``backbone``'s features (SimCLR).
        matryoshka: also teach the first so many coordinates (arXiv 2205.13147).
    """

    hidden: tuple[int, ...] = ()
    width: int = 0
    dropout: float = 0.0
    embedding: Literal["head", "backbone"] = "head"
    matryoshka: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Augmentation:
    """How far a training picture strays from its photo.

    Args:
        copies: pictures made of each photo in a batch; two for SimCLR.
        crop: least share of the photo's area that a picture shows; 1 for no crops.
        flip: mirror half of them.
        rotate_deg: largest turn either way.
        colour: strength of changes of brightness, contrast, saturation (that share), and of hue
            (a fifth of a turn).
        grey: share of pictures without colour.
        blur: share of blurred pictures.
    """

    copies: int = 1
    crop: float = 1.0
    flip: bool = False
    rotate_deg: float = 0.0
    colour: float = 0.0
    grey: float = 0.0
    blur: float = 0.0

    @property
    def idle(self) -> bool:
        """Whether pictures are the photos themselves."""
        return replace(self, copies=1) == Augmentation()


@dataclass(frozen=True, kw_only=True)
class Sampler:
    """How batches are put together; see ``sampling``.

    Args:
        kind: a name in ``sampling.SAMPLERS``.
        batch: photos in a batch.
        views: photos of each class in a batch, for the P x K kinds.
    """

    kind: str = "plain"
    batch: int = 64
    views: int = 2


@dataclass(frozen=True, kw_only=True)
class Loss:
    """What is made small; see ``losses.LOSSES``.

    Args:
        name: of the loss.
        temperature: of softmaxes over similarities.
        margin: of triplets, proxies and angles (degrees for arcface).
        scale: of arcface and proxies (their s and alpha).
        q: exponent of generalised cross-entropy: near 0 it is cross-entropy, 1 is mean absolute error.
        sub_centres: of each class, for arcface.
        miner: ``none``, ``multi-similarity`` or ``hard``.
        memory: vectors of earlier batches that are compared too (arXiv 1912.06798); 0 for none.
        koleo: weight of the spreading term (El-Nouby et al. 2021).
        distil: weight of agreeing with ``teacher``; 0 for none.
        teacher: an embedder's name or model folder.
    """

    name: str = "cross-entropy"
    temperature: float = 0.1
    margin: float = 0.1
    scale: float = 32.0
    q: float = 0.7
    sub_centres: int = 1
    miner: Literal["none", "multi-similarity", "hard"] = "none"
    memory: int = 0
    koleo: float = 0.0
    distil: float = 0.0
    teacher: str = "default"


@dataclass(frozen=True, kw_only=True)
class Optimiser:
    """How weights move.

    Args:
        name: ``adam``, ``adamw`` or ``sgd``.
        rate: learning rate of the head and losses.
        backbone_rate: of the backbone, as a multiple of ``rate``.
        weight_decay: of all weights.
        momentum: of sgd.
        clip: largest norm of a gradient; 0 for no limit.
        ema: decay of the average of weights that is measured and exported; 0 for none.
    """

    name: Literal["adam", "adamw", "sgd"] = "adam"
    rate: float = 1e-3
    backbone_rate: float = 1.0
    weight_decay: float = 0.0
    momentum: float = 0.9
    clip: float = 0.0
    ema: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """How long, and how the rate changes.

    Args:
        epochs: at most.
        warmup_epochs: the rate rises linearly for so long.
        kind: ``constant``, or ``cosine`` (falls to nothing).
        patience: stop after so many epochs without a better validation figure; 0 for never.
    """

    epochs: int = 50
    warmup_epochs: int = 0
    kind: Literal["constant", "cosine"] = "constant"
    patience: int = 0


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Everything that decides how a run comes out, beside the catalogue.

    Args:
        name: of the recipe; the exported model is called so.
        summary: one line about it.
        version: of the format.
        precision: ``f32`` or ``bf16`` (mixed).
        seed: where all chance comes from.
        data, split, backbone, head, augmentation, sampler, loss, optimiser, schedule: its sections.
    """

    name: str
    summary: str = ""
    version: int = FORMAT
    precision: Literal["f32", "bf16"] = "f32"
    seed: int = 0
    data: Data = field(default_factory=Data)
    split: Split = field(default_factory=Split)
    backbone: Backbone = field(default_factory=Backbone)
    head: Head = field(default_factory=Head)
    augmentation: Augmentation = field(default_factory=Augmentation)
    sampler: Sampler = field(default_factory=Sampler)
    loss: Loss = field(default_factory=Loss)
    optimiser: Optimiser = field(default_factory=Optimiser)
    schedule: Schedule = field(default_factory=Schedule)

    def to_dict(self) -> dict[str, Any]:
        """The recipe as plain values, every default written out."""
        return asdict(self)
