"""Photos that go through a model together."""

import numpy as np
from tests.embedding.test_runtime import CARD, photos

from lookalike.embedding.model_folder import write_model
from lookalike.embedding.runtime import open_model
from lookalike.embedding.together import MOST_TOGETHER, Together
from lookalike.embedding.untrained import untrained_model


class Model:
    """The mean colour of each photo, and a note of how many came at once; ``off`` is added in company."""

    def __init__(self, *, off: float = 0.0, most: int = 99) -> None:
        self.off, self.most = off, most
        self.runs: list[int] = []

    def several(self, pixels):
        self.runs.append(len(pixels))
        if len(pixels) > self.most:
            raise RuntimeError("one photo at a time")
        return pixels.mean(axis=(1, 2)).astype(np.float32) + np.float32(self.off * (len(pixels) > 1))

    def alone(self, pixels):
        return self.several(pixels[None])[0]


def pixels(count):
    return [photo.pixels for photo in photos(count, size_px=8)]


def test_photos_go_together_once_it_was_seen_that_no_bit_changes():
    model = Model()
    together = Together(model.alone, model.several)
    first, second = together.vectors(pixels(3)), together.vectors(pixels(3))

    assert model.runs == [1, 1, 1, 3, 3]
    assert np.array_equal(first, second)


def test_photos_stay_alone_where_company_would_change_their_vectors():
    model = Model(off=1e-4)
    together = Together(model.alone, model.several)
    expected = np.stack([model.alone(each) for each in pixels(2)])
    model.runs.clear()

    assert all(np.array_equal(together.vectors(pixels(2)), expected) for _ in range(3))
    assert model.runs == [1, 1, 2, 1, 1, 1, 1]


def test_a_model_that_takes_one_photo_at_a_time_gets_one_at_a_time():
    model = Model(most=1)
    together = Together(model.alone, model.several)

    assert len(together.vectors(pixels(2))) == len(together.vectors(pixels(2))) == 2
    assert model.runs == [1, 1, 2, 1, 1]
    assert len(together.vectors(pixels(1))) == 1


def test_a_model_file_gives_the_same_bits_whatever_the_company_and_the_lane(tmp_path):
    write_model(tmp_path / "net", CARD, untrained_model(1))
    embedder = open_model(tmp_path / "net", runtime="onnxruntime", threads=2)
    several = photos(3 * MOST_TOGETHER)
    alone = np.concatenate([embedder.encode([photo]) for photo in several])

    for _ in range(2):  # tried first, then used
        for count in (2, MOST_TOGETHER, MOST_TOGETHER + 1, len(several)):
            assert np.array_equal(embedder.encode(several[:count]), alone[:count])
            assert np.array_equal(embedder.lane.encode(several[:count]), alone[:count])
