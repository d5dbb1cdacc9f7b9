"""Whether the libraries that training needs are installed, found out without importing them."""

from __future__ import annotations

from importlib.util import find_spec

from lookalike.errors import MissingExtra

NEEDED = ("torch", "timm", "pytorch_metric_learning", "lightning_fabric", "safetensors", "onnx", "matplotlib")


def require_torch(feature: str) -> None:
    """Refuse at once where the extra is absent.

    Args:
        feature: what was asked for, as the beginning of a sentence.

    Raises:
        MissingExtra: it is.
    """
    if any(find_spec(name) is None for name in NEEDED):
        raise MissingExtra(feature, extra="train")


def require_tensorboard() -> None:
    """Refuse at once where TensorBoard is wanted and absent: not when the first epoch is over.

    Raises:
        MissingExtra: it is.
    """
    if find_spec("tensorboard") is None:
        raise MissingExtra("Writing TensorBoard's logs", extra="tensorboard")
