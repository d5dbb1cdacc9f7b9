"""The rasteriser agrees with a slow loop, and the camera with geometry."""

from __future__ import annotations

import numpy as np
import pytest

from lookalike.demo.meshes import box
from lookalike.demo.renderer import Band, Triangles, camera_axes, framed, rasterise


def by_hand(xy, near, faces, size):
    """The nearest triangle at each pixel centre by a loop over pixels and triangles, -1 for none."""
    owner, best = np.full((size, size), -1), np.zeros((size, size))
    for f, face in enumerate(faces):
        p, z = xy[face].astype(float), near[face].astype(float)
        for row in range(size):
            for column in range(size):
                c = np.array([column + 0.5, row + 0.5])
                w = [np.linalg.det(np.stack([p[(i + 1) % 3] - c, p[(i + 2) % 3] - c])) for i in range(3)]
                if (min(w) > 0 or max(w) < 0) and (depth := float(np.dot(w, z) / sum(w))) > best[row, column]:
                    owner[row, column], best[row, column] = f, depth
    return owner.ravel()


def test_the_nearest_triangle_wins_at_each_pixel_as_in_a_loop_over_all():
    rng = np.random.default_rng(3)
    xy = rng.uniform(-3, 19, (24, 2)).astype(np.float32)
    near, faces = rng.uniform(0.2, 1, 24).astype(np.float32), np.arange(24, dtype=np.int32).reshape(8, 3)
    seen = rasterise(Triangles.of(xy, near, faces), Band(0, 16, 16))
    owner = np.full(256, -1)
    owner[seen.pixels] = seen.faces
    assert (owner != by_hand(xy, near, faces, 16)).sum() <= 2  # centres that lie on an edge


def test_weights_give_back_the_point_that_a_pixel_sees():
    mesh = box((1, 1, 1)).moved(y=-0.5)
    camera = framed(mesh.points, camera_axes(30, 20), size_px=48, fill=0.8)
    seen = rasterise(Triangles.of(*camera.project(mesh.points), mesh.faces), Band(0, 48, 48))
    points = np.einsum("ji,ijk->ik", seen.weights, mesh.points[mesh.faces[seen.faces]])
    again, _ = camera.project(points)
    centres = np.stack([seen.pixels % 48, seen.pixels // 48], -1) + 0.5
    assert np.allclose(again, centres, atol=0.02)


def test_what_lies_behind_a_depth_buffer_is_hidden():
    xy = np.array([[0, 0], [16, 0], [0, 16]], np.float32)
    wall = np.full(256, 0.5, np.float32)

    def seen_at(near):
        triangles = Triangles.of(xy, np.full(3, near, np.float32), np.array([[0, 1, 2]], np.int32))
        return rasterise(triangles, Band(0, 16, 16), behind=wall).pixels

    assert not len(seen_at(0.4))
    assert len(seen_at(0.6)) > 100


@pytest.mark.parametrize(("azimuth", "elevation"), [(0, 0), (90, 10), (200, 45), (-30, 80)])
def test_the_framed_item_is_wholly_in_the_picture_and_in_its_middle(azimuth, elevation):
    points = box((0.3, 1, 0.6)).points
    camera = framed(points, camera_axes(azimuth, elevation), size_px=100, fill=0.86)
    xy, _ = camera.project(points)
    assert 2 < xy.min() < 50 < xy.max() < 98


def test_azimuth_0_looks_at_the_front_and_90_at_the_side():
    assert np.allclose(camera_axes(0, 0)[2], [0, 0, 1], atol=1e-6)
    assert np.allclose(camera_axes(90, 0)[2], [1, 0, 0], atol=1e-6)
    assert np.allclose(camera_axes(0, 90)[2], [0, 1, 0], atol=1e-6)


def test_bands_of_a_picture_join_to_the_whole():
    mesh = box((1, 1, 1))
    camera = framed(mesh.points, camera_axes(30, 20), size_px=40, fill=0.8)
    triangles = Triangles.of(*camera.project(mesh.points), mesh.faces)
    owners = []
    for band in (Band(0, 40, 40), Band(0, 24, 40), Band(24, 40, 40)):
        seen = rasterise(triangles, band)
        owner = np.full(band.pixels, -1)
        owner[seen.pixels] = seen.faces
        owners.append(owner)
    assert (owners[0] >= 0).sum() > 400
    assert np.array_equal(np.concatenate(owners[1:]), owners[0])


def test_rays_of_a_band_are_those_of_the_whole_camera():
    camera = framed(box((1, 1, 1)).points, camera_axes(30, 20), size_px=40, fill=0.8)
    x, y = np.arange(40, dtype=np.float32)[None], np.arange(16, dtype=np.float32)[:, None]
    assert np.allclose(camera.band(24, 16).rays(x, y), camera.rays(x, y + 24), atol=1e-6)
