"""A model as two files: ``card.json`` and ``model.onnx``; the card holds the digest of the model.

Writing is atomic. The model is first written beside the old one as ``model.onnx.next``; renaming the
new card over the old is the one moment that counts; then the model takes its place. Whoever reads in
between finds the file that the card's digest names.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from dataclasses import replace
from pathlib import Path

from lookalike.atomic import sync_folder
from lookalike.embedding.card import Card
from lookalike.errors import EmbedderError, ModelFileError

CARD, MODEL, NEXT = "card.json", "model.onnx", "model.onnx.next"
PRECISIONS = ("f32", "bf16", "int8")
MOST_CARD_BYTES = 1 << 20
MOST_MODEL_BYTES = (1 << 31) - 1  # protobuf's own limit
MOST_WIDTH, MOST_SIDE_PX = 1 << 16, 2048


def digest(model: bytes) -> str:
    """SHA-256 of a model file, as ``sha256sum`` prints it."""
    return hashlib.sha256(model).hexdigest()


def is_model_folder(folder: Path) -> bool:
    """Whether the folder holds a card and a model."""
    return (folder / CARD).is_file() and ((folder / MODEL).is_file() or (folder / NEXT).is_file())


def read_model(folder: Path) -> tuple[Card, bytes]:
    """The card and the bytes of the model that it describes.

    Raises:
        ModelFileError: a file is missing, damaged, too large, or not the one that the card names.
    """
    for _ in range(2):  # a writer may have put a new card in between: then the second look fits
        card = read_card(folder / CARD)
        for name in (MODEL, NEXT):
            path = folder / name
            if (
                path.is_file()
                and digest(model := read_limited(path, most=MOST_MODEL_BYTES)) == card.model_digest
            ):
                return card, model
    if not (folder / MODEL).is_file():
        raise ModelFileError(f"{folder / MODEL} is missing.", hint="Export the model again.")
    raise ModelFileError(
        f"{folder / MODEL} is damaged or not the model of its card: its digest differs.",
        hint="Copy the folder again, or export the model again.",
    )


def read_card(path: Path) -> Card:
    """A model folder's card, with every value checked.

    Raises:
        ModelFileError: the file is missing, is not a card, or claims impossible things.
    """
    try:
        written = read_limited(path, most=MOST_CARD_BYTES).decode()
    except UnicodeDecodeError as error:
        raise ModelFileError(f"{path} is not text.", hint="Export the model again.") from error
    try:
        card = Card.from_json(written, where=str(path))
        check_card(card, where=str(path))
        claimed = json.loads(written).get("fingerprint")
        known = card.fingerprint
    except (ValueError, TypeError, RecursionError, KeyError) as error:
        raise ModelFileError(
            f"{path} is not a model card ({error}).", hint="Export the model again."
        ) from error
    if claimed is not None and claimed != known:
        raise ModelFileError(
            f"{path} was changed: it says {claimed}, its values give {known}.",
            hint="Copy the folder again; if you changed it on purpose, remove its fingerprint.",
        )
    return card


def check_card(card: Card, *, where: str) -> None:
    """Refuse a card whose values no model can have.

    Raises:
        ModelFileError: naming the first such value.
    """
    wrong = next((name for name, right in _promises(card) if not right), None)
    if wrong is not None:
        raise ModelFileError(f"{where}: {wrong}.", hint="Mend the card, or export the model again.")


def _promises(card: Card) -> list[tuple[str, bool]]:
    ends = [(block.start, block.stop) for block in card.blocks]
    return [
        (
            "name must be a text of 1 to 200 characters",
            isinstance(card.name, str) and 0 < len(card.name) <= 200,
        ),
        (f"width must be a whole number from 1 to {MOST_WIDTH}", _whole(card.width, most=MOST_WIDTH)),
        (f"size_px must be a whole number from 1 to {MOST_SIDE_PX}", _whole(card.size_px, most=MOST_SIDE_PX)),
        (f"precision must be one of {', '.join(PRECISIONS)}", card.precision in PRECISIONS),
        ("mean must be three numbers", _three(card.mean)),
        ("scale must be three numbers, none of them 0", _three(card.scale) and all(card.scale)),
        ("model_digest must be a text", isinstance(card.model_digest, str)),
        ("blocks must lie within the width", all(0 <= a < b <= card.width for a, b in ends)),
    ]


def _whole(value: object, *, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most


def _three(values: object) -> bool:
    return (
        isinstance(values, tuple)
        and len(values) == 3
        and all(isinstance(value, int | float) and math.isfinite(value) for value in values)
    )


def read_limited(path: Path, *, most: int) -> bytes:
    """A file's bytes, if there are at most ``most`` of them.

    Raises:
        ModelFileError: the file is missing, unreadable, or larger.
    """
    try:
        size = path.stat().st_size
        if size > most:
            raise ModelFileError(
                f"{path} has {size} bytes; at most {most} are read.", hint="Give a smaller model."
            )
        return path.read_bytes()
    except OSError as error:
        raise ModelFileError(f"{path} cannot be read ({error.strerror}).", hint="Check the path.") from error


def write_model(folder: Path, card: Card, onnx_bytes: bytes) -> Card:
    """Write a model folder; a kill at any moment leaves the old model or the new one.

    Returns:
        The card as written: with the digest of the model.

    Raises:
        ModelFileError: the card claims impossible things.
        EmbedderError: the folder cannot be written.
    """
    card = replace(card, model_digest=digest(onnx_bytes))
    check_card(card, where=f"The card of {card.name}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _finish_interrupted(folder)
        _write_through(folder / NEXT, onnx_bytes)
        _write_through(folder / f"{CARD}.next", card.to_json().encode())
        (folder / f"{CARD}.next").replace(folder / CARD)
        sync_folder(folder)
        (folder / NEXT).replace(folder / MODEL)
        sync_folder(folder)
    except OSError as error:
        raise EmbedderError(
            f"The model folder {folder} cannot be written ({error.strerror}).",
            hint="Check the path and the free space; an older model there is untouched.",
        ) from error
    return card


def _finish_interrupted(folder: Path) -> None:
    """Put a model in its place that an earlier writer was killed before moving."""
    if (folder / NEXT).is_file() and (folder / CARD).is_file():
        waiting = digest((folder / NEXT).read_bytes())
        if waiting in (folder / CARD).read_text(errors="replace"):
            (folder / NEXT).replace(folder / MODEL)


def _write_through(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
