from __future__ import annotations

import io
import pickle
import struct
import subprocess
import sys
import warnings
import zipfile
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile
from tests.conftest import drawn_photo, encoded

from lookalike.catalogue.photos import Photo, PhotoLimits, read_photo
from lookalike.errors import PhotoError

from .test_photos import likeness, reason_of

NOISE = np.random.default_rng(0).integers(-20, 20, (60, 80, 3))
PICTURE = Image.fromarray((np.asarray(drawn_photo(3, size=(80, 60))) + NOISE).clip(0, 255).astype(np.uint8))
FILES = {
    "JPEG": encoded(PICTURE, "JPEG"),
    "progressive JPEG": encoded(PICTURE, "JPEG", progressive=True),
    "CMYK JPEG": encoded(PICTURE.convert("CMYK"), "JPEG"),
    "PNG": encoded(PICTURE),
    "palette PNG": encoded(PICTURE.quantize(32)),
    "WebP": encoded(PICTURE, "WEBP"),
    "lossless WebP": encoded(PICTURE, "WEBP", lossless=True),
    "GIF": encoded(PICTURE, "GIF"),
    "BMP": encoded(PICTURE, "BMP"),
    "TIFF": encoded(PICTURE, "TIFF"),
    "LZW TIFF": encoded(PICTURE, "TIFF", compression="tiff_lzw"),
    "AVIF": encoded(PICTURE, "AVIF"),
}
REASONS = {"empty", "not_a_photo", "too_large", "damaged", "unsupported"}


def tried(content):
    """A Photo or a PhotoError; anything else escapes and fails the test. Warnings are errors."""
    try:
        photo = read_photo(content, size_px=16, limits=PhotoLimits(max_pixels=1_000_000))
    except PhotoError as trouble:
        return trouble if trouble.reason in REASONS else pytest.fail(trouble.reason)
    assert isinstance(photo, Photo)
    assert photo.pixels.shape == (16, 16, 3)
    return photo


@settings(max_examples=150, deadline=None)
@given(
    start=st.sampled_from([b"", *(content[:16] for content in FILES.values())]), rest=st.binary(max_size=600)
)
def test_random_bytes_are_refused_and_nothing_else_happens(start, rest):
    tried(start + rest)


@settings(max_examples=300, deadline=None)
@given(
    name=st.sampled_from(sorted(FILES)),
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 7)), min_size=1, max_size=12),
    early=st.booleans(),
)
def test_a_file_with_flipped_bits_is_a_photo_or_a_photo_error(name, flips, early):
    content = bytearray(FILES[name])
    reach = min(len(content), 400) if early else len(content)  # headers are where decoders go wrong
    for where, bit in flips:
        content[int(where * reach)] ^= 1 << bit
    tried(bytes(content))


@pytest.mark.parametrize("name", FILES)
def test_a_photo_that_breaks_off_is_refused_and_never_half_grey(name):
    content = FILES[name]
    for length in np.linspace(4, len(content) - 3, 40).astype(int):
        trouble = tried(content[:length])
        if isinstance(trouble, Photo):  # allowed only where the missing end was no part of the picture
            assert likeness(trouble, tried(content)) == pytest.approx(1), length
        else:
            assert trouble.reason in {"damaged", "not_a_photo"}


def test_an_empty_file_is_called_empty():
    assert reason_of(b"") == "empty"


def zipped():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", "hello")
    return buffer.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<?xml version='1.0'?><svg/>",
        b"%PDF-1.7\n",
        b"%!PS-Adobe-3.0 EPSF-3.0\n",
        pickle.dumps([1, 2]),
        zipped(),
        b"BM" + bytes(60),
        b"P6 2 2 255\n" + bytes(12),
        encoded(PICTURE, "ICO"),
        encoded(PICTURE, "JPEG2000"),
        FILES["JPEG"] + zipped(),
        FILES["GIF"][:13] + b"<script>alert(1)</script>" + FILES["GIF"][13:],
        encoded(PICTURE, "JPEG", comment=b"%PDF-1.4 1 0 obj"),
    ],
    ids=lambda content: repr(content[:12]),
)
def test_what_is_no_photo_or_two_things_at_once_is_refused(content):
    assert reason_of(content) == "not_a_photo"


def test_a_phone_photo_with_a_film_behind_it_is_still_a_photo():
    assert isinstance(tried(FILES["JPEG"] + b"\0\0\0\x18ftypmp42" + bytes(5000)), Photo)


def png_chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width, height, rows, *, extra=b""):
    head = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + extra + png_chunk(b"IDAT", rows) + png_chunk(b"IEND", b"")


PACKED_ZEROS = zlib.compress(bytes(16 << 20))  # a thousand times smaller


