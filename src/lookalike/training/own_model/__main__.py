"""The recipe of our own model: ``python -m lookalike.training.own_model --data DIR --out DIR``.

Photos to a cache; a start in closed form; distillation from a reference classifier until the minutes
are up (run it again to go on); two heads on cached features; one ONNX file with its card.
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

from lookalike.training.own_model.assembly import SIZE_PX, assembled, card_of, inputs_of, quality_of
from lookalike.training.own_model.export import export_model
from lookalike.training.own_model.photos import open_table
from lookalike.training.own_model.training import LOG, Places, distilled


def main() -> None:
    """Run the recipe from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True, help="folder of the photo sources")
    parser.add_argument("--out", type=Path, required=True, help="model folder to write")
    parser.add_argument("--runs", type=Path, default=Path("runs/own-model"), help="caches and checkpoints")
    parser.add_argument("--pace", type=float, default=1.0, help="factor of the distillation's minutes")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    places = Places(given.data, given.runs)
    network = distilled(places, pace=given.pace)
    table = open_table(places.data, places.runs, size_px=SIZE_PX)
    inputs = inputs_of(network, table)
    quality = quality_of(table, inputs)
    for name, figure in quality.items():
        LOG.info("%s: %s", name, figure)
    export_model(assembled(network, table, inputs), card_of(quality), given.out)


if __name__ == "__main__":
    main()
