"""Meshes point outwards, close where they should, and keep their sizes."""

from __future__ import annotations

import numpy as np
import pytest

from lookalike.demo.meshes import Mesh, box, curve, evened, joined, pillow, revolve, rounded, tube

BALL = [(np.sin(t), -np.cos(t)) for t in np.linspace(0, np.pi, 24)]


def volume(mesh: Mesh) -> float:
    """The enclosed volume by the divergence theorem; positive when faces are wound outwards."""
    a, b, c = (mesh.points[mesh.faces[:, i]] for i in range(3))
    return float((a * np.cross(b, c)).sum() / 6)


def test_a_turned_ball_has_the_volume_and_the_normals_of_a_ball():
    ball = revolve(BALL, soften=0, columns=97)
    assert volume(ball) == pytest.approx(4 / 3 * np.pi, rel=0.02)
    assert np.allclose(ball.normals, ball.points, atol=0.08)


def test_a_box_has_its_size_stands_on_the_ground_and_faces_outwards():
    mesh = box((0.4, 0.6, 0.8), radius=0.02)
    assert np.allclose(mesh.points.min(axis=0), [-0.2, 0, -0.4], atol=1e-6)
    assert np.allclose(mesh.points.max(axis=0), [0.2, 0.6, 0.4], atol=1e-6)
    assert volume(mesh) == pytest.approx(0.4 * 0.6 * 0.8, rel=0.03)


def test_a_tube_has_the_volume_of_a_cylinder_whatever_way_it_points():
    for end in ((0, 2, 0), (2, 0, 0), (0, 0, 2), (1.2, 1.6, 0)):
        path = np.linspace((0, 0, 0), end, 9)
        assert volume(tube(path, 0.3, sides=48)) == pytest.approx(np.pi * 0.09 * 2, rel=0.02)


def test_normals_are_of_unit_length():
    for mesh in (
        box((1, 1, 1)),
        revolve(BALL),
        *pillow((1, 1, 0.3)),
        tube(np.linspace((0, 0, 0), (1, 1, 1), 5), 0.1),
    ):
        assert np.allclose(np.linalg.norm(mesh.normals, axis=1), 1, atol=1e-4)


def test_the_two_halves_of_a_pillow_close_it():
    assert volume(joined(pillow((1, 1, 0.3)))) > 0.1


def test_a_quarter_turn_about_y_takes_the_front_to_the_side():
    mesh = box((0.1, 0.1, 0.1)).moved(z=1).turned(axis="y", degrees=90)
    assert np.allclose(mesh.points.mean(axis=0), [1, 0.05, 0], atol=1e-6)


def test_a_mirrored_mesh_still_faces_outwards():
    mesh = box((0.2, 0.3, 0.4)).moved(x=1)
    assert volume(mesh.mirrored()) == pytest.approx(volume(mesh))


def test_a_curve_goes_through_its_first_and_last_knot_and_rounding_keeps_the_ends():
    knots = [(0, 0), (1, 2), (3, 1)]
    for line in (curve(knots, 20), rounded(knots), evened(np.array(knots, np.float32), step=0.1)):
        assert np.allclose(line[0], knots[0], atol=1e-3)
        assert np.allclose(line[-1], knots[-1], atol=1e-3)


def test_no_step_of_an_evened_line_is_longer_than_asked():
    line = evened(np.array([(0, 0), (1, 0), (1, 0.05)], np.float32), step=0.1)
    assert np.linalg.norm(np.diff(line, axis=0), axis=1).max() <= 0.1 + 1e-6
