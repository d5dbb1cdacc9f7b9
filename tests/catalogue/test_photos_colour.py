from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms
from tests.conftest import drawn_photo, encoded

from lookalike.catalogue.photos import read_photo

from .test_photos import likeness

PICTURE = drawn_photo(4, size=(120, 90))
GREY = PICTURE.convert("L")


def twin_of(picture):
    return read_photo(encoded(picture.convert("RGB")), size_px=64)


def transparent(mode="RGBA"):
    """The picture with its left half transparent (over a loud colour), and what one should see."""
    half = PICTURE.convert("RGBA")
    half.paste((255, 0, 255, 0), (0, 0, 60, 90))
    seen = PICTURE.copy()
    seen.paste("white", (0, 0, 60, 90))
    if mode == "LA":
        return half.convert("LA"), seen.convert("L")
    return half, seen


def png_16_bit(values):
    """A PNG with 16 bits a channel, which Pillow cannot write itself."""
    height, width, channels = values.shape

    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    kind = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    head = struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def deep(picture):
    """The picture's values with 16 bits, shape (height, width, channels)."""
    values = np.asarray(picture).astype(np.uint16) * 257
    return values.reshape(*values.shape[:2], -1)


def grey_tiff(values):
    return encoded(Image.fromarray(values), "TIFF")


SHARES = np.asarray(GREY).astype(np.float32) / 255

TWINS = {
    "CMYK JPEG with Adobe's inverted inks": (encoded(PICTURE.convert("CMYK"), "JPEG", quality=95), PICTURE),
    "CMYK TIFF": (encoded(PICTURE.convert("CMYK"), "TIFF"), PICTURE),
    "YCbCr TIFF": (encoded(PICTURE.convert("YCbCr"), "TIFF"), PICTURE),
    "grey JPEG": (encoded(GREY, "JPEG", quality=95), GREY),
    "1 bit": (encoded(GREY.convert("1", dither=0)), GREY.convert("1", dither=0)),
    "palette": (encoded(PICTURE.convert("P", palette=Image.Palette.ADAPTIVE)), PICTURE),
    "GIF": (encoded(PICTURE, "GIF"), PICTURE),
    "16-bit grey PNG": (png_16_bit(deep(GREY)), GREY),
    "16-bit grey and alpha PNG": (png_16_bit(deep(transparent("LA")[0])), transparent("LA")[1]),
    "16-bit RGB PNG": (png_16_bit(deep(PICTURE)), PICTURE),
    "16-bit RGBA PNG": (png_16_bit(deep(transparent()[0])), transparent()[1]),
    "16-bit grey TIFF": (grey_tiff(deep(GREY)[..., 0]), GREY),
    "32-bit grey TIFF": (grey_tiff(np.asarray(GREY).astype(np.int32) << 23), GREY),
    "float TIFF from 0 to 1": (grey_tiff(SHARES), GREY),
    "float TIFF from 0 to 255": (grey_tiff(SHARES * 255), GREY),
    "RGBA PNG": (encoded(transparent()[0]), transparent()[1]),
    "RGBA WebP": (encoded(transparent()[0], "WEBP", lossless=True), transparent()[1]),
    "RGBA TIFF": (encoded(transparent()[0], "TIFF"), transparent()[1]),
    "RGBA AVIF": (encoded(transparent()[0], "AVIF", quality=95), transparent()[1]),
    "LA PNG": (encoded(transparent("LA")[0]), transparent("LA")[1]),
    "palette PNG with alpha": (encoded(transparent()[0].quantize(64)), transparent()[1]),
}


@pytest.mark.parametrize("name", TWINS)
def test_a_photo_looks_like_its_plain_twin(name):
    content, twin = TWINS[name]
    photo, plain = read_photo(content, size_px=64), twin_of(twin)
    assert likeness(photo, plain) > 0.99
    assert abs(photo.pixels.mean() - plain.pixels.mean()) < 4  # no shift either, which cosine would forgive


def test_deep_greys_are_scaled_and_not_clipped_to_white():
    for name in ("16-bit grey PNG", "16-bit grey TIFF", "32-bit grey TIFF"):
        pixels = read_photo(TWINS[name][0], size_px=64).pixels
        assert len(np.unique(pixels)) > 20, name


def test_floats_beyond_any_range_of_light_are_stretched():
    heights = (SHARES * 5000 - 1000).astype(np.float32)
    heights[0, 0] = np.nan
    assert likeness(read_photo(grey_tiff(heights), size_px=64), twin_of(GREY)) > 0.99


def test_a_colour_that_a_deep_png_calls_transparent_becomes_white():
    png = png_16_bit(np.full((8, 8, 1), 1000, np.uint16))
    end = png.index(b"IDAT") - 4
    body = b"tRNS" + struct.pack(">H", 1000)
    png = png[:end] + struct.pack(">I", 2) + body + struct.pack(">I", zlib.crc32(body)) + png[end:]
    assert (read_photo(png, size_px=8).pixels == 255).all()


def profile_of(name):
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(name)).tobytes()


def swapped_profile():
    """An sRGB profile in which red and blue have changed places: whoever ignores it is seen."""
    profile = bytearray(profile_of("sRGB"))
    for number in range(int.from_bytes(profile[128:132], "big")):
        at = 132 + 12 * number
        name = bytes(profile[at : at + 4])
        profile[at : at + 4] = {b"rXYZ": b"bXYZ", b"bXYZ": b"rXYZ"}.get(name, name)
    return bytes(profile)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_the_colour_profile_is_followed(kind):
    red, green, blue = PICTURE.split()
    swapped = Image.merge("RGB", (blue, green, red))
    content = encoded(swapped, kind, icc_profile=swapped_profile(), quality=95)
    assert likeness(read_photo(content, size_px=64), twin_of(PICTURE)) > 0.99
    assert likeness(read_photo(encoded(swapped), size_px=64), twin_of(PICTURE)) < 0.99


@pytest.mark.parametrize("profile", [b"\0" * 200, b"nonsense", swapped_profile()[:300]])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_a_broken_profile_is_ignored(kind, profile):
    content = encoded(PICTURE, kind, icc_profile=profile, quality=95)
    assert likeness(read_photo(content, size_px=64), twin_of(PICTURE)) > 0.99


def test_a_profile_that_does_not_fit_the_channels_is_ignored():
    content = encoded(PICTURE.convert("CMYK"), "TIFF", icc_profile=swapped_profile())
    assert likeness(read_photo(content, size_px=64), twin_of(PICTURE)) > 0.99
    grey = encoded(GREY, "PNG", icc_profile=profile_of("sRGB"))
    assert likeness(read_photo(grey, size_px=64), twin_of(GREY)) > 0.99


def test_only_the_first_frame_of_a_moving_picture_is_seen():
    frames = [drawn_photo(seed, size=(120, 90)) for seed in (4, 7, 8)]
    for kind in ("GIF", "WEBP", "PNG", "TIFF", "AVIF"):
        buffer = io.BytesIO()
        frames[0].save(buffer, kind, save_all=True, append_images=frames[1:])
        assert likeness(read_photo(buffer.getvalue(), size_px=64), twin_of(frames[0])) > 0.97, kind
