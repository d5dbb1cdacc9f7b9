"""Image towers of open_clip as embedders: hub weights, a local weight file, or none."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from lookalike.embedding.card import Card
from lookalike.embedding.embedder import Embedder
from lookalike.embedding.hub import hub_file
from lookalike.embedding.spec import EmbedderSpec
from lookalike.embedding.text import TorchText
from lookalike.embedding.torch_embedder import (
    UNTRAINED_SEED,
    TorchEmbedder,
    fit_weights,
    network_digest,
    read_weights,
)
from lookalike.embedding.torchvision_shim import mend_torchvision
from lookalike.errors import EmbedderError, MissingExtra

OPENAI_MEAN = (0.48145466, 0.4578275, 0.40821073)
OPENAI_STD = (0.26862954, 0.26130258, 0.27577711)


def open_open_clip(spec: EmbedderSpec) -> Embedder:
    """``open_clip:NAME/PRETRAINED``, ``open_clip:NAME?weights=FILE.safetensors`` or ``?weights=none``.

    Raises:
        MissingExtra: PyTorch or open_clip is not installed.
        EmbedderError: no such architecture, or its weights are not to be had.
        ModelFileError: a weight file is damaged, unsafe or of another network.
    """
    spec.only(settings=("weights",))
    try:
        import torch

        mend_torchvision()
        import open_clip
    except ImportError as error:
        raise MissingExtra("Models of open_clip", extra="train") from error

    architecture, _, tag = spec.detail.partition("/")
    if architecture not in open_clip.list_models():
        raise EmbedderError(
            f"open_clip has no model {architecture!r}.", hint="See open_clip.list_models() for the names."
        )
    facts = open_clip.get_pretrained_cfg(architecture, tag) if tag else {}
    weights = spec.weights
    if weights is None and not spec.untrained:
        weights = hub_file(_repository(facts, spec), "open_clip_model.safetensors", model=spec.name)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(UNTRAINED_SEED)
        network = open_clip.create_model(architecture, load_weights=False, pretrained_text=False).eval()
    if weights is not None:
        fit_weights(network, read_weights(weights), where=str(weights))
    text = TorchText(_tokens(open_clip, architecture), network.encode_text)
    return TorchEmbedder(_card(network, facts, spec=spec), network.encode_image, text=text)


def _tokens(open_clip: Any, architecture: str) -> Callable[[list[str]], Any]:
    """The architecture's tokenizer, opened with the first text: some are fetched from a hub."""

    @cache
    def tokenizer() -> Any:
        try:
            return open_clip.get_tokenizer(architecture)
        except Exception as error:  # a hub that does not answer, a missing library: no common base class
            raise EmbedderError(
                f"The tokenizer of {architecture} cannot be opened ({type(error).__name__}).",
                hint="Search by photo, or put the tokenizer into the hub's cache on this machine.",
            ) from error

    return lambda texts: tokenizer()(texts)


def _repository(facts: dict[str, Any], spec: EmbedderSpec) -> str:
    repository = str(facts.get("hf_hub") or "").strip("/")
    if not repository:
        raise EmbedderError(
            f"open_clip has no hub weights for {spec.name}.",
            hint="Write open_clip:NAME/PRETRAINED (see open_clip.list_pretrained()), or give ?weights=FILE.",
        )
    return repository


def _card(network: Any, facts: dict[str, Any], *, spec: EmbedderSpec) -> Card:
    import torch

    size = network.visual.image_size
    size_px = int(size[0] if isinstance(size, tuple | list) else size)
    with torch.inference_mode():
        width = network.encode_image(torch.zeros(1, 3, size_px, size_px)).shape[1]
    mean = facts.get("mean") or network.visual.image_mean or OPENAI_MEAN
    std = facts.get("std") or network.visual.image_std or OPENAI_STD
    return Card(
        name=spec.name,
        width=width,
        size_px=size_px,
        model_digest=network_digest(network.visual),
        mean=(255 * mean[0], 255 * mean[1], 255 * mean[2]),
        scale=(255 * std[0], 255 * std[1], 255 * std[2]),
    )
