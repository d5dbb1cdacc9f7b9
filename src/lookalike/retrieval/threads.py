"""Threads of ours and those of the matrix library: while several of ours multiply, each takes one core.

NumPy's products bring threads of their own, one a core. Where our threads call for products at the same
time, the cores are asked for twice and mostly wait: evaluating 60,000 views took 1.5 times as long so.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from typing import Any

from threadpoolctl import ThreadpoolController


def one_core_a_product() -> AbstractContextManager[Any]:
    """Within, a product of matrices runs on the thread that asks for it, and on no other.

    The setting is one of the whole process. Of several threads that ask for it at a time the first holds it;
    should it leave before the others, they only lose time.
    """
    limit: AbstractContextManager[Any] = _matrix_library().limit(limits=1, user_api="blas")
    return limit


@cache
def _matrix_library() -> ThreadpoolController:
    return ThreadpoolController()
