from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.conftest import drawn_photo, encoded

from lookalike.catalogue.isolated import Confinement, IsolatedDecoder
from lookalike.catalogue.photos import read_photo
from lookalike.errors import PhotoError

GOOD = encoded(drawn_photo(1))

# A decoder that does with a photo what its first bytes say, and else decodes it.
STUB = """
import os, time
import numpy as np
from lookalike.catalogue.isolated import serve
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
