"""Image models saved by transformers as embedders: CLIP, ViT, DINOv2 and their like."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from lookalike.embedding.card import Card
from lookalike.embedding.embedder import Embedder
from lookalike.embedding.hub import hub_file
from lookalike.embedding.spec import EmbedderSpec
from lookalike.embedding.text import TextEncoder, TorchText
from lookalike.embedding.torch_embedder import TorchEmbedder, network_digest
from lookalike.embedding.torchvision_shim import mend_torchvision
from lookalike.errors import EmbedderError, MissingExtra, ModelFileError

USUAL = (0.5, 0.5, 0.5)
TOKENIZER_FILES = ("tokenizer.json", "vocab.json", "vocab.txt", "spiece.model", "tokenizer.model")


def open_transformers(spec: EmbedderSpec) -> Embedder:
    """``transformers:FOLDER`` (of ``save_pretrained``, safetensors only) or ``transformers:OWNER/NAME``.

    Raises:
        MissingExtra: PyTorch or transformers is not installed.
        EmbedderError: the model is not here and cannot be fetched, or takes no images.
        ModelFileError: its files are damaged, unsafe or incomplete.
    """
    spec.only()
    try:
        import torch  # noqa: F401 - transformers imports without it, and then fails late

        mend_torchvision()
        import transformers
    except ImportError as error:
        raise MissingExtra("Models of transformers", extra="train") from error

    folder = _folder(spec)
    try:
        network = transformers.AutoModel.from_pretrained(
            folder, local_files_only=True, use_safetensors=True, trust_remote_code=False
        ).eval()
    except Exception as error:  # damaged JSON, lying headers, unknown models: no common base class
        raise ModelFileError(
            f"{folder} is no model that transformers can load ({type(error).__name__}).",
            hint="Save it again with save_pretrained; files with code of their own are not run.",
        ) from error
    card = _card(network, folder, spec=spec)
    return TorchEmbedder(card, lambda pixels: _features(network, pixels), text=_text(network, folder))


def _text(network: Any, folder: Path) -> TextEncoder | None:
    """The text tower of a joint model; its tokenizer is read with the first text."""
    if not hasattr(network, "get_text_features"):
        return None

    @cache
    def tokenizer() -> Any:
        import transformers

        try:
            if not any((folder / name).is_file() for name in TOKENIZER_FILES):
                raise FileNotFoundError  # transformers may make an empty tokenizer of nothing
            return transformers.AutoTokenizer.from_pretrained(
                folder, local_files_only=True, trust_remote_code=False
            )
        except Exception as error:  # missing or damaged files, a missing library: no common base class
            raise EmbedderError(
                f"{folder} holds no tokenizer that transformers can load ({type(error).__name__}).",
                hint="Save the model's tokenizer or processor into the same folder: save_pretrained(FOLDER).",
            ) from error

    def tokens(texts: list[str]) -> Any:
        longest = network.config.text_config.max_position_embeddings
        return tokenizer()(
            texts, padding="max_length", truncation=True, max_length=longest, return_tensors="pt"
        )

    def features(tokens: Any) -> Any:
        taken = {name: tokens[name] for name in ("input_ids", "attention_mask") if name in tokens}
        given = network.get_text_features(**taken)
        return getattr(given, "pooler_output", given)

    return TorchText(tokens, features)


def _folder(spec: EmbedderSpec) -> Path:
    folder = Path(spec.detail).expanduser()
    if not folder.is_dir():
        if spec.detail.count("/") != 1:
            raise EmbedderError(
                f"There is no folder {folder}.", hint="Check the path, or write OWNER/NAME of a hub."
            )
        hub_file(spec.detail, "config.json", model=spec.name)
        folder = hub_file(spec.detail, "model.safetensors", model=spec.name).parent
    if not any(folder.glob("*.safetensors")):
        raise ModelFileError(
            f"{folder} holds no .safetensors file; other kinds of weights can run code when they are opened.",
            hint="Save the model again with save_pretrained.",
        )
    return folder


def _card(network: Any, folder: Path, *, spec: EmbedderSpec) -> Card:
    import torch

    settings = getattr(network.config, "vision_config", network.config)
    size = getattr(settings, "image_size", None)
    if size is None:
        raise EmbedderError(f"{spec.name} takes no images of a known size.", hint="Choose an image model.")
    size_px = int(size[0] if isinstance(size, tuple | list) else size)
    with torch.inference_mode():
        width = _features(network, torch.zeros(1, 3, size_px, size_px)).shape[1]
    mean, std = _preparation(folder)
    return Card(
        name=f"transformers:{folder.name}" if Path(spec.detail).is_dir() else spec.name,
        width=width,
        size_px=size_px,
        model_digest=network_digest(network),
        mean=(255 * mean[0], 255 * mean[1], 255 * mean[2]),
        scale=(255 * std[0], 255 * std[1], 255 * std[2]),
    )


def _preparation(folder: Path) -> tuple[tuple[float, ...], tuple[float, ...]]:
    path = folder / "preprocessor_config.json"
    if not path.is_file():
        return USUAL, USUAL
    try:
        facts = json.loads(path.read_text())
        mean, std = (tuple(map(float, facts.get(key, USUAL))) for key in ("image_mean", "image_std"))
    except (ValueError, TypeError, AttributeError) as error:
        raise ModelFileError(f"{path} is damaged ({error}).", hint="Save the model again.") from error
    if len(mean) != 3 or len(std) != 3 or not all(std):
        raise ModelFileError(f"{path} gives no mean and deviation for three channels.", hint="Save it again.")
    return mean, std


def _features(network: Any, pixels: Any) -> Any:
    """A joint image-text model's image embedding, else the pooled output, else the first token."""
    joint = getattr(network, "get_image_features", None)
    given = joint(pixel_values=pixels) if joint is not None else network(pixel_values=pixels)
    if not hasattr(given, "last_hidden_state"):
        return given
    pooled = getattr(given, "pooler_output", None)
    return given.last_hidden_state[:, 0] if pooled is None else pooled
