from __future__ import annotations

import os
import threading

import numpy as np
import pytest
from tests.conftest import drawn_photo, encoded

from lookalike.catalogue.items import View, photo_id
from lookalike.embedding.card import Card
from lookalike.embedding.embedder import Embedder
from lookalike.embedding.pipeline import Embedded, Failed, Pace, embed_views
from lookalike.errors import EmbedderError


class MeanColour(Embedder):
    """The mean colour of a photo, and a note of the batches that it was asked for."""

    card = Card(name="mean", width=3, size_px=16, model_digest="1")

    def __init__(self):
        self.batches = []

    def _embed(self, photos):
        self.batches.append(len(photos))
        return np.stack([photo.pixels.reshape(-1, 3).mean(axis=0) + 1 for photo in photos])


@pytest.fixture
def photos(tmp_path):
    """Forty photos in files."""
    paths = [tmp_path / f"{seed:02}.png" for seed in range(40)]
    for seed, path in enumerate(paths):
        path.write_bytes(encoded(drawn_photo(seed, size=(20 + seed, 30))))
    return paths


def threads_of_the_pipeline():
    return [thread for thread in threading.enumerate() if thread.name.startswith("pipeline")]


def test_outcomes_come_in_the_order_of_the_views_whatever_the_workers_do(photos):
    views = [View(path) for path in photos]
    one = list(embed_views(views, MeanColour(), pace=Pace(workers=1, batch=1)))
    many = list(embed_views(views, MeanColour(), pace=Pace(workers=6, batch=7)))
    assert [each.view for each in one] == [each.view for each in many] == views
    assert all((a.vector == b.vector).all() for a, b in zip(one, many, strict=True))
    assert not threads_of_the_pipeline()


def test_an_outcome_knows_its_photo(photos):
    os.utime(photos[0], ns=(1, 2_000))
    (outcome,) = embed_views([View(photos[0])], MeanColour())
    content = photos[0].read_bytes()
    assert (outcome.id, outcome.size_bytes, outcome.modified_ns) == (photo_id(content), len(content), 2_000)
    assert np.linalg.norm(outcome.vector) == pytest.approx(1)


def test_a_bad_photo_is_an_outcome_and_the_run_goes_on(photos, tmp_path):
    photos[3].write_bytes(photos[3].read_bytes()[:-40])
    photos[5].write_bytes(b"")
    photos[7].unlink()
    outcomes = list(embed_views([View(path) for path in photos], MeanColour(), pace=Pace(batch=4)))
    failed = {outcomes.index(each): each.reason for each in outcomes if isinstance(each, Failed)}
    assert failed == {3: "damaged", 5: "empty", 7: "unreadable"}
    assert sum(isinstance(each, Embedded) for each in outcomes) == 37
    assert str(outcomes[5]) == f"{photos[5]}: The file is empty."


def test_a_run_of_bad_photos_only_never_asks_the_model():
    embedder = MeanColour()
    outcomes = list(embed_views([View(b"no photo")] * 9, embedder, pace=Pace(batch=4)))
    assert [each.reason for each in outcomes] == ["not_a_photo"] * 9
    assert embedder.batches == []


def test_what_is_known_is_neither_decoded_nor_embedded(photos):
    crop = (0.0, 0.0, 0.5, 1.0)
    views = [View(photos[0]), View(photos[0], crop=crop)]
    known = {(views[0].id, None)}
    whole, cropped = embed_views(views, MeanColour(), known=known)
    assert whole.vector is None
    assert whole.id == cropped.id
    assert cropped.vector is not None


def test_a_crop_is_used(photos):
    whole, part = embed_views([View(photos[0]), View(photos[0], crop=(0.4, 0.4, 0.6, 0.6))], MeanColour())
    assert not np.allclose(whole.vector, part.vector)


def test_the_model_gets_full_batches(photos):
    embedder = MeanColour()
    list(embed_views([View(path) for path in photos], embedder, pace=Pace(batch=16)))
    assert embedder.batches == [16, 16, 8]


def test_views_are_taken_no_faster_than_they_are_used(photos):
    """Memory stays flat: of endless views only so many are ever in the works."""
    taken = 0

    def endless():
        nonlocal taken
        while True:
            taken += 1
            yield View(photos[taken % len(photos)])

    outcomes = embed_views(endless(), MeanColour(), pace=Pace(workers=2, batch=4, batches_ahead=2))
    for used in range(1, 200):
        next(outcomes)
        assert taken - used <= 4 * (1 + 2) + 4 * 4
    outcomes.close()
    assert not threads_of_the_pipeline()


@pytest.mark.parametrize("trouble", [KeyboardInterrupt, RuntimeError])
def test_whatever_stops_the_caller_stops_and_joins_the_threads(photos, trouble):
    def stopped():
        for outcome in embed_views([View(path) for path in photos] * 5, MeanColour()):
            raise trouble(outcome)

    with pytest.raises(trouble):
        stopped()
    assert not threads_of_the_pipeline()


def test_ctrl_c_while_a_view_is_being_listed_joins_the_threads_too(photos):
    def interrupted():
        yield from (View(path) for path in photos)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(embed_views(interrupted(), MeanColour()))
    assert not threads_of_the_pipeline()


def test_decoding_goes_on_while_the_model_runs(photos):
    """The model waits for a photo that comes after its batch: without overlap it would wait for ever."""
    read_later = threading.Event()

    class Waiting(MeanColour):
        def _embed(self, batch):
            if not self.batches:
                assert read_later.wait(20)
            return super()._embed(batch)

    class Noticed(set):
        def __contains__(self, key):
            if key[0] == last:
                read_later.set()
            return False

    last = View(photos[5]).id
    outcomes = embed_views(
        [View(path) for path in photos[:8]], Waiting(), known=Noticed(), pace=Pace(batch=4)
    )
    assert len(list(outcomes)) == 8


def test_a_model_that_fails_stops_the_run_with_its_own_error(photos):
    class Broken(MeanColour):
        def _embed(self, batch):
            return np.zeros((len(batch), 3))

    with pytest.raises(EmbedderError, match="zero"):
        list(embed_views([View(path) for path in photos], Broken()))
    assert not threads_of_the_pipeline()
