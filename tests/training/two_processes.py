"""One process of several that train together: run by torchrun, or alone. Writes the losses it saw.

Arguments: a folder of the run's own, recipes as a JSON list.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import torch
from tests.training.drawn import drawn_catalogue

from lookalike.training.data import prepare
from lookalike.training.devices import Devices, Workplace, start
from lookalike.training.heads import make_learner
from lookalike.training.recipe import Recipe
from lookalike.training.recipe_files import recipe_of
from lookalike.training.trainer import Trainer


def main(folder: Path, recipes: str) -> None:
    torch.set_num_threads(1)
    workplace = start(Devices("cpu"))
    for number, values in enumerate(json.loads(recipes)):
        follow(recipe_of(values), folder / str(number), workplace)


def follow(recipe: Recipe, folder: Path, workplace: Workplace) -> None:
    rank = workplace.fabric.global_rank
    lessons = prepare(drawn_catalogue(8), recipe, folder=folder / f"photos-{rank}")
    learner = make_learner(recipe, classes=lessons.classes)
    trainer = Trainer(recipe, lessons, learner, folder=folder, workplace=workplace)
    fitted = trainer.fit()
    told = {
        "world": workplace.fabric.world_size,
        "losses": [epoch["train_loss"] for epoch in fitted.history],
        "weights": [float(value.double().sum()) for value in trainer.standing.learner.state_dict().values()],
    }
    (folder / f"told-{rank}.json").write_text(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
