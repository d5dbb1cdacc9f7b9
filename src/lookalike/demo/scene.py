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
from lookalike.demo.meshes import Floats, Ints, dot, unit
from lookalike.demo.palettes import encoded
from lookalike.demo.renderer import Camera, Visible, pixel_centres, rasterise
from lookalike.demo.solids import LitGround, Solid

SUPERSAMPLING = 2
BAND_ROWS = 32
"""The picture is made in bands of so many rows, which keeps the working arrays in the processor's cache."""


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
        tops = range(0, height, BAND_ROWS)
        return np.concatenate([self._band(self.camera.band(t, min(BAND_ROWS, height - t))) for t in tops])

    def _band(self, camera: Camera) -> NDArray[np.uint8]:
        """Some rows of the picture: backdrop first, then layer over layer."""
        fine = self.backdrop.detail
        picture = _coarsened(self.backdrop.painted(camera.scaled(fine), self._ground), fine)
        for colour, cover in self._layers(camera.scaled(SUPERSAMPLING)):
            picture = colour + (1 - cover) * picture
        return (encoded(picture * self.exposure) * 255 + 0.5).astype(np.uint8)

    def _layers(self, camera: Camera) -> Iterator[tuple[Floats, Floats]]:
        """From back to front: far sides of glass, what is opaque, near sides of glass."""
        solid, size = self.solid, {"width_px": camera.width_px, "height_px": camera.height_px}
        xy, near = camera.project(solid.mesh.points)
        corners = xy[solid.mesh.faces]
        d1, d2 = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
        towards = d1[:, 0] * d2[:, 1] - d1[:, 1] * d2[:, 0] < 0
        clear, y = solid.face_is_clear, corners[:, :, 1]
        shown = (y.max(axis=1) > 0) & (y.min(axis=1) < camera.height_px)
        opaque = ~clear & (towards | ~solid.face_is_closed)
        hidden = None
        for which in (clear & ~towards, opaque, clear & towards):
            chosen = np.flatnonzero(which & shown)
            if not len(chosen):
                continue
            seen = rasterise(xy, near, solid.mesh.faces[chosen], behind=hidden, **size)
            yield self._shaded(camera, seen, chosen)
            hidden = seen.nearest if which is opaque else None

    @cached_property
    def _ground(self) -> LitGround:
        """The ground in this light."""
        return self.solid.ground.under(self.lamps)

    @cached_property
    def _values(self) -> Floats:
        """What is mixed from a triangle's corners: texture coordinates, light, normal; shape (V, 8)."""
        mesh = self.solid.mesh
        return np.concatenate([mesh.uv, self._arriving(), mesh.normals], axis=1)

    def _arriving(self) -> Floats:
        """Diffuse light at each mesh point: from the sky, and bounced off the ground; shape (V, 3)."""
        mesh = self.solid.mesh
        direct = self.solid.seen @ self.lamps.radiance()
        openness = self.solid.seen.sum(axis=1, keepdims=True)
        bounced = 0.26 * (0.5 - 0.5 * mesh.normals[:, 1:2]) * (0.35 + 0.65 * np.minimum(openness * 2, 1))
        return np.asarray(direct + bounced, np.float32)

    def _shaded(self, camera: Camera, seen: Visible, chosen: Ints) -> tuple[Floats, Floats]:
        """One layer at the picture's own size: colour times cover, (rows, size, 3), and cover, (..., 1)."""
        width, height = camera.width_px, camera.height_px
        faces = chosen[seen.faces]
        corner = self.solid.mesh.faces[faces]
        mixed = np.einsum("ij,ijk->ik", seen.weights, self._values[corner])
        rays = unit(camera.rays(*pixel_centres(seen.pixels, width)))
        normals = unit(mixed[:, 5:])
        behind = np.maximum(dot(normals, rays), 0)  # faces seen from their inside take a mirrored normal
        normals -= 2 * behind[:, None] * rays
        layer = np.zeros((width * height, 4), np.float32)
        part = self.solid.part_of_face[faces]
        for index in np.unique(part):
            at = np.flatnonzero(part == index)
            colour, opacity = shaded(
                self.solid.parts[index].coat,
                mixed[at, :2],
                light=mixed[at, 2:5],
                normals=normals[at],
                rays=rays[at],
                lamps=self.lamps,
            )
            layer[seen.pixels[at], :3], layer[seen.pixels[at], 3] = colour, opacity
        small = _coarsened(layer.reshape(height, width, 4), SUPERSAMPLING)
        return small[..., :3], small[..., 3:]


def _coarsened(picture: Floats, factor: int) -> Floats:
    """The mean of each block of factor x factor pixels."""
    if factor == 1:
        return picture
    total = sum(picture[i::factor, j::factor] for i in range(factor) for j in range(factor))
    return np.asarray(total / factor**2, np.float32)
