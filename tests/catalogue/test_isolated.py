from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.conftest import drawn_photo, encoded

from lookalike.catalogue.isolated import Confinement, IsolatedDecoder
from lookalike.catalogue.photos import PhotoLimits, read_photo
from lookalike.errors import PhotoError

GOOD = encoded(drawn_photo(1))

# A decoder that does with a photo what its first bytes say, and else decodes it.
STUB = """
import os, time
import numpy as np
from lookalike.catalogue.decoder_process import serve
from lookalike.catalogue.photos import read_photo

def spin():
    while True:
        pass

DEEDS = {b"exit": lambda: os._exit(3), b"hang": lambda: time.sleep(600), b"spin": spin,
         b"abrt": os.abort, b"eats": lambda: np.ones(1 << 33), b"bugs": lambda: 1 / 0}

def decode(content, **options):
    DEEDS.get(content[:4], lambda: None)()
    return read_photo(content, **options)

serve(decode)
"""


def stubbed(**confinement):
    return IsolatedDecoder(processes=1, worker=("-c", STUB), confinement=Confinement(**confinement))


def test_a_photo_comes_through_the_wall_as_it_is():
    with IsolatedDecoder(processes=1) as decoder:
        far = decoder.read_photo(GOOD, size_px=40, crop=(0, 0.1, 0.5, 1))
    near = read_photo(GOOD, size_px=40, crop=(0, 0.1, 0.5, 1))
    assert (far.pixels == near.pixels).all()
    assert (far.content, far.width_px, far.height_px) == (near.content, near.width_px, near.height_px)


def test_a_refusal_comes_through_as_it_is_and_is_no_crash():
    with IsolatedDecoder(processes=1) as decoder:
        with pytest.raises(PhotoError, match="PDF") as trouble:
            decoder.read_photo(b"%PDF-1.7", size_px=40)
        assert trouble.value.reason == "not_a_photo"
        assert decoder.crashes == 0


def test_a_decoder_that_dies_fails_that_photo_alone():
    with stubbed() as decoder:
        for crashes, deed in enumerate((b"exit", b"abrt", b"bugs", b"eats"), start=1):
            with pytest.raises(PhotoError) as trouble:
                decoder.read_photo(deed, size_px=16)
            assert trouble.value.reason == "crashed"
            assert decoder.crashes == crashes
        assert decoder.read_photo(GOOD, size_px=16).width_px == 96


def test_several_photos_cross_together_and_each_comes_back_as_alone():
    several = [(GOOD, None), (b"%PDF-1.7", None), (encoded(drawn_photo(2)), (0, 0.1, 0.5, 1)), (b"", None)]
    with IsolatedDecoder(processes=1) as decoder:
        good, refused, cropped, empty = decoder.read_photos(several, size_px=40)
        assert decoder.crashes == 0
    assert (good.pixels == read_photo(GOOD, size_px=40).pixels).all()
    near = read_photo(several[2][0], size_px=40, crop=several[2][1])
    assert (cropped.pixels == near.pixels).all()
    assert (cropped.content, cropped.width_px) == (near.content, near.width_px)
    assert (refused.reason, empty.reason) == ("not_a_photo", "empty")


def test_a_photo_that_kills_its_decoder_takes_no_neighbour_along():
    with stubbed() as decoder:
        good, bad, also = decoder.read_photos([(GOOD, None), (b"exit", None), (GOOD, None)], size_px=16)
        assert decoder.crashes == 2
    assert bad.reason == "crashed"
    assert (good.pixels == also.pixels).all()


def test_of_several_photos_one_too_long_is_refused_alone():
    limits = PhotoLimits(max_bytes=len(GOOD))
    with IsolatedDecoder(processes=1) as decoder:
        good, long = decoder.read_photos([(GOOD, None), (GOOD + b"x", None)], size_px=16, limits=limits)
    assert good.width_px == 96
    assert long.reason == "too_large"


@pytest.mark.parametrize("confinement", [{"timeout_s": 0.3}, {"cpu_s": 1, "timeout_s": 60}])
def test_a_decoder_that_hangs_is_ended(confinement):
    with stubbed(**confinement) as decoder:
        with pytest.raises(PhotoError) as trouble:
            decoder.read_photo(b"spin", size_px=16)
        assert trouble.value.reason == "crashed"


def test_many_threads_share_few_processes():
    with IsolatedDecoder(processes=2) as decoder, ThreadPoolExecutor(6) as threads:
        photos = list(threads.map(lambda _: decoder.read_photo(GOOD, size_px=16), range(30)))
    assert all((photo.pixels == photos[0].pixels).all() for photo in photos)
