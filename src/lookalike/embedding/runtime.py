"""From a model file to an embedder: checked, opened in the runtime that suits this machine, tried once."""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lookalike.catalogue.photos import Photo
from lookalike.embedding import runtime_choice
from lookalike.embedding.card import Card
from lookalike.embedding.embedder import Embedder
from lookalike.embedding.entrances import find_output
from lookalike.embedding.model_source import Channels, read_source
from lookalike.embedding.sessions import (
    Session,
    cuda_is_offered,
    has_fast_bf16,
    load_session,
    openvino_is_installed,
)
from lookalike.embedding.together import MOST_TOGETHER
from lookalike.errors import EmbedderError, ModelFileError

RUNTIMES = ("onnxruntime", "openvino", "cuda")
ON_CPU = ("onnxruntime", "openvino")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a model came from: its file or folder, and what was asked of it (see `open_model`)."""

    path: Path
    features: str | None = None
    scaling: tuple[Channels, Channels] | None = None


class ModelEmbedder(Embedder):
    """A model file at work: photos through its session, spread over as many calls as there are threads."""

    def __init__(
        self, card: Card, session: Session, *, runtime: str, threads: int, source: Source | None = None
    ) -> None:
        """Take over a loaded model.

        Args:
            card: its papers.
            session: the model.
            runtime: that the session runs in.
            threads: calls at once.
            source: where the model's file is; None where it has none.
        """
        self._card, self._session, self.runtime, self.source = card, session, runtime, source
        self._threads = threads
        self._workers = ThreadPoolExecutor(threads, thread_name_prefix="embed")

    @property
    def card(self) -> Card:
        """The model's papers, with the precision that it runs in."""
        return self._card

    @property
    def lanes(self) -> int:
        """One a core: the session runs each call on one."""
        return self._threads

    @property
    def together(self) -> int:
        """As many photos as the session runs at once."""
        return MOST_TOGETHER

    @cached_property
    def lane(self) -> Embedder:
        """The model on the caller's core alone."""
        return ModelEmbedder(self._card, self._session, runtime=self.runtime, threads=1, source=self.source)

    def _embed(self, photos: Sequence[Photo]) -> NDArray[np.float32]:
        several = [photo.pixels for photo in photos]
        each = min(MOST_TOGETHER, math.ceil(len(several) / self._threads))
        parts = [several[first : first + each] for first in range(0, len(several), each)]
        if len(parts) == 1 or self._threads == 1:
            return np.concatenate([self._session.vectors(part) for part in parts])
        return np.concatenate(list(self._workers.map(self._session.vectors, parts)))


def open_model(
    path: Path,
    *,
    runtime: str | None = None,
    precision: str | None = None,
    threads: int | None = None,
    features: str | None = None,
    scaling: tuple[Channels, Channels] | None = None,
) -> ModelEmbedder:
    """Open a model folder, or a bare ONNX file with a card derived from it.

    Args:
        path: a folder with ``card.json`` and ``model.onnx``, or a file ``*.onnx``.
        runtime: ``onnxruntime``, ``openvino`` or ``cuda`` (ONNX Runtime on a GPU); by default the GPU where
            the installed ONNX Runtime can use one, else the faster of the others here, measured once.
        precision: ``f32``, ``bf16``, or ``fast`` (bf16 where this CPU has it); by default the card's.
        threads: calls at once, each on one core; by default one a physical core.
        features: the output that holds the vector; by default the one of that name, or the only one.
        scaling: (mean, scale) per channel of a bare file, pixels entering as ``(x - mean) / scale``;
            by default to -1..1, or untouched where the model takes uint8.

    Raises:
        ModelFileError: a file is missing, damaged or unsafe, or does not fit its card.
        MissingExtra: OpenVINO was asked for and is not installed.
        EmbedderError: an option that this machine or model cannot follow.
    """
    if runtime is not None and runtime not in RUNTIMES:
        raise EmbedderError(
            f"There is no runtime {runtime!r}.", hint=f"Choose one of: {', '.join(RUNTIMES)}."
        )
    card, model, ports = read_source(path, features=features, scaling=scaling)
    card = replace(card, precision=choose_precision(precision, card, runtime=runtime))
    output = find_output(ports, asked=features, where=str(path)).name
    workers = max(1, threads if threads is not None else physical_cores())

    def load(name: str) -> Session:
        return load_session(name, model, card, ports=ports, output=output, threads=workers)

    if card.precision == "bf16":
        runtime = "openvino"
    chosen, session = (runtime, load(runtime)) if runtime else _choose(card, load)
    card = _tried(card, session, where=str(path))
    source = Source(path, features, scaling)
    return ModelEmbedder(card, session, runtime=chosen, threads=workers, source=source)


