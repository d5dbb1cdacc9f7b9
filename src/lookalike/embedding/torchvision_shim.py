"""Lets torchvision be imported beside a CPU build of PyTorch.

torchvision's default wheel is built for CUDA; beside a CPU-only PyTorch its compiled operators do not
load, and its import (so that of timm and open_clip) fails with "operator torchvision::nms does not
exist". Declaring the two operators that the import looks for mends it. They are never called here.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any


@cache
def mend_torchvision() -> Any:
    """Declare the missing operators, once a process, only where PyTorch is CPU-only and torchvision is not.

    Returns:
        The library of declared operators, which lives as long as it is kept; None where nothing is to mend.
    """
    import torch

    if torch.version.cuda is not None or not _built_for_cuda():
        return None
    library = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    return library


def _built_for_cuda() -> bool:
    """What torchvision's own version file says, read without importing torchvision."""
    spec = find_spec("torchvision")
    if spec is None or spec.origin is None:
        return False
    facts = Path(spec.origin).with_name("version.py").read_text(encoding="utf-8")
    return any(line.startswith("__version__") and "+cu" in line for line in facts.splitlines())
