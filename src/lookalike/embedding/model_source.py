"""Where a model comes from: a folder with its card, or a bare ONNX file whose card is derived."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from lookalike.embedding.card import Card
from lookalike.embedding.entrances import find_entrance, find_output
from lookalike.embedding.model_folder import MOST_MODEL_BYTES, check_card, digest, read_limited, read_model
from lookalike.embedding.onnx_check import Port, Ports, inspect_onnx
from lookalike.errors import EmbedderError, ModelFileError

Channels = tuple[float, float, float]
MINUS_ONE_TO_ONE: tuple[Channels, Channels] = ((127.5, 127.5, 127.5), (127.5, 127.5, 127.5))
RAW: tuple[Channels, Channels] = ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
USUAL_SIDE_PX = 224


def read_source(
    path: Path, *, features: str | None, scaling: tuple[Channels, Channels] | None
) -> tuple[Card, bytes, Ports]:
    """The card, the model's bytes and its ports, all checked; a derived card may leave the width at 0.

    Raises:
        ModelFileError: a file is missing, damaged or unsafe, or does not fit its card.
        EmbedderError: ``scaling`` was given for a model that has a card.
    """
    if path.is_file():
        model = read_limited(path, most=MOST_MODEL_BYTES)
        ports = inspect_onnx(model, where=str(path))
        card = _derived_card(path, model, ports=ports, features=features, scaling=scaling)
        check_card(replace(card, width=card.width or 1), where=str(path))
    elif scaling is not None:
        raise EmbedderError(
            f"{path} has a card, which says how pixels are scaled.",
            hint="Leave 'scaling' out, or change the card.",
        )
    else:
        card, model = read_model(path)
        ports = inspect_onnx(model, where=str(path / "model.onnx"))
        if features is not None:
            card = _other_output(card, ports, features=features, where=str(path))
    _check_fit(card, ports, where=str(path))
    return card, model, ports


def _derived_card(
    path: Path, model: bytes, *, ports: Ports, features: str | None, scaling: tuple[Channels, Channels] | None
) -> Card:
    entrance, side_px = find_entrance(ports, where=str(path))
    output = find_output(ports, asked=features, where=str(path))
    mean, scale = scaling or (RAW if entrance.raw else MINUS_ONE_TO_ONE)
    return Card(
        name=path.stem,
        width=_width(output) or 0,
        size_px=side_px or USUAL_SIDE_PX,
        model_digest=f"{digest(model)}#{output.name}",
        mean=mean,
        scale=scale,
        notes="A bare ONNX file; this card was derived from it.",
    )


def _other_output(card: Card, ports: Ports, *, features: str, where: str) -> Card:
    """The card of another output of the same model: other vectors, so another fingerprint, and no blocks."""
    width = _width(find_output(ports, asked=features, where=where)) or card.width
    return replace(card, width=width, model_digest=f"{card.model_digest}#{features}", blocks=())


def _width(output: Port) -> int | None:
    return output.shape[1] if len(output.shape) > 1 else None


def _check_fit(card: Card, ports: Ports, *, where: str) -> None:
    entrance, side_px = find_entrance(ports, where=where)
    if side_px not in (None, card.size_px):
        raise ModelFileError(
            f"{where}: the card says {card.size_px} px, the model takes {side_px} px.",
            hint="Mend the card, or export the model again.",
        )
    if entrance.raw and (card.mean, card.scale) != RAW:
        raise ModelFileError(
            f"{where}: the model takes raw bytes, so mean and scale cannot be applied.",
            hint="Leave mean at 0 and scale at 1, or export with a float32 input.",
        )
