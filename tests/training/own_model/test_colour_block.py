"""The colour half of our model: colours of the item, not of what lies around it."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="SKIPPED FOR WANT OF THE train EXTRA")

from lookalike.embedding.oklab import oklab as reference_oklab  # noqa: E402
from lookalike.training.own_model.colour_block import (  # noqa: E402
    HUES,
    LIGHTS,
    ColourHistogram,
    Foreground,
    histogram,
    memberships,
    oklab,
    reached,
)

RED, BLUE, GREY = (200, 30, 40), (40, 60, 190), (120, 120, 120)


@pytest.fixture(scope="module")
def colours_of():
    """Photos to unit vectors of colour."""
    module = ColourHistogram().eval()

    def vectors(*photos: "torch.Tensor") -> "torch.Tensor":
        with torch.no_grad():
            return module(torch.stack(photos))

    return vectors


def disc(colour, *, ground=(255, 255, 255), size=160, radius=45, centre=(80, 80)) -> "torch.Tensor":
    y, x = np.mgrid[0:size, 0:size]
    photo = np.full((size, size, 3), ground, np.float32)
    photo[(y - centre[0]) ** 2 + (x - centre[1]) ** 2 < radius**2] = colour
    return torch.from_numpy(photo).permute(2, 0, 1)


def test_oklab_is_the_descriptors():
    pixels = np.random.default_rng(0).integers(0, 256, (50, 3), np.uint8)
    ours = oklab(torch.from_numpy(pixels.T[None].astype(np.float32) / 255))[0].T
    assert np.abs(ours.numpy() - reference_oklab(pixels)).max() < 2e-3


def test_memberships_share_each_value_whole():
    shares = memberships(torch.tensor([[0.0, 0.13, 0.5, 1.0, 1.7]]), 9)
    assert torch.allclose(shares.sum(1), torch.ones(1, 5))


def test_the_histogram_holds_all_the_weight():
    colours = oklab(torch.rand(2, 3, 30))
    mass = histogram(colours, torch.ones(2, 30))
    assert mass.shape == (2, HUES, HUES, LIGHTS)
    assert torch.allclose(mass.sum(dim=(1, 2, 3)), torch.ones(2), atol=1e-4)


def test_vectors_are_unit_and_alone_as_in_a_batch(colours_of):
    photos = [disc(RED), disc(BLUE), disc(GREY, ground=(230, 228, 225))]
    together = colours_of(*photos)
    assert torch.allclose(together.norm(dim=1), torch.ones(3), atol=1e-5)
    assert torch.allclose(together[1], colours_of(photos[1])[0], atol=1e-5)


def test_the_same_item_on_another_ground_is_nearer_than_another_item_on_the_same_ground(colours_of):
    red, red_on_grey, blue = colours_of(disc(RED), disc(RED, ground=(190, 190, 185)), disc(BLUE))
    assert red @ red_on_grey > 0.8
    assert red @ blue < 0.5


def test_where_the_item_lies_does_not_matter_much(colours_of):
    middle, aside = colours_of(disc(RED), disc(RED, centre=(60, 95)))
    assert middle @ aside > 0.95


def test_a_label_of_the_grounds_colour_inside_the_item_stays_part_of_it():
    photo = disc(RED)
    photo[:, 70:90, 70:90] = 255.0
    cells = torch.nn.functional.avg_pool2d(photo[None], 4)
    ones = torch.ones(1, 40)
    weight = Foreground()(oklab(cells.flatten(2) / 255).unflatten(2, (40, 40)), ones, ones).unflatten(
        1, (40, 40)
    )
    assert weight[0, 19, 19] > 5 * weight[0, 1, 20]


def test_the_weakest_link_is_found_as_by_a_naive_walk():
    background = torch.rand(2, 7, 7)
    found = reached(background)
    for n, y, x in ((0, 3, 3), (1, 2, 5), (0, 6, 0)):
        plane = background[n]
        ways = [plane[: y + 1, x].min(), plane[y:, x].min(), plane[y, : x + 1].min(), plane[y, x:].min()]
        assert found[n, y, x] == max(ways)


def test_a_white_photo_gives_a_vector_all_the_same(colours_of):
    vector = colours_of(torch.full((3, 160, 160), 255.0))
    assert torch.isfinite(vector).all()
    assert abs(float(vector.norm()) - 1) < 1e-4
