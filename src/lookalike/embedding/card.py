"""A model's papers: what it is, how photos are prepared for it, and the fingerprint of both."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from lookalike.errors import ModelFileError

FORMAT = 1
"""Version of the card and of the decode-and-preprocess path; a change of pixels raises it."""


@dataclass(frozen=True, slots=True)
class Block:
    """A named range of a vector's coordinates that is a unit vector of its own, times ``weight``.

    The squares of a card's block weights sum to one, so that the whole vector is a unit vector.
    A query can be weighed by scaling its own blocks.
    """

    name: str
    start: int
    stop: int
    weight: float


@dataclass(frozen=True)
class Card:
    """A model's papers.

    Args:
        name: what the model is called.
        width: number of coordinates of a vector.
        size_px: side of the square that photos are letterboxed into, on white, before the model.
        model_digest: hash of the model's file, or the version of a model that is code.
        precision: arithmetic of the runtime (``f32``, ``bf16``, ``int8``); it changes vectors, so
            it is part of the fingerprint.
        mean, scale: pixels enter the model as ``(x - mean) / scale``, x in 0..255, per channel RGB.
        blocks: named unit blocks of the vector; empty where the vector is one piece.
        licence: licence of the weights.
        training_data: what the model was trained on, with licences.
        quality: measured figures, by the name of protocol and data.
        notes: anything a user should know.
    """

    name: str
    width: int
    size_px: int
    model_digest: str
    precision: str = "f32"
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    scale: tuple[float, float, float] = (1.0, 1.0, 1.0)
    blocks: tuple[Block, ...] = ()
    licence: str = "unknown"
    training_data: tuple[str, ...] = ()
    quality: Mapping[str, Any] = field(default_factory=dict)
    notes: str = ""

    @cached_property
    def fingerprint(self) -> str:
        """Name and hash of everything that changes a vector: weights, preprocessing, precision, layout."""
        facts = {
            "format": FORMAT,
            "model": self.model_digest,
            "size_px": self.size_px,
            "mean": self.mean,
            "scale": self.scale,
            "precision": self.precision,
            "width": self.width,
            "blocks": [asdict(block) for block in self.blocks],
        }
        digest = hashlib.blake2b(json.dumps(facts, sort_keys=True).encode(), digest_size=8)
        return f"{self.name}@{digest.hexdigest()}"

    def to_json(self) -> str:
        """The card as JSON, fingerprint included for readers."""
        return json.dumps({**asdict(self), "fingerprint": self.fingerprint}, indent=2, sort_keys=True)

    @classmethod
    def from_json(cls, text: str, *, where: str = "card") -> Card:
        """Read a card back.

        Raises:
            ModelFileError: the text is not a card; unknown keys are an error.
        """
        try:
            facts = json.loads(text)
            facts.pop("fingerprint", None)
            facts["blocks"] = tuple(Block(**block) for block in facts.get("blocks", ()))
            for key in ("mean", "scale", "training_data"):
                if key in facts:
                    facts[key] = tuple(facts[key])
            return cls(**facts)
        except (ValueError, TypeError, AttributeError) as error:
            raise ModelFileError(
                f"{where} is not a model card ({error}).",
                hint="Export the model again, or mend its card.",
            ) from error
