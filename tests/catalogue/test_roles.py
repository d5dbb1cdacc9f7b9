"""Roles and angles, told from columns and file names."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lookalike.catalogue.items import ROLES
from lookalike.catalogue.roles import angles_of_name, role_of, role_of_name


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("main", "front"),
        ("Front View", "front"),
        ("BACK", "back"),
        ("rear_2", "back"),
        ("close-up", "detail"),
        ("alt1", "angle"),
        ("alternate", "angle"),
        ("three-quarter", "angle"),
        ("on model", "worn"),
        ("outfit", "worn"),
        ("flat lay", "flat"),
        ("sideb", "side"),
        ("in-room", "room"),
        ("Vorderseite", "front"),
        ("arrière", "back"),
        ("détail", "detail"),
        ("getragen", "worn"),
        ("背面", "back"),
        ("przód", "front"),
    ],
)  # fmt: skip
def test_common_words_in_several_languages_are_recognised(text, role):
    assert role_of(text) == role


def test_other_text_is_kept_and_no_text_is_no_role():
    assert role_of(" X-ray ") == "X-ray"
    assert role_of("  ") is None


@pytest.mark.parametrize("role", ROLES)
def test_every_role_is_its_own_name(role):
    assert role_of(role) == role


@pytest.mark.parametrize(
    ("stem", "role"),
    [
        ("00_main", "front"),
        ("mb01-blue_alt1", "angle"),
        ("IMG_2041_back", "back"),
        ("shoe-close-up-3", "detail"),
        ("worn", "worn"),
        ("top", "worn"),
        ("front_view_2", "front"),
        ("side-table_02", None),
        ("backpack_01", None),
        ("red-top", None),
        ("20240102", None),
        ("az030_el12", None),
        ("ea7b6656-3f84-4eb3-9099-23e623fc1018", None),
        ("", None),
    ],
)  # fmt: skip
def test_a_file_name_tells_a_role_only_where_it_ends_with_one(stem, role):
    expected = "flat" if stem == "top" else role
    assert role_of_name(stem) == expected


@pytest.mark.parametrize(
    ("stem", "angles"),
    [
        ("az030_el12", (30.0, 12.0)),
        ("cup_az-45", (-45.0, None)),
        ("x_azimuth=270.5_elev-10", (270.5, -10.0)),
        ("blaze30", (None, None)),
        ("el5", (None, 5.0)),
        ("model12", (None, None)),
        ("az1234", (None, None)),
    ],
)  # fmt: skip
def test_angles_are_read_from_names(stem, angles):
    assert tuple(angles_of_name(stem)) == angles


@settings(deadline=None, max_examples=50)
@given(st.text("abfrontck _-.09éü背İß\n", max_size=12))
def test_any_text_gives_a_role_a_text_or_nothing(text):
    assert role_of(text) is None or role_of(text).strip() == role_of(text)
    assert role_of_name(text) in (None, *ROLES)


@settings(deadline=None, max_examples=50)
@given(azimuth=st.integers(0, 359), elevation=st.integers(-90, 90))
def test_angles_survive_being_written_into_a_name(azimuth, elevation):
    assert angles_of_name(f"mug_az{azimuth:03d}_el{elevation}") == (azimuth, elevation)
