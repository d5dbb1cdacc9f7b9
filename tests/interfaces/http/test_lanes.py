from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from tests.conftest import drawn_photo, encoded
from tests.interfaces.http.conftest import SlowEmbedder
from tests.retrieval.conftest import SIZE_PX, TinyEmbedder

from lookalike.catalogue.photos import Photo, read_photo
from lookalike.interfaces.http.lanes import Closing, Lanes, TooLate


def photo(seed: int) -> Photo:
    return read_photo(encoded(drawn_photo(seed)), size_px=SIZE_PX)


def soon() -> float:
    return time.monotonic() + 30


class OneByOne(SlowEmbedder):
    """Two calls run well beside one another; counts how many did."""

    lanes = 2

    def __init__(self) -> None:
        super().__init__()
        self.inside = self.most = 0
        self.turn = threading.Lock()

    def _embed(self, photos):
        with self.turn:
            self.inside += 1
            self.most = max(self.most, self.inside)
        try:
            return super()._embed(photos)
        finally:
            with self.turn:
                self.inside -= 1


def test_as_many_calls_run_at_once_as_there_are_lanes_and_each_gets_its_own_vectors():
    embedder = OneByOne()
    lanes = Lanes(embedder)
    with ThreadPoolExecutor(5) as pool:
        asked = [pool.submit(lanes.encode, [photo(seed)], deadline=soon()) for seed in range(5)]
        while lanes.waiting < 3:
            time.sleep(0.001)
        embedder.leave.set()
        vectors = np.concatenate([one.result() for one in asked])
    assert embedder.most == 2
    assert vectors == pytest.approx(TinyEmbedder().encode([photo(seed) for seed in range(5)]), abs=1e-6)


def test_who_gets_no_lane_before_the_deadline_is_told_and_never_embedded():
    embedder = OneByOne()
    lanes = Lanes(embedder)
    with ThreadPoolExecutor(2) as pool:
        busy = [pool.submit(lanes.encode, [photo(seed)], deadline=soon()) for seed in range(2)]
        while embedder.inside < 2:
            time.sleep(0.001)
        with pytest.raises(TooLate):
            lanes.encode([photo(9)], deadline=time.monotonic() + 0.01)
        embedder.leave.set()
        for one in busy:
            one.result()
    assert len(embedder.batches) == 2


def test_closed_lanes_let_nobody_in():
    lanes = Lanes(OneByOne())
    lanes.close()
    with pytest.raises(Closing):
        lanes.encode([photo(0)], deadline=soon())
