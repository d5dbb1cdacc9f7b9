"""The runtimes without the events that their official builds send to their makers.

From 1.29 on, ONNX Runtime reports each process and each model that it loads, and keeps a number for the
machine in the home folder; OpenVINO reports that it was imported. Nobody who looks for a mug asked for that.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any

SWITCH = "ORT_DISABLE_TELEMETRY"
"""Read by ONNX Runtime when it is first imported; whoever sets it to 0 wants the events."""
_REPORTER = "openvino_telemetry"


def load_onnxruntime() -> Any:
    """The module ``onnxruntime``.

    Raises:
        ImportError: it is not installed.
    """
    os.environ.setdefault(SWITCH, "1")
    return import_module("onnxruntime")


def load_openvino() -> Any:
    """The module ``openvino``, which does without its reporter where that cannot be imported.

    Raises:
        ImportError: it is not installed.
    """
    if "openvino" in sys.modules or _REPORTER in sys.modules:
        return import_module("openvino")
    sys.modules[_REPORTER] = None  # type: ignore[assignment]  # importing it raises ImportError
    try:
        return import_module("openvino")
    finally:
        del sys.modules[_REPORTER]
