from __future__ import annotations

import time

import numpy as np
import pytest
from tests.conftest import drawn_photo, encoded
from tests.retrieval.conftest import TinyEmbedder

from lookalike.catalogue.photos import Photo, read_photo
from lookalike.errors import EmbedderError, FingerprintMismatch, PhotoError
from lookalike.interfaces.http.at_work import ModelAtWork
from lookalike.interfaces.http.forms import SentPhoto
from lookalike.interfaces.http.making import Made, Making, Wanted
from lookalike.interfaces.http.problems import Problem

WHITE = b"white"
LATE = Problem(503, "Late.", "Again.")


class Counting(TinyEmbedder):
    """Keeps how many photos came at once; fails on a white one."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[int] = []

    def _embed(self, photos):
        self.batches.append(len(photos))
        if any((photo.pixels == 255).all() for photo in photos):
            raise EmbedderError("White.", hint="Send another.")
        return super()._embed(photos)


def decode(several, *, size_px) -> list[list[Photo] | Exception]:
    return [decoded(request, size_px) for request in several]


def decoded(request: Wanted, size_px: int) -> list[Photo] | Exception:
    if request.photos[0].content == WHITE:
        return [Photo(np.full((size_px, size_px, 3), 255, np.uint8), (0, 0, size_px, size_px), 1, 1)]
    try:
        return [read_photo(photo.content, size_px=size_px) for photo in request.photos]
    except PhotoError as error:
        return error


def wanted(*contents: bytes) -> Wanted:
    return Wanted([SentPhoto(content) for content in contents], time.monotonic() + 30)


def drawn(seed: int) -> bytes:
    return encoded(drawn_photo(seed))


@pytest.fixture
def model() -> ModelAtWork:
    return ModelAtWork(Counting(), told=lambda *_: None)


def making(model: ModelAtWork) -> Making:
    return Making(lambda: model, decode, too_late=lambda: LATE)


def test_photos_of_several_requests_go_in_together_and_each_request_gets_its_own(model):
    several = [wanted(drawn(1)), wanted(drawn(2), drawn(3)), wanted(drawn(4))]
    one, two, three = making(model).each(several)

    assert model.embedder.batches == [4]
    assert [len(made.vectors) for made in (one, two, three)] == [1, 2, 1]
    alone = TinyEmbedder().encode(decoded(several[1], TinyEmbedder().card.size_px))
    assert two.vectors == pytest.approx(alone, abs=1e-6)
    assert two.by == model.fingerprint


def test_a_photo_that_cannot_be_decoded_takes_no_neighbour_along(model):
    good, bad, also = making(model).each([wanted(drawn(1)), wanted(b"no photo"), wanted(drawn(2))])

    assert isinstance(bad, PhotoError)
    assert isinstance(good, Made)
    assert isinstance(also, Made)
    assert model.embedder.batches == [2]


def test_nor_does_one_that_the_model_has_no_vector_for(model):
    good, bad = making(model).each([wanted(drawn(1)), wanted(WHITE)])

    assert isinstance(bad, EmbedderError)
    assert isinstance(good, Made)
    assert model.embedder.batches == [2, 1, 1]


def test_nothing_is_embedded_where_no_photo_is_left(model):
    (bad,) = making(model).each([wanted(b"no photo")])

    assert isinstance(bad, PhotoError)
    assert model.embedder.batches == []


def test_a_model_that_was_switched_away_says_so_and_a_server_that_ends_is_too_late(model):
    model.close()
    assert making(model).each([wanted(drawn(1)), wanted(drawn(2))]) == [LATE, LATE]

    now = iter([model, ModelAtWork(Counting(), told=lambda *_: None)])
    (switched,) = Making(lambda: next(now), decode, too_late=lambda: LATE).each([wanted(drawn(1))])
    assert isinstance(switched, FingerprintMismatch)
