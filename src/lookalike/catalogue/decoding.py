"""From the bytes of a photo to upright sRGB pixels of the wanted size, by way of one guarded decoder."""

from __future__ import annotations

import io
import math
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass

from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from lookalike.catalogue.colour import flatten, to_srgb
from lookalike.catalogue.containers import (
    MAX_PROFILE_BYTES,
    Container,
    damaged,
    orientation,
    read_jpeg,
    read_png,
    read_webp,
)
from lookalike.catalogue.formats import Kind, identify
from lookalike.errors import PhotoError

Crop = tuple[float, float, float, float]
"""(left, top, right, bottom) as shares of width and height of the upright photo, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the pixels are wanted for.

    Args:
        long_side_px: the long side of the result.
        crop: the part to use; None for all.
        enlarge: whether photos smaller than that are enlarged.
        max_pixels: photos with more, by their header, are refused.
    """

    long_side_px: int
    crop: Crop | None
    enlarge: bool
    max_pixels: int


# The decoders are called by name: Image.open would try others, and looks at the size only to warn.
_DECODERS: dict[Kind, Callable[[io.BytesIO], Image.Image]] = {
    "JPEG": JpegImagePlugin.JpegImageFile,
    "PNG": PngImagePlugin.PngImageFile,
    "WEBP": WebPImagePlugin.WebPImageFile,
    "GIF": GifImagePlugin.GifImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
    "AVIF": AvifImagePlugin.AvifImageFile,
}
_CONTAINERS: dict[Kind, Callable[[bytes], Container]] = {
    "JPEG": read_jpeg,
    "PNG": read_png,
    "WEBP": read_webp,
}
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = (5, 6, 7, 8)
_one_at_a_time = threading.Lock()


def decode(content: bytes, wanted: Wanted) -> tuple[Image.Image, tuple[int, int]]:
    """The picture, and the (width, height) in pixels that it had upright and cropped.

    Raises:
        PhotoError: whatever is wrong with the file; no other error comes from its content.
    """
    _check_crop(wanted.crop)
    kind = identify(content)
    try:
        return _decode(kind, content, wanted)
    except PhotoError:
        raise
    except MemoryError as error:
        raise _too_large("The photo needs more memory than there is") from error
    except Exception as error:  # decoders of broken files raise whatever they like
        why = " ".join(str(error).split()) or type(error).__name__
        raise damaged(f"the {kind} decoder stopped ({why})") from error


def _decode(kind: Kind, content: bytes, wanted: Wanted) -> tuple[Image.Image, tuple[int, int]]:
    stored = _CONTAINERS[kind](content) if kind in _CONTAINERS else None
    if stored is None:
        image, turn, profile = _open_warned(kind, content, wanted)
    else:
        _check_pixels(stored.width_px, stored.height_px, wanted)
        image, turn, profile = (
            _decoder(kind)(io.BytesIO(stored.stream)),
            orientation(stored.exif),
            stored.profile,
        )
    whole = image.size[::-1] if turn in _SIDEWAYS else image.size
    part = _cropped_size(whole, wanted.crop)
    size = _fitted(part, wanted)
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        _scale_while_decoding(image, part, size)
    flat = flatten(image)
    if turn in _UPRIGHT:
        flat = flat.transpose(_UPRIGHT[turn])
    small = flat.resize(size, Image.Resampling.BICUBIC, box=_box(flat.size, wanted.crop), reducing_gap=2.0)
    return to_srgb(small, profile if len(profile) <= MAX_PROFILE_BYTES else b""), part


def _decoder(kind: Kind) -> Callable[[io.BytesIO], Image.Image]:
    if kind == "HEIF":
        return _heif_decoder()
    return _DECODERS[kind]


def _heif_decoder() -> Callable[[io.BytesIO], Image.Image]:
    """The decoder of the package pillow-heif, which is optional and never registered with Pillow."""
    try:
        from pillow_heif.as_plugin import HeifImageFile
    except ImportError as error:
        raise PhotoError(
            "HEIF photos cannot be decoded by this installation.",
            hint="Install it: pip install pillow-heif; or save the photo as JPEG.",
            reason="unsupported",
        ) from error
    opened: Callable[[io.BytesIO], Image.Image] = HeifImageFile
    return opened


def _open_warned(kind: Kind, content: bytes, wanted: Wanted) -> tuple[Image.Image, int, bytes]:
    """Open and load a photo whose header only the decoder can read: (image, orientation, profile).

    These decoders warn of odd metadata by way of Python's warnings, whose filters belong to the whole
    process, so one thread at a time opens such a photo, and leaves the filters as they were.
    """
    with _one_at_a_time, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        image = _decoder(kind)(io.BytesIO(content))
        _check_pixels(*image.size, wanted)
        image.load()
    # TIFF and HEIF decoders turn the photo upright by themselves.
    turn = orientation(image.info.get("exif", b"")) if kind == "AVIF" else 1
    return image, turn, image.info.get("icc_profile") or b""


def _check_pixels(width: int, height: int, wanted: Wanted) -> None:
    if width * height > wanted.max_pixels:
        raise _too_large(
            f"The photo has {width} x {height} pixels, more than {wanted.max_pixels / 1e6:g} megapixels"
        )
    if width < 1 or height < 1:
        raise damaged("it states a size of nothing")


def _too_large(what: str) -> PhotoError:
    return PhotoError(f"{what}.", hint="Make it smaller, or raise the limit.", reason="too_large")


def _check_crop(crop: Crop | None) -> None:
    left, top, right, bottom = crop or (0.0, 0.0, 1.0, 1.0)
    if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
        raise PhotoError(
            f"The crop {crop} is no part of a photo.",
            hint="Give left, top, right, bottom as shares between 0 and 1.",
            reason="unsupported",
        )


def _cropped_size(whole: tuple[int, int], crop: Crop | None) -> tuple[int, int]:
    left, top, right, bottom = _box(whole, crop)
    return max(1, round(right - left)), max(1, round(bottom - top))


def _box(size: tuple[int, int], crop: Crop | None) -> tuple[float, float, float, float]:
    """The crop in pixels of a picture of that size."""
    left, top, right, bottom = crop or (0.0, 0.0, 1.0, 1.0)
    return left * size[0], top * size[1], right * size[0], bottom * size[1]


def _fitted(part: tuple[int, int], wanted: Wanted) -> tuple[int, int]:
    """The size of the part once its long side is as long as wanted."""
    scale = wanted.long_side_px / max(part)
    if scale > 1 and not wanted.enlarge:
        return part
    return max(1, round(part[0] * scale)), max(1, round(part[1] * scale))


def _scale_while_decoding(
    image: JpegImagePlugin.JpegImageFile, part: tuple[int, int], size: tuple[int, int]
) -> None:
    """Let the JPEG decoder leave out detail that the result cannot show: 1/2, 1/4 or 1/8 a side.

    It works on the stored (unturned, uncropped) picture, and never goes below the wanted size.
    """
    shrink = min(part[0] / size[0], part[1] / size[1])
    if shrink >= 2:
        image.draft(None, (math.ceil(image.width / shrink), math.ceil(image.height / shrink)))
