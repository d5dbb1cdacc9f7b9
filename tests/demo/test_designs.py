"""The endless catalogue: families, kinds, titles, and shapes that do not depend on the look."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
import pytest

from lookalike.demo.designs import design
from lookalike.demo.kinds import KINDS
from lookalike.demo.kinds.look import Look
from lookalike.demo.materials import FINISHES
from lookalike.demo.textures import PATTERNS

SHOP = [design(n) for n in range(96)]


def families(designs):
    grouped = defaultdict(list)
    for one in designs:
        grouped[one.family].append(one)
    return grouped.values()


def test_the_default_shop_has_at_least_ten_kinds_and_no_title_or_id_twice():
    assert len({one.kind_name for one in SHOP}) >= 10
    assert len({one.id for one in SHOP}) == len({one.title for one in SHOP}) == len(SHOP)


def test_members_of_a_family_differ_in_colour_alone_or_in_pattern_alone():
    seen = Counter()
    for members in families(SHOP):
        patterns = {one.look.pattern for one in members}
        colours = {one.look.colours for one in members}
        materials = {(one.look.material, one.look.wood, one.look.seed, one.price) for one in members}
        assert len(materials) == 1
        assert sorted([len(patterns), len(colours)]) == [1, len(members)]
        assert len({one.look.colours[0] for one in members}) == len(colours)
        seen[members[0].varies] += 1
    assert min(seen["colour"], seen["pattern"]) >= 8


def test_siblings_have_the_same_shape_and_families_do_not():
    by_kind = defaultdict(list)
    for first, second, *_ in families(SHOP):
        assert np.array_equal(first.solid.mesh.points, second.solid.mesh.points)
        by_kind[first.kind_name].append(first.solid.mesh.points)
    for one, other in by_kind.values():
        assert one.shape != other.shape or not np.allclose(one, other)


def test_an_item_is_the_same_however_often_it_is_designed_and_other_seeds_give_others():
    assert design(40, seed=3) == design(40, seed=3)
    assert [design(n, seed=1).look for n in range(9)] != [one.look for one in SHOP[:9]]


def test_thousands_of_items_have_names_of_their_own():
    assert len({design(n).title for n in range(3000)}) == 3000


@pytest.mark.parametrize("name", sorted(KINDS))
@pytest.mark.parametrize("shape", range(3))
def test_every_kind_stands_on_the_ground_with_a_body_of_about_one_unit(name, shape):
    kind = KINDS[name]
    look = Look(("navy", "chalk", "coral"), "plain", kind.materials[0], "oak", "brass")
    mesh = kind.solid(look, shape_seed=(shape,)).mesh
    low, high = mesh.points.min(axis=0), mesh.points.max(axis=0)
    assert -0.03 < low[1] < 0.4
    assert 0.5 < (high - low).max() < 1.9
    assert np.isfinite(mesh.points).all()
    assert np.abs(np.linalg.norm(mesh.normals, axis=1) - 1).max() < 0.02


def test_every_kind_comes_in_materials_and_patterns_that_exist():
    for kind in KINDS.values():
        assert set(kind.materials) <= set(FINISHES)
        assert set(kind.patterns) <= set(PATTERNS)
        assert kind.setting in ("table", "floor", "form")
