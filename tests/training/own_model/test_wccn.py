"""Within-class covariance normalisation: what differs between views of one thing counts less."""

import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.train

from lookalike.training.own_model.wccn import normalised_within  # noqa: E402


def things_with_a_noisy_axis(*, things: int = 60, views: int = 3) -> "tuple[torch.Tensor, torch.Tensor]":
    """Features whose first axis is loud noise between views, and whose others tell the things apart."""
    generator = torch.Generator().manual_seed(0)
    known = torch.randn(things, 6, generator=generator).repeat_interleave(views, 0)
    known = known + 0.3 * torch.randn(things * views, 6, generator=generator)
    noise = 6 * torch.randn(things * views, 1, generator=generator)
    return torch.cat([noise, known], 1), torch.arange(things).repeat_interleave(views)


def right_at_first(vectors: "torch.Tensor", things: "torch.Tensor") -> float:
    """Share of views whose nearest other view is of the same thing."""
    closeness = vectors @ vectors.T
    closeness.fill_diagonal_(-2)
    return float((things[closeness.argmax(1)] == things).float().mean())


def test_views_of_one_thing_come_together_where_plain_cosines_fail():
    features, things = things_with_a_noisy_axis()
    head = normalised_within(features, things, width=7, shrinkage=0.01)
    with torch.no_grad():
        vectors = head(features)
    plain = torch.nn.functional.normalize(features - features.mean(0), dim=1)
    assert right_at_first(vectors, things) > right_at_first(plain, things) + 0.2


def test_one_thing_with_very_many_views_does_not_decide_alone():
    features, things = things_with_a_noisy_axis()
    crowd = (
        features[:1] + 9 * torch.randn(400, 1, generator=torch.Generator().manual_seed(1)) * torch.eye(7)[3]
    )  # only its fourth axis varies
    head = normalised_within(
        torch.cat([features, crowd]), torch.cat([things, torch.full((400,), 0)]), width=7, shrinkage=0.01
    )
    with torch.no_grad():
        found = right_at_first(head(features), things)
    plain = torch.nn.functional.normalize(features - features.mean(0), dim=1)
    assert found > right_at_first(plain, things) + 0.1


def test_vectors_are_unit():
    features, things = things_with_a_noisy_axis()
    vectors = normalised_within(features, things, width=5)(features)
    assert torch.allclose(vectors.norm(dim=1), torch.ones(len(vectors)), atol=1e-5)
