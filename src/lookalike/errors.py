"""One tree of errors; each says what happened, and its hint what to do next.

LookalikeError
├── CatalogueError        the catalogue cannot be read
│   └── PhotoError        one photo cannot be used (the rest go on)
├── EmbedderError         a model cannot be opened or run
│   ├── UnknownEmbedder   no embedder of that name
│   ├── ModelFileError    a model's files are damaged, unsafe or do not fit their card
│   └── WeightsMissing    a network's weights are neither here nor to be had
├── MissingExtra          an optional dependency is not installed
├── StoreError            the store is missing, damaged or busy
│   └── FingerprintMismatch   vectors, index or query were made by another model
├── EngineError           a search engine beyond this machine cannot be used
├── QueryError            the question cannot be answered as asked
├── EvaluationError       the protocol does not fit the data
├── JobError              a job of embedding cannot be run, or not gone on with
├── ExplorationError      the features or photos cannot be laid out, grouped or checked as asked
├── TrainingError         a recipe or a run is wrong
└── SettingsError         an option or setting is wrong
"""

from __future__ import annotations


class LookalikeError(Exception):
    """Base of every error that a user can cause and mend.

    Args:
        message: what happened, in one line.
        hint: the next step to take, in one line.
    """

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}"


class CatalogueError(LookalikeError):
    """The catalogue cannot be read."""


class PhotoError(CatalogueError):
    """One photo cannot be used.

    Args:
        reason: a short stable code, one of ``empty``, ``not_a_photo``, ``too_large``, ``damaged``,
            ``unreadable``, ``unsupported``, ``crashed``.
    """

    def __init__(self, message: str, *, hint: str, reason: str) -> None:
        super().__init__(message, hint=hint)
        self.reason = reason


class EmbedderError(LookalikeError):
    """A model cannot be opened or run."""


class UnknownEmbedder(EmbedderError):
    """No embedder of that name, and no model folder at that path."""

    def __init__(self, name: str, *, known: list[str]) -> None:
        super().__init__(
            f"There is no embedder named {name!r} and no model folder at that path.",
            hint=f"Choose one of: {', '.join(known)}; or give a model folder (card.json, model.onnx).",
        )


class ModelFileError(EmbedderError):
    """A model's files are damaged, unsafe, or do not fit their card."""


class WeightsMissing(EmbedderError):
    """A network's weights are neither here nor to be had from a hub."""


class MissingExtra(LookalikeError):
    """An optional dependency is not installed.

    Args:
        feature: what was asked for, as the beginning of a sentence ("Serving HTTP").
        extra: the extra of this package that brings it.
    """

    def __init__(self, feature: str, *, extra: str) -> None:
        super().__init__(
            f"{feature} needs the '{extra}' extra.", hint=f"Install it: pip install 'lookalike[{extra}]'"
        )
        self.extra = extra


class StoreError(LookalikeError):
    """The store is missing, damaged or busy."""


class FingerprintMismatch(StoreError):
    """Vectors, index or query were made by another model or preprocessing."""

    def __init__(self, what: str, *, expected: str, found: str) -> None:
        super().__init__(
            f"{what} was made by {found}, but this store holds vectors of {expected}.",
            hint="Open the store with its own model, or index the catalogue into a new store.",
        )
        self.expected = expected
        self.found = found


class EngineError(LookalikeError):
    """A search engine beyond this machine cannot be reached or used."""


class QueryError(LookalikeError):
    """The question cannot be answered as it was asked."""


class EvaluationError(LookalikeError):
    """The protocol does not fit the data."""


class JobError(LookalikeError):
    """A job of embedding cannot be run, or cannot be gone on with."""


class ExplorationError(LookalikeError):
    """The features or photos cannot be laid out, grouped or checked as asked."""


class TrainingError(LookalikeError):
    """A recipe or a run is wrong."""


class SettingsError(LookalikeError):
    """An option or a setting is wrong."""
