from __future__ import annotations

import io
import os

import numpy as np
import pytest
from PIL import Image
from tests.conftest import drawn_photo, encoded

from lookalike.catalogue.photos import PhotoLimits, open_image, read_file, read_photo, thumbnail
from lookalike.errors import PhotoError


def likeness(one, other):
    """Cosine of the centred pixels: 1 for the same picture, about 0 for unrelated ones."""
    one, other = (each.pixels.astype(float).ravel() for each in (one, other))
    one, other = one - one.mean(), other - other.mean()
    return float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other)))


def with_orientation(picture, number):
    """The picture stored turned, with the EXIF note that turns it back."""
    turns = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # EXIF number -> the transposition that undoes it
    stored = picture.transpose(Image.Transpose(turns[number])) if number in turns else picture
    exif = Image.Exif()
    exif[0x0112] = number
    return stored, exif


def reason_of(content, **options):
    with pytest.raises(PhotoError) as trouble:
        read_photo(content, size_px=32, **options)
    assert trouble.value.hint
    return trouble.value.reason


@pytest.mark.parametrize(("size", "content"), [((80, 40), (0, 16, 64, 48)), ((30, 60), (16, 0, 48, 64))])
def test_a_photo_fills_the_square_along_its_long_side_in_the_middle_on_white(size, content):
    photo = read_photo(encoded(Image.new("RGB", size, (200, 10, 10))), size_px=64)
    assert photo.content == content
    assert (photo.width_px, photo.height_px) == size
    left, top, right, bottom = content
    assert (photo.pixels[top:bottom, left:right] == (200, 10, 10)).all()
    outside = np.ones((64, 64), bool)
    outside[top:bottom, left:right] = False
    assert (photo.pixels[outside] == 255).all()


def test_a_line_of_one_pixel_is_still_there():
    assert read_photo(encoded(Image.new("RGB", (900, 1), "black")), size_px=32).content == (0, 15, 32, 16)


def test_a_file_and_its_bytes_give_the_same_pixels(tmp_path):
    content = encoded(drawn_photo(1))
    (tmp_path / "photo.txt").write_bytes(content)  # the name plays no part
    from_file = read_photo(tmp_path / "photo.txt", size_px=48)
    assert (from_file.pixels == read_photo(content, size_px=48).pixels).all()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("number", range(1, 9))
def test_a_turned_photo_is_turned_back(kind, number):
    upright = drawn_photo(5, size=(240, 160))
    stored, exif = with_orientation(upright, number)
    turned = read_photo(encoded(stored, kind, exif=exif, quality=95), size_px=64)
    assert (turned.width_px, turned.height_px) == (240, 160)
    assert likeness(turned, read_photo(encoded(upright), size_px=64)) > 0.99


def test_a_crop_is_a_share_of_the_upright_photo():
    upright = drawn_photo(5, size=(240, 160))
    stored, exif = with_orientation(upright, 6)
    crop = (0.25, 0.5, 0.75, 1.0)
    cropped = read_photo(encoded(stored, "JPEG", exif=exif, quality=95), size_px=64, crop=crop)
    assert (cropped.width_px, cropped.height_px) == (120, 80)
    by_hand = read_photo(encoded(upright.crop((60, 80, 180, 160))), size_px=64)
    assert likeness(cropped, by_hand) > 0.99


def test_a_small_crop_of_a_large_jpeg_keeps_its_detail():
    stripes = np.zeros((1600, 1600, 3), np.uint8)
    stripes[:, ::4] = stripes[:, 1::4] = 255
    content = encoded(Image.fromarray(stripes), "JPEG", quality=95)
    detail = read_photo(content, size_px=100, crop=(0.5, 0.5, 0.5625, 0.5625)).pixels
    assert detail.std() > 100  # decoding at one eighth would leave an even grey


def test_a_large_jpeg_looks_the_same_as_its_twin_without_loss():
    picture = drawn_photo(2, size=(1200, 900))
    jpeg = read_photo(encoded(picture, "JPEG", quality=95), size_px=96)
    assert likeness(jpeg, read_photo(encoded(picture), size_px=96)) > 0.999


@pytest.mark.parametrize("crop", [(0.5, 0, 0.5, 1), (-0.1, 0, 1, 1), (0, 0, 1, 1.5), (0, float("nan"), 1, 1)])
def test_a_crop_that_is_no_part_is_refused(crop):
    assert reason_of(encoded(drawn_photo()), crop=crop) == "unsupported"


def test_limits_can_be_set():
    content = encoded(drawn_photo(size=(100, 100)))
    assert reason_of(content, limits=PhotoLimits(max_pixels=9_999)) == "too_large"
    assert reason_of(content, limits=PhotoLimits(max_bytes=len(content) - 1)) == "too_large"
    limits = PhotoLimits(max_pixels=10_000, max_bytes=len(content))
    assert read_photo(content, size_px=32, limits=limits).width_px == 100


def test_a_long_file_is_refused_unread(tmp_path):
    path = tmp_path / "long.jpg"
    with path.open("wb") as file:
        file.truncate(1 << 40)  # a terabyte of nothing: reading it would end the test
    with pytest.raises(PhotoError, match=r"long\.jpg: The file has") as trouble:
        read_photo(path, size_px=32)
    assert trouble.value.reason == "too_large"


def test_what_is_no_readable_file_is_said_to_be_so(tmp_path):
    loop, pipe = tmp_path / "loop.jpg", tmp_path / "pipe.jpg"
    loop.symlink_to(loop)
    os.mkfifo(pipe)
    for path in (loop, pipe, tmp_path, tmp_path / "absent.jpg", tmp_path / "nul\0.jpg"):
        with pytest.raises(PhotoError) as trouble:
            read_photo(path, size_px=32)
        assert trouble.value.reason == "unreadable"


def test_a_file_is_read_with_its_time(tmp_path):
    path = tmp_path / "photo"
    path.write_bytes(b"abc")
    os.utime(path, ns=(5, 7))
    file = read_file(path)
    assert (file.content, file.modified_ns) == (b"abc", 7)


def test_an_image_is_made_smaller_but_never_larger():
    content = encoded(drawn_photo(size=(96, 80)))
    assert open_image(content, long_side_px=48).size == (48, 40)
    assert open_image(content, long_side_px=500).size == (96, 80)


def test_a_thumbnail_holds_nothing_of_the_file_but_its_picture():
    exif = Image.Exif()
    exif[0x010E] = "a secret place"
    content = encoded(drawn_photo(3), "JPEG", exif=exif, comment=b"a secret word") + b"a secret tail"
    small = thumbnail(content, long_side_px=40)
    assert b"secret" in content
    assert b"secret" not in small
    assert Image.open(io.BytesIO(small)).size == (40, 33)
