"""Which runtime is faster for one model on this machine: measured once, side by side, and remembered."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import sys
import time
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import numpy as np

from lookalike.atomic import write_atomically
from lookalike.embedding.sessions import Session

ROUNDS = 10
MARGIN = 1.1
"""How much faster OpenVINO must be: within a tenth the measure is noise, and ONNX Runtime is always there."""


def cache_folder() -> Path:
    """Where this user's programs keep what can be made again; ``LOOKALIKE_CACHE`` moves it."""
    if own := os.environ.get("LOOKALIKE_CACHE"):
        return Path(own)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "lookalike"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "lookalike"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lookalike"


def seconds_a_photo(sessions: Mapping[str, Session], *, size_px: int) -> dict[str, float]:
    """Best time of one forward pass in each session, the rounds interleaved after one to warm up."""
    pixels = np.random.default_rng(0).integers(0, 256, (size_px, size_px, 3), np.uint8)
    best = dict.fromkeys(sessions, float("inf"))
    for turn in range(ROUNDS + 1):
        for name, session in sessions.items():
            start = time.perf_counter()
            session.vector(pixels)
            if turn:
                best[name] = min(best[name], time.perf_counter() - start)
    return best


def faster(seconds: Mapping[str, float]) -> str:
    """The runtime to take, from measured seconds a photo.

    >>> faster({"onnxruntime": 0.010, "openvino": 0.005})
    'openvino'
    >>> faster({"onnxruntime": 0.010, "openvino": 0.0098})
    'onnxruntime'
    """
    clearly = seconds["openvino"] * MARGIN < seconds["onnxruntime"]
    return "openvino" if clearly else "onnxruntime"


def situation(fingerprint: str) -> str:
    """A key for what decides the speed: model, processor, and versions of both runtimes."""
    facts = [fingerprint, platform.machine(), _processor(), str(os.cpu_count())]
    facts += [version("onnxruntime"), version("openvino")]
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()[:24]


def _processor() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line
    return platform.processor()


def remembered(key: str) -> str | None:
    """The runtime chosen earlier in the same situation; None where there is no readable note."""
    try:
        chosen = json.loads(_note(key).read_text())["runtime"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return chosen if chosen in ("onnxruntime", "openvino") else None


def remember(key: str, runtime: str, seconds: Mapping[str, float]) -> None:
    """Note the choice; a cache that cannot be written only means measuring again."""
    note = _note(key)
    with contextlib.suppress(OSError):
        note.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(note, json.dumps({"runtime": runtime, "seconds_a_photo": dict(seconds)}))


def _note(key: str) -> Path:
    return cache_folder() / "runtimes" / f"{key}.json"
