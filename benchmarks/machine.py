"""Which machine, instruction set and versions a figure was measured with."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("lookalike", "numpy", "pillow", "onnxruntime", "openvino", "torch", "pytorch-metric-learning")
SETS = ("amx_tile", "avx512f", "avx2", "asimd")


def describe() -> dict[str, object]:
    """Machine, instruction sets, load, versions and commit, ready for JSON."""
    return {
        "cpu": _cpu("model name") or platform.processor(),
        "cores": os.cpu_count(),
        "instruction_sets": [name for name in SETS if name in _cpu("flags").split()],
        "load_before": os.getloadavg()[0],
        "python": platform.python_version(),
        "system": platform.platform(),
        "versions": {name: _version(name) for name in PACKAGES},
        "commit": _commit(),
    }


def _cpu(key: str) -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(key)), "")


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _commit() -> str | None:
    found = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parent,
    )
    return found.stdout.strip() or None