def choose_precision(asked: str | None, card: Card, *, runtime: str | None) -> str:
    """The arithmetic to run in: as asked, ``fast`` resolved for this CPU, or the card's own.

    Raises:
        EmbedderError: it cannot be had with this runtime, model or CPU.
    """
    wanted = asked or card.precision
    if wanted == "fast":
        return (
            "bf16"
            if runtime in (None, "openvino") and card.precision == "f32" and has_fast_bf16()
            else card.precision
        )
    if wanted == "bf16" and (runtime not in (None, "openvino") or not has_fast_bf16()):
        raise EmbedderError(
            f"{card.name} cannot run in bf16 here: that takes OpenVINO and a CPU with bf16.",
            hint="Use precision 'f32' or 'fast'; OpenVINO comes with pip install 'lookalike[fast]'.",
        )
    if wanted == card.precision or {wanted, card.precision} == {"f32", "bf16"}:
        return wanted
    raise EmbedderError(
        f"{card.name} is a model of {card.precision}; it cannot run in {wanted!r}.",
        hint="Choose f32, bf16 or fast; int8 takes a model that was quantised.",
    )


def _choose(card: Card, load: Callable[[str], Session]) -> tuple[str, Session]:
    if cuda_is_offered():
        with contextlib.suppress(EmbedderError, ModelFileError):  # no GPU after all, or not for this model
            return "cuda", load("cuda")
    if not openvino_is_installed():
        return "onnxruntime", load("onnxruntime")
    key = runtime_choice.situation(card.fingerprint)
    if known := runtime_choice.remembered(key):
        return known, load(known)
    try:
        sessions = {name: load(name) for name in ON_CPU}
    except ModelFileError:  # a model that one of them cannot load: the runtime that is always there decides
        return "onnxruntime", load("onnxruntime")
    seconds = runtime_choice.seconds_a_photo(sessions, size_px=card.size_px)
    chosen = runtime_choice.faster(seconds)
    runtime_choice.remember(key, chosen, seconds)
    return chosen, sessions[chosen]


def _tried(card: Card, session: Session, *, where: str) -> Card:
    """The card, once the model gave a vector of its width for a grey photo."""
    grey = np.full((card.size_px, card.size_px, 3), 128, np.uint8)
    try:
        vector = session.vector(grey)
    except Exception as error:  # the runtimes' own errors share no base class
        raise ModelFileError(
            f"{where} was loaded but cannot run ({str(error)[:200]}).", hint="Export the model again."
        ) from error
    if card.width == 0:  # a bare file that does not say how wide its output is
        return replace(card, width=len(vector))
    if vector.shape != (card.width,):
        raise ModelFileError(
            f"{where} gives vectors of {len(vector)} values, its card says {card.width}.",
            hint="Mend the card, or export the model again.",
        )
    return card


def physical_cores() -> int:
    """Cores that this process may use; the second thread of a core counts for nothing in arithmetic."""
    if not hasattr(os, "sched_getaffinity"):
        return os.cpu_count() or 1
    own = os.sched_getaffinity(0)
    cores = {_siblings(cpu) for cpu in own}
    return len(cores) or 1


def _siblings(cpu: int) -> str:
    try:
        return Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list").read_text()
    except OSError:
        return str(cpu)
