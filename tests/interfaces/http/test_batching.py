from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from tests.conftest import drawn_photo, encoded
from tests.interfaces.http.conftest import SlowEmbedder
from tests.retrieval.conftest import SIZE_PX, TinyEmbedder

from lookalike.catalogue.photos import Photo, read_photo
from lookalike.errors import EmbedderError
from lookalike.interfaces.http.batching import Batcher, TooLate


def photo(seed: int) -> Photo:
    return read_photo(encoded(drawn_photo(seed)), size_px=SIZE_PX)


def soon() -> float:
    return time.monotonic() + 30


def test_what_waits_while_the_model_is_busy_goes_in_together_and_each_gets_its_own():
    embedder = SlowEmbedder()
    batcher = Batcher(embedder, batch=4)
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(batcher.encode, [photo(0)], deadline=soon())
        assert embedder.begun.wait(30)
        others = [pool.submit(batcher.encode, [photo(seed)], deadline=soon()) for seed in range(1, 7)]
        while batcher.waiting < 6:
            time.sleep(0.001)
        embedder.leave.set()
        vectors = [asked.result() for asked in (first, *others)]
    batcher.close()
    assert embedder.batches == [1, 4, 2]
    expected = TinyEmbedder().encode([photo(seed) for seed in range(7)])
    assert np.concatenate(vectors) == pytest.approx(expected, abs=1e-6)


def test_a_request_whose_deadline_passes_is_given_up_and_never_embedded():
    embedder = SlowEmbedder()
    batcher = Batcher(embedder, batch=4)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(batcher.encode, [photo(0)], deadline=soon())
        assert embedder.begun.wait(30)
        with pytest.raises(TooLate):
            batcher.encode([photo(1)], deadline=time.monotonic() + 0.01)
        embedder.leave.set()
        first.result()
    batcher.close()
    assert embedder.batches == [1]


class Picky(SlowEmbedder):
    """Fails on a white photo."""

    def _embed(self, photos):
        if any((photo.pixels == 255).all() for photo in photos):
            raise EmbedderError("White.", hint="Send another.")
        return super()._embed(photos)


def test_one_bad_photo_takes_no_neighbour_along():
    embedder = Picky()
    batcher = Batcher(embedder, batch=8)
    white = Photo(np.full((SIZE_PX, SIZE_PX, 3), 255, np.uint8), (0, 0, SIZE_PX, SIZE_PX), 1, 1)
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(batcher.encode, [photo(0)], deadline=soon())
        assert embedder.begun.wait(30)
        good = pool.submit(batcher.encode, [photo(1)], deadline=soon())
        bad = pool.submit(batcher.encode, [white], deadline=soon())
        while batcher.waiting < 2:
            time.sleep(0.001)
        embedder.leave.set()
        assert len(first.result()) == len(good.result()) == 1
        with pytest.raises(EmbedderError):
            bad.result()
    batcher.close()
