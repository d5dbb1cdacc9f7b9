from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from lookalike.training.own_model.kernel_map import KernelMap  # noqa: E402


def drawn(count: int, width: int, seed: int):
    generator = torch.Generator().manual_seed(seed)
    return torch.nn.functional.normalize(torch.randn(count, width, generator=generator), dim=1)


def test_products_are_the_kernel_where_the_landmarks_span_it():
    vectors = drawn(60, 5, 0)
    mapped = KernelMap(vectors, width=60, sharpness=2.0)(vectors)
    wanted = torch.exp(2.0 * (vectors @ vectors.T - 1))
    assert torch.allclose(mapped @ mapped.T, wanted, atol=1e-3)


def test_fewer_directions_keep_the_order_of_the_near():
    landmarks, vectors = drawn(200, 6, 1), drawn(40, 6, 2)
    mapped = KernelMap(landmarks, width=80, sharpness=1.0)(vectors)
    assert mapped.shape == (40, 80)
    plain, found = vectors @ vectors.T - 2 * torch.eye(40), mapped @ mapped.T - 2 * torch.eye(40)
    same = (plain.argmax(1) == found.argmax(1)).float().mean()
    assert same > 0.9


def test_what_is_unlike_is_all_alike_far():
    vectors = drawn(100, 5, 3)
    mapped = KernelMap(vectors, width=100, sharpness=8.0)(vectors)
    far = vectors @ vectors.T < 0
    assert float((mapped @ mapped.T)[far].max()) < 0.01


def test_too_few_landmarks_are_refused():
    with pytest.raises(ValueError, match="fewer than 8"):
        KernelMap(drawn(4, 3, 0), width=8, sharpness=1.0)
