"""Networks of timm as embedders: hub weights, a local weight file, or none."""

from __future__ import annotations

from typing import Any

from lookalike.embedding.card import Card
from lookalike.embedding.embedder import Embedder
from lookalike.embedding.hub import hub_file
from lookalike.embedding.spec import EmbedderSpec
from lookalike.embedding.torch_embedder import (
    UNTRAINED_SEED,
    TorchEmbedder,
    fit_weights,
    network_digest,
    read_weights,
)
from lookalike.embedding.torchvision_shim import mend_torchvision
from lookalike.errors import EmbedderError, MissingExtra, WeightsMissing


def open_timm(spec: EmbedderSpec) -> Embedder:
    """``timm:NAME``, ``timm:NAME?weights=FILE.safetensors`` or ``?weights=none``, each with ``&size=PX``.

    Raises:
        MissingExtra: PyTorch or timm is not installed.
        EmbedderError: no such architecture, or its weights are not to be had.
        ModelFileError: a weight file is damaged, unsafe or of another network.
    """
    spec.only(settings=("weights", "size"))
    network = timm_network(spec)
    import timm

    facts = timm.data.resolve_model_data_config(network)
    card = Card(
        name=spec.name,
        width=network.num_features if not hasattr(network, "head_hidden_size") else network.head_hidden_size,
        size_px=spec.size_px or facts["input_size"][-1],
        model_digest=network_digest(network),
        mean=_times_255(facts["mean"]),
        scale=_times_255(facts["std"]),
        licence=_licence(network, spec),
    )
    return TorchEmbedder(card, network)


def timm_network(spec: EmbedderSpec, *, seed: int = UNTRAINED_SEED) -> Any:
    """The network without a classifier, in evaluation mode; ``seed`` is that of its random weights.

    Raises:
        MissingExtra: PyTorch or timm is not installed.
        EmbedderError: no such architecture, or its weights are not to be had.
        ModelFileError: a weight file is damaged, unsafe or of another network.
    """
    try:
        import torch

        mend_torchvision()
        import timm
    except ImportError as error:
        raise MissingExtra("Networks of timm", extra="train") from error

    if spec.detail.split(".")[0] not in timm.list_models():
        raise EmbedderError(
            f"timm has no network {spec.detail!r}.", hint="See timm.list_models() for the names."
        )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = _build(timm, spec)
    return network.eval()


def _build(timm: Any, spec: EmbedderSpec) -> Any:
    size = {"img_size": spec.size_px} if spec.size_px else {}
    if not spec.untrained and spec.weights is None:
        return _from_hub(timm, spec, size=size)
    network = _created(timm, spec, size=size, hub={})
    if spec.weights is not None:
        weights = read_weights(spec.weights)
        head = network.default_cfg.get("classifier") or ()
        prefixes = tuple(f"{name}." for name in ((head,) if isinstance(head, str) else head))
        fit_weights(network, weights, where=str(spec.weights), head=prefixes)
    return network


def _from_hub(timm: Any, spec: EmbedderSpec, *, size: dict[str, int]) -> Any:
    facts = timm.get_pretrained_cfg(spec.detail)
    if facts is None or not facts.hf_hub_id:
        raise WeightsMissing(
            f"timm has no hub weights for {spec.name}.",
            hint="Give ?weights=FILE.safetensors or ?weights=none.",
        )
    repository = facts.hf_hub_id.rstrip("/")
    repository = f"{repository}{facts.architecture}.{facts.tag}" if "/" not in repository else repository
    path = hub_file(repository, "model.safetensors", model=spec.name)
    return _created(
        timm, spec, size=size, hub={"pretrained": True, "pretrained_cfg_overlay": {"file": str(path)}}
    )


def _created(timm: Any, spec: EmbedderSpec, *, size: dict[str, int], hub: dict[str, Any]) -> Any:
    try:
        return timm.create_model(spec.detail, num_classes=0, **size, **hub)
    except TypeError:  # convolutional networks take any size and have no such argument
        return timm.create_model(spec.detail, num_classes=0, **hub)


def _times_255(values: tuple[float, ...]) -> tuple[float, float, float]:
    red, green, blue = (round(255 * value, 6) for value in values)
    return red, green, blue


def _licence(network: Any, spec: EmbedderSpec) -> str:
    known = network.default_cfg.get("license") if spec.weights is None and not spec.untrained else None
    return known or "unknown"
