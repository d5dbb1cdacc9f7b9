"""From any pixel mode that a decoder gives to 8-bit sRGB on white."""

from __future__ import annotations

import io
from functools import lru_cache

import numpy as np
from PIL import Image, ImageCms

_WHITE = (255, 255, 255)
_PLAIN = ("L", "RGB", "CMYK", "LAB")
_PROFILE_SPACES = {"RGB ": "RGB", "GRAY": "L", "CMYK": "CMYK"}


def flatten(image: Image.Image) -> Image.Image:
    """The picture with 8 bits a channel and no transparency: mode L, RGB, CMYK or LAB.

    Deep greys are scaled, never clipped; transparent parts become white.
    """
    if image.mode[0] in "IF":
        return _scaled_to_8_bits(image)
    if image.has_transparency_data:
        return _on_white(image.convert("RGBA"))
    if image.mode in _PLAIN:
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _on_white(image: Image.Image) -> Image.Image:
    ground = Image.new("RGB", image.size, _WHITE)
    ground.paste(image, mask=image.getchannel("A"))
    return ground


def _scaled_to_8_bits(image: Image.Image) -> Image.Image:
    """Grey of 16 or 32 bits or of floats, scaled by the range that its numbers were written for.

    Integers up to 65,535 are 16-bit, larger ones 31-bit (Pillow's are signed). Floats between 0 and 1 are
    shares of white, those up to 255 are bytes; anything else is stretched from its least to its greatest.
    """
    values = np.asarray(image).astype(np.float32)
    values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(values.min()), float(values.max())
    white = _white_of(low, high, whole=image.mode[0] == "I")
    if white is None:
        white = max(high - low, 1e-12)
    else:
        low = 0.0
    grey = ((values - low) * np.float32(255 / white) + np.float32(0.5)).clip(0, 255).astype(np.uint8)
    transparent = image.info.get("transparency")
    if isinstance(transparent, int):
        grey[values == transparent] = 255
    return Image.fromarray(grey)


def _white_of(low: float, high: float, *, whole: bool) -> float | None:
    """The number that stands for white, or None where the values only have a range."""
    if low < 0:
        return None
    if whole:
        return 65_535.0 if high <= 65_535 else float(2**31 - 1)
    return 1.0 if high <= 1 else 255.0 if high <= 255 else None


def to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """The flattened picture in sRGB; a profile that is broken or does not fit is ignored."""
    transform = _transform(profile, image.mode) if profile else None
    if transform is None:
        return image if image.mode == "RGB" else image.convert("RGB")
    takes, converter = transform
    return converter.apply(image if image.mode == takes else image.convert(takes))


@lru_cache(maxsize=32)
def _transform(profile: bytes, mode: str) -> tuple[str, ImageCms.ImageCmsTransform] | None:
    """The mode that the profile takes and the way from there to sRGB; kept, for shops share profiles."""
    try:
        opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        takes = _PROFILE_SPACES.get(opened.profile.xcolor_space)
        if takes is None or (takes != mode and (mode, takes) != ("L", "RGB")):
            return None
        srgb = ImageCms.createProfile("sRGB")
        return takes, ImageCms.buildTransform(opened, srgb, takes, "RGB")
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        return None
