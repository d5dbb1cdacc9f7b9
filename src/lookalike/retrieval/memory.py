"""Memory that was needed for a moment, handed back to the system."""

from __future__ import annotations

import ctypes
import mmap
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray


def let_go(array: NDArray[Any]) -> None:
    """Hand the pages of a mapped array back after a pass over all of it.

    They stay in the system's cache, and are mapped again one by one when they are looked at; a process that
    looked at all once would hold them as its own memory for ever. Does nothing for other arrays.
    """
    owner: Any = array
    while isinstance(owner, np.ndarray):
        owner = owner.base
    if isinstance(owner, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        owner.madvise(mmap.MADV_DONTNEED)


def trim() -> None:
    """Hand freed memory back after work that took much of it for a moment.

    The C library keeps what threads freed for their next use: after the columns of a million views were
    learned, some 200 MB. Does nothing where that library is not glibc.
    """
    if not sys.platform.startswith("linux"):
        return
    trimmed = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trimmed is not None:
        trimmed(0)
