from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy  # noqa: F401 - its matrix library has to be there
import pytest
from threadpoolctl import threadpool_info

from lookalike.retrieval.threads import one_core_a_product


def cores_a_product() -> set[int]:
    return {one["num_threads"] for one in threadpool_info() if one["internal_api"] in ("openblas", "mkl")}


def cores_within() -> set[int]:
    with one_core_a_product():
        return cores_a_product()


pytestmark = pytest.mark.skipif(
    not cores_a_product(), reason="This NumPy has a matrix library that cannot be told."
)


def test_within_a_product_takes_one_core_and_afterwards_as_many_as_before():
    before = cores_a_product()
    with one_core_a_product():
        assert cores_within() == {1}
        assert cores_a_product() == {1}
    assert cores_a_product() == before


def test_the_setting_comes_back_when_the_work_fails():
    before = cores_a_product()
    with pytest.raises(KeyError), one_core_a_product():
        raise KeyError
    assert cores_a_product() == before


def test_any_thread_can_ask_for_it_after_another_has_left():
    with ThreadPoolExecutor(1) as first, ThreadPoolExecutor(1) as second:
        assert first.submit(cores_within).result() == {1}
        assert second.submit(cores_within).result() == {1}
