"""Recipes are read strictly, and single values can be changed."""

from __future__ import annotations

import re

import pytest

from lookalike.errors import TrainingError
from lookalike.training.recipe import Recipe
from lookalike.training.recipe_files import known_recipes, load_recipe, recipe_of
from lookalike.training.recipe_limits import LIMITS, numbers_of


def test_the_studys_recipes_have_the_papers_settings():
    dense, densenet = load_recipe("dense-baseline"), load_recipe("densenet201-items-multi")
    assert (dense.head.hidden, dense.loss.name, dense.optimiser.name, dense.schedule.epochs) == (
        (128,),
        "cross-entropy",
        "adam",
        50,
    )
    assert (densenet.backbone.name, densenet.sampler.batch, densenet.schedule.epochs) == (
        "densenet201",
        128,
        200,
    )
    for name in ("vgg16-3-labels", "vgg16-10-labels", "vgg19-3-labels", "vgg19-10-labels"):
        recipe = load_recipe(name)
        assert recipe.backbone.frozen
        assert recipe.schedule.epochs == 50
        assert name == f"{recipe.backbone.name}-{recipe.data.most_common}-labels"


def test_the_colour_ablation_differs_by_colour_alone():
    with_colour, without = load_recipe("resnet34-simclr"), load_recipe("resnet34-simclr-no-colour")
    changed = with_colour.to_dict()
    changed |= {"name": without.name, "summary": without.summary}
    changed["augmentation"] |= {"colour": 0.0, "grey": 0.0}
    assert changed == without.to_dict()


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"epochs": 3}, "'epochs'"),
        ({"schedule": {"epoch": 3}}, "'schedule.epoch'"),
        ({"schedule": {"epochs": 3.5}}, "schedule.epochs"),
        ({"schedule": {"epochs": True}}, "schedule.epochs"),
        ({"schedule": {"kind": "linear"}}, "constant, cosine"),
        ({"head": {"hidden": 8}}, "a list"),
        ({"backbone": "vgg16"}, "must be a table"),
        ({"version": 99}, "version 99"),
    ],
)
def test_what_is_unknown_or_of_the_wrong_kind_is_named(values, named):
    with pytest.raises(TrainingError, match=named):
        recipe_of({"name": "mine", **values})


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("schedule.epochs=0", "schedule.epochs is 0; it must be at least 1"),
        ("sampler.batch=0", "sampler.batch is 0"),
        ("data.size_px=0", "data.size_px is 0"),
        ("data.share=0", "data.share is 0; it must be above 0 and at most 1"),
        ("data.label_noise=2", "data.label_noise is 2"),
        ("split.held_out=0", "split.held_out is 0; it must be above 0 and below 1"),
        ("split.held_out=0.9", "leave no items to train on"),
        ("loss.temperature=0", "loss.temperature is 0"),
        ("optimiser.rate=nan", "optimiser.rate is nan"),
        ("head.matryoshka=[64, 0]", "head.matryoshka is 0"),
    ],
)
def test_a_number_beyond_its_limits_is_refused_before_any_work(setting, said):
    with pytest.raises(TrainingError, match=re.escape(said)):
        load_recipe("views-quick", settings=[setting])


def test_every_number_of_a_recipe_has_limits_and_every_recipe_keeps_them():
    recipes = [load_recipe(name) for name in known_recipes()]
    there = {name for recipe in recipes for name, _ in numbers_of(recipe)}
    assert there == {*LIMITS, "version"}


def test_setting_a_part_of_a_value_is_an_error():
    with pytest.raises(TrainingError, match="'epochs', which is one value") as caught:
        load_recipe("views-quick", settings=["schedule.epochs.most=3"])
    assert caught.value.hint == "Write schedule.epochs=VALUE."


def test_whole_numbers_may_stand_for_fractions():
    assert recipe_of({"name": "mine", "optimiser": {"rate": 1}}).optimiser.rate == 1.0


def test_single_values_are_changed_and_words_need_no_quotes():
    recipe = load_recipe(
        "views-quick",
        settings=["schedule.epochs=3", "loss.name=triplet", "head.matryoshka=[64, 32]", "seed=7"],
    )
    assert (recipe.schedule.epochs, recipe.loss.name, recipe.seed) == (3, "triplet", 7)
    assert recipe.head.matryoshka == (64, 32)


def test_a_file_of_ones_own_is_a_recipe_named_after_itself(tmp_path):
    (tmp_path / "mine.toml").write_text("[loss]\nname = 'supcon'\n")
    recipe = load_recipe(tmp_path / "mine.toml")
    assert (recipe.name, recipe.loss.name) == ("mine", "supcon")
    assert recipe.data == Recipe(name="any").data


def test_what_is_no_recipe_is_an_error(tmp_path):
    (tmp_path / "broken.toml").write_text("[loss\n")
    for wanted in ("no-such-recipe", tmp_path / "broken.toml", tmp_path / "absent.toml"):
        with pytest.raises(TrainingError):
            load_recipe(wanted)
    with pytest.raises(TrainingError, match="sets nothing"):
        load_recipe(known_recipes()[0], settings=["seed"])