def tiff_width(pixels):
    return struct.pack("<HHII", 256, 4, 1, pixels)


def test_a_bomb_is_refused_from_its_header_in_little_time_and_memory(tmp_path):
    bombs = {
        "png": png(16_000, 16_000, PACKED_ZEROS),
        "jpg": FILES["JPEG"].replace(struct.pack(">HH", 60, 80), struct.pack(">HH", 65_000, 65_000), 1),
        "gif": FILES["GIF"][:6] + struct.pack("<HH", 65_000, 65_000) + FILES["GIF"][10:],
        "bmp": FILES["BMP"][:18] + struct.pack("<ii", 60_000, 60_000) + FILES["BMP"][26:],
        "webp": FILES["lossless WebP"][:21] + b"\xff\xff\xff\x0f" + FILES["lossless WebP"][25:],
        "tiff": FILES["TIFF"].replace(tiff_width(80), tiff_width(3_000_000)),
    }
    for name, content in bombs.items():
        (tmp_path / f"bomb.{name}").write_bytes(content)
    # Time is CPU time, in a process of its own, so that a busy machine changes nothing.
    script = """
import resource, sys, time
from pathlib import Path
from lookalike.catalogue.photos import read_photo
from lookalike.errors import PhotoError
for path in map(Path, sys.argv[1:]):
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    try:
        read_photo(path, size_px=224)
    except PhotoError as error:
        spent = time.process_time() - start
        print(path.name, error.reason, spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    paths = [str(path) for path in sorted(tmp_path.iterdir())]
    run = subprocess.run([sys.executable, "-c", script, *paths], capture_output=True, text=True, check=True)
    lines = [line.split() for line in run.stdout.splitlines()]
    assert len(lines) == len(bombs), run.stdout
    for name, reason, spent_s, grown_kib in lines:
        assert reason == "too_large", name
        assert float(spent_s) < 0.05, name
        assert int(grown_kib) < 20_000, name


def test_a_png_that_holds_more_pixels_than_it_says_costs_no_more_than_it_says():
    photo = tried(png(8, 8, PACKED_ZEROS))
    assert isinstance(photo, Photo)
    assert tried(png(8, 8, zlib.compress(bytes(30)))).reason == "damaged"


def test_metadata_costs_nothing_and_harms_nothing():
    text = png_chunk(b"zTXt", b"k\0\0" + PACKED_ZEROS)
    profile = png_chunk(b"iCCP", b"k\0\0" + PACKED_ZEROS)
    rows = zlib.compress(bytes(8 * 25))
    assert isinstance(tried(png(8, 8, rows, extra=(text + profile) * 3)), Photo)
    assert tried(png(8, 8, rows, extra=png_chunk(b"tEXt", b"") * 50_000)).reason == "damaged"
    segment = b"\xff\xe1" + struct.pack(">H", 60_002) + b"Exif\0\0" + b"MM\0*" + b"\xff" * 59_990
    swollen = FILES["JPEG"][:2] + segment * 100 + FILES["JPEG"][2:]
    assert likeness(tried(swollen), tried(FILES["JPEG"])) == pytest.approx(1)


@pytest.mark.parametrize(
    "exif",
    [
        b"",
        b"II*\0",
        b"XX*\0\x08\0\0\0",
        b"II*\0\xff\xff\xff\xff",
        b"II*\0\x08\0\0\0\xff\xff" + b"\x12\x01\x03\0\x01\0\0\0\x63\0\0\0",
        b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0",
    ],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_corrupt_exif_is_ignored(kind, exif):
    photo = tried(encoded(PICTURE, kind, exif=b"Exif\0\0" + exif, quality=95))
    assert likeness(photo, tried(FILES["PNG"])) > 0.99


def test_a_jpeg_of_endless_scans_is_refused():
    scan = FILES["progressive JPEG"].rfind(b"\xff\xda")
    assert tried(FILES["progressive JPEG"] + FILES["progressive JPEG"][scan:] * 200).reason == "damaged"


def test_two_sizes_in_one_jpeg_are_refused():
    content = FILES["JPEG"]
    at = content.index(b"\xff\xc0")
    frame = content[at : at + 2 + int.from_bytes(content[at + 2 : at + 4], "big")]
    assert tried(content[:at] + frame + content[at:]).reason == "damaged"


def test_heif_without_a_decoder_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    content = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(40)
    with pytest.raises(PhotoError) as trouble:
        read_photo(content, size_px=16)
    assert trouble.value.reason == "unsupported"
    assert "pip install" in trouble.value.hint


def test_nothing_global_is_changed():
    before = warnings.filters[:], Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES
    for content in FILES.values():
        tried(content)
        tried(content[: len(content) // 2])
    assert (warnings.filters[:], Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES) == before
