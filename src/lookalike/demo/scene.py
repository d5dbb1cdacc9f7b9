"""A scene: a solid, a camera, lamps and a backdrop become one picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lookalike.demo.backdrops import Paper, Room
from lookalike.demo.lighting import Lamps
from lookalike.demo.materials import shaded
from lookalike.demo.meshes import Floats, Ints, Mask, dot_columns, unit_columns
from lookalike.demo.palettes import encoded
from lookalike.demo.renderer import Band, Camera, Triangles, Visible, rasterise
from lookalike.demo.solids import LitGround, Solid

SUPERSAMPLING = 2
BAND_ROWS = 72
"""The picture is made in bands of so many rows, which keeps the working arrays in the processor's cache."""

_OPAQUE = 1
"""Which of the layers hides what lies behind it."""


@dataclass(frozen=True, eq=False)
class Scene:
    """Everything that one picture shows."""

    solid: Solid
    camera: Camera
    lamps: Lamps
    backdrop: Paper | Room
    exposure: float = 1.0

    def picture(self) -> NDArray[np.uint8]:
        """The picture as sRGB, shape (size, size, 3)."""
        height = self.camera.height_px
        return np.concatenate(
            [self._band(top, min(BAND_ROWS, height - top)) for top in range(0, height, BAND_ROWS)]
        )

    def _band(self, top: int, rows: int) -> NDArray[np.uint8]:
        """Some rows of the picture: backdrop first, then layer over layer."""
        fine = self.backdrop.detail
        backdrop = self.backdrop.painted(self.camera.band(top, rows).scaled(fine), self._ground)
        picture = _coarsened(backdrop, fine)
        band = Band(top * SUPERSAMPLING, (top + rows) * SUPERSAMPLING, self.camera.width_px * SUPERSAMPLING)
        for layer in self._layers(band):
            picture = layer[:3] + (1 - layer[3]) * picture
        return (encoded(picture.transpose(1, 2, 0) * self.exposure) * 255 + 0.5).astype(np.uint8)

    def _layers(self, band: Band) -> Iterator[Floats]:
        """From back to front: far sides of glass, what is opaque, near sides of glass."""
        triangles, hidden = self._triangles, None
        shown = (triangles.bottom > band.first) & (triangles.top < band.stop)
        for number, sort in enumerate(self._sorts):
            chosen = np.flatnonzero(sort & shown).astype(np.int32)
            if not len(chosen):
                continue
            seen = rasterise(triangles.some(chosen), band, behind=hidden)
            yield self._shaded(band, seen, chosen.take(seen.faces))
            hidden = seen.nearest if number == _OPAQUE else None

    @cached_property
    def _fine(self) -> Camera:
        """The camera of the picture before it is made smaller."""
        return self.camera.scaled(SUPERSAMPLING)

    @cached_property
    def _triangles(self) -> Triangles:
        """The whole solid in the picture."""
        mesh = self.solid.mesh
        return Triangles.of(*self._fine.project(mesh.points), mesh.faces)

    @cached_property
    def _sorts(self) -> tuple[Mask, Mask, Mask]:
        """Which triangles are far sides of glass, which opaque, which near sides of glass."""
        solid, towards = self.solid, self._triangles.area < 0
        clear = solid.face_is_clear
        return clear & ~towards, ~clear & (towards | ~solid.face_is_closed), clear & towards

    @cached_property
    def _ground(self) -> LitGround:
        """The ground in this light."""
        return self.solid.ground.under(self.lamps)

    @cached_property
    def _corner_values(self) -> Floats:
        """What is mixed from a triangle's corners: texture coordinates, light, normal; shape (8, 3, F)."""
        mesh = self.solid.mesh
        values = np.concatenate([mesh.uv.T, self._arriving().T, mesh.normals.T])
        return values.take(np.ascontiguousarray(mesh.faces.T), axis=1)

    def _arriving(self) -> Floats:
        """Diffuse light at each mesh point: from the sky, and bounced off the ground; shape (V, 3)."""
        mesh = self.solid.mesh
        direct = self.solid.seen @ self.lamps.radiance()
        openness = self.solid.seen.sum(axis=1, keepdims=True)
        bounced = 0.26 * (0.5 - 0.5 * mesh.normals[:, 1:2]) * (0.35 + 0.65 * np.minimum(openness * 2, 1))
        return np.asarray(direct + bounced, np.float32)

    def _shaded(self, band: Band, seen: Visible, faces: Ints) -> Floats:
        """One layer at the picture's own size: colour times cover, and cover; shape (4, rows, size)."""
        values = self._corner_values.take(faces, axis=2)
        mixed = values[:, 0] * seen.weights[0]
        mixed += values[:, 1] * seen.weights[1]
        mixed += values[:, 2] * seen.weights[2]
        rays = unit_columns(self._fine.rays(*band.centres(seen.pixels)))
        normals = unit_columns(mixed[5:])
        behind = np.maximum(dot_columns(normals, rays), 0)  # faces seen from inside take a mirrored normal
        normals -= 2 * behind * rays
        layer = np.zeros((4, band.pixels), np.float32)
        part = self.solid.part_of_face.take(faces)
        for index in np.flatnonzero(np.bincount(part)):
            at = np.flatnonzero(part == index)
            colour, opacity = shaded(
                self.solid.parts[index].coat,
                mixed[:2].take(at, axis=1),
                light=mixed[2:5].take(at, axis=1),
                normals=normals.take(at, axis=1),
                rays=rays.take(at, axis=1),
                lamps=self.lamps,
            )
            pixels = seen.pixels.take(at)
            for channel, plane in enumerate((*colour, opacity)):
                layer[channel, pixels] = plane
        return _coarsened(layer.reshape(4, -1, band.width_px), SUPERSAMPLING)


def _coarsened(picture: Floats, factor: int) -> Floats:
    """The mean of each block of factor x factor pixels; shape (channels, rows, columns)."""
    if factor == 1:
        return picture
    rows = np.add.reduce([picture[:, i::factor] for i in range(factor)])
    return np.asarray(np.add.reduce([rows[..., j::factor] for j in range(factor)]) / factor**2, np.float32)
