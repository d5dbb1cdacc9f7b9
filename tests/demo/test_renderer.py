"""The rasteriser agrees with a slow loop, and the camera with geometry."""

from __future__ import annotations

import numpy as np
import pytest

from lookalike.demo.meshes import box
from lookalike.demo.renderer import camera_axes, framed, rasterise


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
    seen = rasterise(xy, near, faces, width_px=16, height_px=16)
    owner = np.full(256, -1)
    owner[seen.pixels] = seen.faces
    assert (owner != by_hand(xy, near, faces, 16)).sum() <= 2  # centres that lie on an edge


def test_weights_give_back_the_point_that_a_pixel_sees():
    mesh = box((1, 1, 1)).moved(y=-0.5)
    camera = framed(mesh.points, camera_axes(30, 20), size_px=48, fill=0.8)
    xy, near = camera.project(mesh.points)
    seen = rasterise(xy, near, mesh.faces, width_px=48, height_px=48)
    points = np.einsum("ij,ijk->ik", seen.weights, mesh.points[mesh.faces[seen.faces]])
    again, _ = camera.project(points)
    centres = np.stack([seen.pixels % 48, seen.pixels // 48], -1) + 0.5
    assert np.allclose(again, centres, atol=0.02)


def test_what_lies_behind_a_depth_buffer_is_hidden():
    xy = np.array([[0, 0], [16, 0], [0, 16]], np.float32)
    face, wall = np.array([[0, 1, 2]], np.int32), np.full(256, 0.5, np.float32)
    assert not len(
        rasterise(xy, np.full(3, 0.4, np.float32), face, width_px=16, height_px=16, behind=wall).pixels
    )
    assert len(
        rasterise(xy, np.full(3, 0.6, np.float32), face, width_px=16, height_px=16, behind=wall).pixels
    )


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


def test_bands_of_a_camera_join_to_its_whole_picture():
    mesh = box((1, 1, 1))
    whole = framed(mesh.points, camera_axes(30, 20), size_px=40, fill=0.8)
    owners = []
    for camera in (whole, whole.band(0, 24), whole.band(24, 16)):
        xy, near = camera.project(mesh.points)
        seen = rasterise(xy, near, mesh.faces, width_px=40, height_px=camera.height_px)
        owner = np.full(40 * camera.height_px, -1)
        owner[seen.pixels] = seen.faces
        owners.append(owner)
    assert (np.concatenate(owners[1:]) != owners[0]).sum() <= 4
