"""The baselines beside our own model, on the parts that its recipe holds out: the table of docs/model.md.

    python -m benchmarks.own_model [--data ../shared/data] [--cache build/own-model]

The model's own column is made by its recipe (``lookalike.training.own_model``), which writes it into the
card: it needs heads that have not seen the held-out things. mobilenet_v2 sees the same 160 px as our model.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from benchmarks.machine import describe
from numpy.typing import NDArray

from lookalike.catalogue.photos import read_photo
from lookalike.embedding.zoo import open_embedder
from lookalike.training.own_model.assembly import SIZE_PX
from lookalike.training.own_model.figures import figures, over_splits
from lookalike.training.own_model.photos import OTHER_SPLITS, PhotoTable, open_table
from lookalike.training.own_model.teacher import LAST_MAPS, Teacher

RESULT = Path(__file__).parent / "results" / "own_model.json"
REFERENCE = Path("reference_models/mobilenet_v2_imagenet.onnx")


def embedded(name: str, table: PhotoTable, data: Path) -> NDArray[np.float32]:
    embedder = open_embedder(name)
    size = embedder.card.size_px
    paths = [data / entry.source / entry.path for entry in table.entries]
    return np.concatenate([embedder.encode([read_photo(path, size_px=size)]) for path in paths])


def reference(table: PhotoTable, data: Path) -> NDArray[np.float32]:
    teacher = Teacher(data / REFERENCE, [LAST_MAPS], threads=2)
    found = []
    for start in range(0, len(table.entries), 32):
        planes = table.pixels[start : start + 32].transpose(0, 3, 1, 2).astype(np.float32)
        found.append(teacher(planes)[0].mean((2, 3)))
    features = np.concatenate(found)
    return np.asarray(features / np.linalg.norm(features, axis=1, keepdims=True), np.float32)


def told(matrix: NDArray[np.float32], table: PhotoTable) -> dict[str, str]:
    """The figures of the recipe's split, and of its other splits."""
    first = {title: str(value) for title, value in figures(matrix, table).items()}
    others = over_splits([figures(matrix, table, split=split) for split in OTHER_SPLITS])
    return first | {f"{title}, {len(OTHER_SPLITS)} other splits": value for title, value in others.items()}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--cache", type=Path, default=Path("build/own-model"))
    options = parser.parse_args()
    table = open_table(options.data, options.cache, size_px=SIZE_PX)
    vectors = {name: embedded(name, table, options.data) for name in ("descriptor", "histogram")}
    vectors["mobilenet_v2"] = reference(table, options.data)
    found = {name: told(matrix, table) for name, matrix in vectors.items()}
    found["lookalike (twin, from the card)"] = dict(open_embedder("lookalike").card.quality)
    RESULT.write_text(json.dumps({"machine": describe(), "figures": found}, indent=2) + "\n")
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
