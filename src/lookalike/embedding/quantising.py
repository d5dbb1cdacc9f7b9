"""A model in eight-bit integers: its ranges taken from photos, its convolutions and dense layers quantised.

Post-training static quantisation (Jacob et al., arXiv 1712.05877), weights by channel, by ONNX Runtime's
own tool; both runtimes run the result. Everything else of a graph stays in float32.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookalike.catalogue.items import View
from lookalike.catalogue.photos import read_photo
from lookalike.embedding.card import Card
from lookalike.embedding.entrances import Entrance, find_entrance
from lookalike.embedding.model_folder import write_model
from lookalike.embedding.model_source import read_source
from lookalike.embedding.quiet import load_onnxruntime
from lookalike.errors import EmbedderError, MissingExtra, PhotoError

PHOTOS = 64
"""To take ranges from; more changed no figure that we measured."""

QUANTISED = ("Conv", "Gemm")
"""Not ``MatMul``: our model's colour histogram is one, and eight bits took its cosine to f32 down to .83."""


def quantise(model: Path, views: Iterable[View], out: Path, *, photos: int = PHOTOS) -> Card:
    """Write a model folder of the same network in int8; its fingerprint is another, so vectors never mix.

    Args:
        model: a model folder in f32, or a bare ONNX file.
        views: whose photos show what the model will see; photos that cannot be used are passed over.
        out: the new model folder.
        photos: how many are looked at.

    Returns:
        The new model's card, ``-int8`` behind its name.

    Raises:
        ModelFileError: the model is damaged or unsafe.
        EmbedderError: it is not in f32, no photo can be used, or it cannot be quantised.
        MissingExtra: the ``onnx`` package is missing.
    """
    tools = _tools()
    card, content, ports = read_source(model, features=None, scaling=None)
    if card.precision != "f32":
        raise EmbedderError(f"{model} is a model of {card.precision}.", hint="Quantise the model in f32.")
    entrance, _ = find_entrance(ports, where=str(model))
    shown = list(islice(_inputs(views, card, entrance), photos))
    if not shown:
        raise EmbedderError("None of the photos can be used.", hint="Give photos such as it will see.")
    with tempfile.TemporaryDirectory() as scratch:
        made = _quantised(tools, content, shown, entrance.name, Path(scratch))
    width = card.width or _width(made, shown[0], entrance.name)
    note = f"Quantised to int8 with the ranges of {len(shown)} photos. {card.notes}".strip()
    small = replace(card, name=f"{card.name}-int8", width=width, precision="int8", quality={}, notes=note)
    return write_model(out, small, made)


def _tools() -> Any:
    try:
        import onnx  # noqa: F401 - the tool loads it
        from onnxruntime import quantization
    except ImportError as error:
        raise MissingExtra("Quantising a model", extra="train") from error
    return quantization


def _inputs(views: Iterable[View], card: Card, entrance: Entrance) -> Iterator[NDArray[Any]]:
    """Photos as they enter the model, shape (1, ...)."""
    for view in views:
        try:
            pixels = read_photo(view.source, size_px=card.size_px, crop=view.crop).pixels
        except PhotoError:
            continue
        laid: NDArray[Any] = pixels
        if not entrance.raw:
            laid = ((pixels - np.array(card.mean)) / np.array(card.scale)).astype(np.float32)
        if entrance.channels_first:
            laid = laid.transpose(2, 0, 1)
        yield np.ascontiguousarray(laid)[None]


def _quantised(tools: Any, content: bytes, shown: list[NDArray[Any]], entrance: str, scratch: Path) -> bytes:
    """The bytes of the quantised model."""

    class Shown(tools.CalibrationDataReader):  # type: ignore[misc]
        """What the tool asks for, photo by photo."""

        def __init__(self) -> None:
            self.left = iter(shown)

        def get_next(self) -> dict[str, NDArray[Any]] | None:
            """The next photo by the input's name."""
            photo = next(self.left, None)
            return None if photo is None else {entrance: photo}

    plain, ready, done = (scratch / name for name in ("plain.onnx", "ready.onnx", "done.onnx"))
    plain.write_bytes(content)
    try:
        tools.quant_pre_process(str(plain), str(ready), skip_symbolic_shape=True)
        tools.quantize_static(
            str(ready),
            str(done),
            Shown(),
            quant_format=tools.QuantFormat.QDQ,
            op_types_to_quantize=list(QUANTISED),
            per_channel=True,
            activation_type=tools.QuantType.QUInt8,
            weight_type=tools.QuantType.QInt8,
        )
    except Exception as error:  # the tool's errors share no base class
        raise EmbedderError(
            f"The model cannot be quantised ({str(error).splitlines()[0][:200] if str(error) else error!r}).",
            hint="Run it in f32, or in bf16 by precision='fast'.",
        ) from error
    return done.read_bytes()


def _width(model: bytes, photo: NDArray[Any], entrance: str) -> int:
    """The width of a bare file's vectors, found by trying."""
    onnxruntime = load_onnxruntime()

    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    return int(np.asarray(session.run(None, {entrance: photo})[0]).reshape(-1).shape[0])
