"""sRGB to Oklab, the perceptual space in which the descriptor measures colour."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_CODES = np.arange(256) / 255
_LINEAR = np.where(_CODES <= 0.04045, _CODES / 12.92, ((_CODES + 0.055) / 1.055) ** 2.4).astype(np.float32)
_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    np.float32,
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ],
    np.float32,
)
_TOE, _SLOPE = 0.206, 0.03


def oklab(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Oklab of sRGB pixels: lightness in 0..1, then the green-red and blue-yellow axes in about -0.3..0.3.

    Lightness carries the toe of Ottosson's Okhsl, which makes it behave as CIELAB's near black:
    without it sensor noise in dark cloth spreads over a third of the scale.

    Args:
        pixels: uint8, shape (..., 3).

    Source: B. Ottosson, "A perceptual color space for image processing" (2020) and
    "Okhsv and Okhsl" (2021).
    """
    lab = np.cbrt(_LINEAR[pixels] @ _TO_CONES.T) @ _TO_LAB.T
    scaled = (1 + _TOE) / (1 + _SLOPE) * lab[..., 0] - _TOE
    toed = 0.5 * (
        scaled + np.sqrt(scaled**2 + 4 * _SLOPE * (1 + _TOE) / (1 + _SLOPE) * np.maximum(lab[..., 0], 0))
    )
    lab[..., 0] = toed
    return np.asarray(lab, np.float32)


def srgb(lab: NDArray[np.floating]) -> NDArray[np.uint8]:
    """The sRGB pixels of colours as ``oklab`` gives them; what no screen can show is clipped.

    Args:
        lab: shape (..., 3).

    >>> srgb(oklab(np.array([194, 103, 63], np.uint8))).tolist()
    [194, 103, 63]
    """
    ratio = (1 + _TOE) / (1 + _SLOPE)
    toed = np.asarray(lab[..., 0], np.float64)
    light = (toed**2 + _TOE * toed) / (ratio * (toed + _SLOPE))
    untoed = np.concatenate([light[..., None], lab[..., 1:]], axis=-1)
    cones = untoed @ np.linalg.inv(_TO_LAB.astype(np.float64)).T
    linear = np.clip(cones**3 @ np.linalg.inv(_TO_CONES.astype(np.float64)).T, 0, 1)
    curved = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(np.round(255 * curved), np.uint8)
