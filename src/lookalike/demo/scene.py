"""A scene: a solid, a camera, lamps and a backdrop become one picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.demo.backdrops import Paper, Room
from lookalike.demo.lighting import Lamps
from lookalike.demo.materials import shaded
from lookalike.demo.meshes import Floats, Ints, dot, unit
from lookalike.demo.palettes import encoded
from lookalike.demo.renderer import Camera, Visible, pixel_centres, rasterise
from lookalike.demo.solids import Solid

SUPERSAMPLING = 2


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
        fine = self.backdrop.detail
        picture = self.backdrop.painted(
            self.camera.scaled(fine) if fine > 1 else self.camera, self.solid.ground, self.lamps
        )
        picture = _coarsened(picture, fine)
        for colour, cover in self._layers():
            picture = colour + (1 - cover) * picture
        return (encoded(picture * self.exposure) * 255 + 0.5).astype(np.uint8)

    def _layers(self) -> list[tuple[Floats, Floats]]:
        """From back to front: far sides of glass, what is opaque, near sides of glass."""
        solid, camera = self.solid, self.camera.scaled(SUPERSAMPLING)
        xy, near = camera.project(solid.mesh.points)
        corners = xy[solid.mesh.faces]
        d1, d2 = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
        towards = d1[:, 0] * d2[:, 1] - d1[:, 1] * d2[:, 0] < 0
        clear = solid.face_is_clear
        opaque = ~clear & (towards | ~solid.face_is_closed)
        light = self._arriving()
        layers, hidden = [], None
        for which in (clear & ~towards, opaque, clear & towards):
            chosen = np.flatnonzero(which).astype(np.int32)
            if not len(chosen):
                continue
            size = camera.size_px
            seen = rasterise(xy, near, solid.mesh.faces[chosen], size_px=size, behind=hidden)
            layers.append(self._shaded(camera, seen, chosen, light))
            if which is opaque:
                hidden = np.zeros(size * size, np.float32)
                hidden[seen.pixels] = seen.near
        return layers

    def _arriving(self) -> Floats:
        """Diffuse light at each mesh point: from the sky, and bounced off the ground; shape (V, 3)."""
        mesh = self.solid.mesh
        direct = self.solid.seen @ self.lamps.radiance()
        openness = self.solid.seen.sum(axis=1, keepdims=True)
        bounced = 0.26 * (0.5 - 0.5 * mesh.normals[:, 1:2]) * (0.35 + 0.65 * np.minimum(openness * 2, 1))
        return np.asarray(direct + bounced, np.float32)

    def _shaded(self, camera: Camera, seen: Visible, chosen: Ints, light: Floats) -> tuple[Floats, Floats]:
        """One layer at the picture's own size: colour times cover, shape (S, S, 3), and cover, (S, S, 1)."""
        mesh, size = self.solid.mesh, camera.size_px
        faces = chosen[seen.faces]
        values = np.concatenate([mesh.uv, light, mesh.normals], axis=1)
        corner = mesh.faces[faces]
        mixed = seen.weights[:, :1] * values[corner[:, 0]]
        mixed += seen.weights[:, 1:2] * values[corner[:, 1]]
        mixed += seen.weights[:, 2:] * values[corner[:, 2]]
        rays = unit(camera.rays(*pixel_centres(seen.pixels, size)))
        normals = unit(mixed[:, 5:])
        behind = np.maximum(dot(normals, rays), 0)  # faces seen from their inside take a mirrored normal
        normals -= 2 * behind[:, None] * rays
        layer = np.zeros((size * size, 4), np.float32)
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
        small = _coarsened(layer.reshape(size, size, 4), SUPERSAMPLING)
        return small[..., :3], small[..., 3:]


def _coarsened(picture: Floats, factor: int) -> Floats:
    """The mean of each block of factor x factor pixels."""
    if factor == 1:
        return picture
    total = sum(picture[i::factor, j::factor] for i in range(factor) for j in range(factor))
    return np.asarray(total / factor**2, np.float32)
