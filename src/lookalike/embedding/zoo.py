"""The table of known embedders, open to outsiders, and the one way to open an embedder by name or folder."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from lookalike.embedding.embedder import Embedder
from lookalike.embedding.model_folder import is_model_folder
from lookalike.embedding.spec import EmbedderSpec, take_apart
from lookalike.errors import EmbedderError, UnknownEmbedder

ENTRY_POINTS = "lookalike.embedders"
"""Outsiders join by an entry point of this group: a name, and a function from a spec to an `Embedder`."""

PACKAGED = Path(__file__).with_name("model")
RUNNING = ("runtime", "precision", "threads", "features")

Factory = Callable[[EmbedderSpec], Embedder]


def default_embedder_name() -> str:
    """What is used where nobody chooses: the model that ships with the package, else the descriptor."""
    return "lookalike" if is_model_folder(PACKAGED) else "descriptor"


def open_embedder(
    name_or_folder: str | Path = "default",
    *,
    runtime: str | None = None,
    precision: str | None = None,
    threads: int | None = None,
    features: str | None = None,
) -> Embedder:
    """An embedder by name, or from a model folder or a bare ONNX file.

    Args:
        name_or_folder: a name of `KNOWN` or of an installed plugin, with what belongs to it
            (``timm:resnet34?weights=none``); or a path. A `Path` is never taken for a name.
        runtime, precision, threads, features: see `lookalike.embedding.runtime.open_model`; embedders
            that do not run a model file refuse them.

    Raises:
        UnknownEmbedder: neither a name nor a model at that path.
        EmbedderError: it is known and cannot be opened; the message says why.
        MissingExtra: it needs an optional dependency.
    """
    given = {"runtime": runtime, "precision": precision, "threads": threads, "features": features}
    running = {key: value for key, value in given.items() if value is not None}
    if isinstance(name_or_folder, str):
        spec = take_apart(name_or_folder, running=running)
        if (factory := _factory(spec.kind)) is not None:
            return factory(spec)
    path = Path(name_or_folder).expanduser()
    if not path.exists():
        raise UnknownEmbedder(str(name_or_folder), known=known_names())
    return _open_path(path, running)


def known_names() -> list[str]:
    """Names that can be asked for, plugins included, in the order of the alphabet."""
    return sorted({*KNOWN, *(point.name for point in _plugins())} - _absent())


def lasting_name(model: str | Path) -> str:
    """A model's name, or its path in a form that does not depend on where we are."""
    if model == "default":
        return default_embedder_name()
    if isinstance(model, str) and model.partition(":")[0] in known_names():
        return model
    path = Path(model).expanduser()
    return str(path.resolve()) if path.exists() else str(model)


def model_path(name: str | Path) -> Path:
    """The model folder or file behind a name; for work on the file itself.

    Raises:
        UnknownEmbedder: no model file stands behind it.
    """
    if name in ("default", "lookalike") and default_embedder_name() == "lookalike":
        return PACKAGED
    path = Path(name).expanduser()
    if not path.exists():
        raise UnknownEmbedder(str(name), known=["lookalike"])
    return path


def _absent() -> set[str]:
    return set() if is_model_folder(PACKAGED) else {"lookalike"}


def _factory(kind: str) -> Factory | None:
    if kind in KNOWN:
        return KNOWN[kind]
    point = next((point for point in _plugins() if point.name == kind), None)
    return None if point is None else _loaded(point)


def _plugins() -> tuple[EntryPoint, ...]:
    return tuple(entry_points(group=ENTRY_POINTS))


def _loaded(point: EntryPoint) -> Factory:
    try:
        factory: Factory = point.load()
    except Exception as error:  # a plugin may fail in any way
        raise EmbedderError(
            f"The plugin {point.value} of embedder {point.name!r} cannot be loaded ({error}).",
            hint="Update or remove the package that brings it.",
        ) from error
    return factory


def _open_path(path: Path, running: dict[str, Any]) -> Embedder:
    from lookalike.embedding.runtime import open_model

    return open_model(path, **running)


def _default(spec: EmbedderSpec) -> Embedder:
    return KNOWN[default_embedder_name()](spec)


def _packaged(spec: EmbedderSpec) -> Embedder:
    spec.only(running=RUNNING)
    if not is_model_folder(PACKAGED):
        raise EmbedderError(
            "This installation holds no trained model.", hint="Use 'descriptor', or give a model folder."
        )
    return _open_path(PACKAGED, dict(spec.running))


def _descriptor(spec: EmbedderSpec) -> Embedder:
    spec.only()
    from lookalike.embedding.descriptor import Descriptor

    return Descriptor()


def _pixels(spec: EmbedderSpec) -> Embedder:
    spec.only()
    from lookalike.embedding.baselines import Pixels

    return Pixels()


def _histogram(spec: EmbedderSpec) -> Embedder:
    spec.only()
    from lookalike.embedding.baselines import Histogram

    return Histogram()


def _untrained(spec: EmbedderSpec) -> Embedder:
    spec.only(running=("threads",))
    from lookalike.embedding.untrained import open_untrained

    return open_untrained(threads=spec.running.get("threads"))


def _timm(spec: EmbedderSpec) -> Embedder:
    from lookalike.embedding.timm_models import open_timm

    return open_timm(spec)


def _open_clip(spec: EmbedderSpec) -> Embedder:
    from lookalike.embedding.open_clip_models import open_open_clip

    return open_open_clip(spec)


def _transformers(spec: EmbedderSpec) -> Embedder:
    from lookalike.embedding.transformers_models import open_transformers

    return open_transformers(spec)


KNOWN: dict[str, Factory] = {
    "default": _default,
    "lookalike": _packaged,
    "descriptor": _descriptor,
    "pixels": _pixels,
    "histogram": _histogram,
    "untrained": _untrained,
    "timm": _timm,
    "open_clip": _open_clip,
    "transformers": _transformers,
}
"""Open to additions: a name, and a function that opens what a spec asks for."""
