"""A small catalogue drawn on the spot, and a recipe that runs in moments, for the tests of training."""

from __future__ import annotations

from dataclasses import replace

from tests.conftest import drawn_photo, encoded

from lookalike.catalogue.items import Catalogue, Item, View
from lookalike.training.recipe import Recipe
from lookalike.training.recipe_files import recipe_of

COLOURS = ("red", "blue", "green")


def drawn_catalogue(items: int = 18, *, views: int = 3) -> Catalogue:
    """Items in three categories and colours, each with so many drawn views."""
    return Catalogue(tuple(drawn_item(number, views=views) for number in range(items)), source="drawn")


def drawn_item(number: int, *, views: int) -> Item:
    pictures = [encoded(drawn_photo(number, size=(40 + 4 * view, 36))) for view in range(views)]
    attributes = {"category": ("cup", "hat", "lamp")[number % 3], "colour": COLOURS[number // 3 % 3]}
    return Item(f"item-{number:02d}", tuple(View(picture) for picture in pictures), attributes)


def quick(**sections: dict[str, object]) -> Recipe:
    """A recipe of moments: 32 px, a small network of ours, two epochs; sections may be given."""
    values: dict[str, dict[str, object]] = {
        "data": {"size_px": 32},
        "split": {"held_out": 0.25, "validation": 0.25},
        "backbone": {"name": "small-cnn", "weights": "none"},
        "head": {"width": 16},
        "sampler": {"kind": "pk", "batch": 8},
        "loss": {"name": "nt-xent"},
        "schedule": {"epochs": 2},
    }
    for name, section in sections.items():
        values[name] = {**values.get(name, {}), **section}
    return recipe_of({"name": "quick", **values})


def shrunk(recipe: Recipe) -> Recipe:
    """The same recipe with a tiny network, small photos and one epoch: everything else is its own."""
    small = {"vgg": "small-cnn", "vit": "test_vit", "dense": "dense", "small-cnn": "small-cnn"}
    name = next(
        (tiny for start, tiny in small.items() if recipe.backbone.name.startswith(start)), "test_resnet"
    )
    head = replace(
        recipe.head,
        hidden=tuple(8 for _ in recipe.head.hidden),
        width=16 if recipe.head.width else 0,
        matryoshka=(8, 4) if recipe.head.matryoshka else (),
    )
    return replace(
        recipe,
        data=replace(recipe.data, size_px=32),
        split=replace(recipe.split, validation=0.25),
        backbone=replace(recipe.backbone, name=name, weights="none"),
        head=head,
        sampler=replace(recipe.sampler, batch=8),
        loss=replace(recipe.loss, teacher="pixels", memory=min(16, recipe.loss.memory)),
        schedule=replace(recipe.schedule, epochs=1, warmup_epochs=0),
    )
