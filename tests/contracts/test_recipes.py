"""Every recipe of the package runs on a catalogue, shrunk to moments, and leaves a model behind."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("torch")
pytestmark = pytest.mark.train

from tests.training.drawn import drawn_catalogue, shrunk  # noqa: E402

from lookalike.embedding.zoo import open_embedder  # noqa: E402
from lookalike.training.recipe_files import known_recipes, load_recipe  # noqa: E402
from lookalike.training.running import train  # noqa: E402

WRITTEN = ("recipe.json", "last.safetensors", "best.safetensors", "curves.csv", "curves.png", "report.json")


@pytest.fixture(scope="module")
def catalogue():
    return drawn_catalogue()


@pytest.mark.parametrize("name", known_recipes())
def test_a_recipe_runs_and_its_model_folder_opens(name, catalogue, tmp_path):
    recipe = shrunk(load_recipe(name))
    trained = train(catalogue, recipe, tmp_path / "run")
    assert all((tmp_path / "run" / file).is_file() for file in WRITTEN)
    card = open_embedder(trained.model).card
    assert card.name == name
    assert card.quality
    report = json.loads((tmp_path / "run" / "report.json").read_text())
    assert report["recipe"]["loss"]["name"] == recipe.loss.name
    contenders = {one["name"] for one in report["comparisons"][0]["contenders"]}
    assert contenders == {name, "before training", "pixels", "descriptor", "untrained"}


@pytest.mark.parametrize("name", known_recipes())
def test_a_recipe_says_what_it_is(name):
    recipe = load_recipe(name)
    assert recipe.name == name
    assert recipe.summary.endswith(".")
