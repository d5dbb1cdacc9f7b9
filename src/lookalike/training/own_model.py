"""The recipe of our own model: ``python -m lookalike.training.own_model --data DIR --out DIR``.

Photos to a cache; a start in closed form; distillation from a reference classifier until the minutes
are up (run it again to go on, or several at once with ``--worker``); two heads on cached features;
one ONNX file with its card. No weight of another model goes in: the teacher is only listened to.
"""

from __future__ import annotations

import argparse
import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from lookalike.embedding.card import Block, Card
from lookalike.training.augment import Augmentation, views
from lookalike.training.averaging import save_weights
from lookalike.training.colour_block import ColourHistogram
from lookalike.training.distil_run import DistilPlan, distil, draws, resume
from lookalike.training.export import export_model
from lookalike.training.network import Network
from lookalike.training.own_figures import Figure, figures
from lookalike.training.own_graph import OwnModel, Weights, shape_inputs
from lookalike.training.own_lessons import SHAPE_THING, joined, lessons, project
from lookalike.training.own_photos import PhotoTable, open_table, small_photos
from lookalike.training.own_start import BLOCK_TARGETS, LAST_TARGET, closed_form_start
from lookalike.training.teacher import STAGES, Teacher
from lookalike.training.views import HeadPlan, teach

LOG = logging.getLogger(__name__)

VERSION = "1"
SIZE_PX = 160
CACHE_PX = 192
SHAPE_WIDTH, COLOUR_WIDTH = 192, 64
SHAPE_PLAN = HeadPlan(width=SHAPE_WIDTH, steps=200)
COLOUR_PLAN = HeadPlan(width=COLOUR_WIDTH, steps=250, label_share=0.0, dropout=0.0, whitening=0.3)
WEIGHTS = Weights(shape=0.6, colour=0.8)
TRAINING_DATA = (
    "luma: Magento sample catalogue (AFL-3.0)",
    "turntable: rendered 3-D models of ChenEating716, LIBERO, AWS RoboMaker (MIT, MIT-0, some CC BY 4.0)",
    "clothing: Clothing dataset, training part (CC0 1.0)",
    "grocery: GroceryStoreDataset (MIT)",
    "shop_samples: saleor, solidus, Tailwind Traders (BSD-3-Clause, MIT); photos only, for distillation",
    "tiny-imagenet: 25,000 photos (ImageNet's research terms); photos only, for distillation",
    "teacher: mobilenet_v2 ImageNet classifier (Apache-2.0); its activations, no weight of it",
)
NOTES = (
    "Quality is measured on styles, items, contributors and classes that no label was trained on; "
    "shop_samples was trained on with no label at all."
)


@dataclass(frozen=True)
class Places:
    """Where the recipe reads and writes.

    Args:
        data: folder of the photo sources and the reference model.
        runs: folder of caches and checkpoints.
    """

    data: Path
    runs: Path

    @property
    def teacher(self) -> Path:
        """The reference classifier's file."""
        return self.data / "reference_models" / "mobilenet_v2_imagenet.onnx"

    @property
    def small(self) -> Path:
        """The tar of small photos; optional."""
        return self.data / "pretrain" / "tiny-imagenet-25k.tar"


def started(places: Places, *, photos: int = 1600, size_px: int = 128) -> Network:
    """The network from its newest checkpoint, or solved in closed form where there is none."""
    network = Network()
    if resume(network, places.runs):
        return network
    table, small = open_table(places.data, places.runs, size_px=CACHE_PX), _small(places)
    rng, how = np.random.default_rng(0), Augmentation(size_px=size_px, mixed=0.15)
    teacher = Teacher(places.teacher, [*BLOCK_TARGETS, LAST_TARGET], threads=torch.get_num_threads())
    batches = draws(table.pixels, small, batch=32, seed=0)
    pixels, answers = [], []
    for _ in range(-(-photos // 32)):
        seen = torch.cat([views(some, how, rng) for some in next(batches)])
        pixels.append(seen / 127.5 - 1)
        answers.append([torch.from_numpy(found).half() for found in teacher(seen.numpy())])
    targets = [torch.cat(found) for found in zip(*answers, strict=True)]
    centre = closed_form_start(network, torch.cat(pixels), targets)
    save_weights({"centre": centre}, places.runs / "centre.safetensors")
    save_weights(network.state_dict(), places.runs / "worker-0.safetensors")
    return network


def _small(places: Places) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]] | None:
    return small_photos(places.small, places.runs) if places.small.exists() else None


def distilled(places: Places, plan: DistilPlan) -> Network:
    """The network after the plan's minutes of distillation."""
    network = started(places).to(memory_format=torch.channels_last)
    if plan.minutes > 0:
        table = open_table(places.data, places.runs, size_px=CACHE_PX)
        teacher = Teacher(places.teacher, [*STAGES, "clamp_34"], threads=1)
        batches = draws(table.pixels, _small(places), batch=plan.batch, seed=plan.worker)
        distil(network, teacher, batches, plan=plan, folder=places.runs, report=LOG.info)
    return network.eval()


def _planes(photos: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(photos)).permute(0, 3, 1, 2).float()


def head_inputs(network: Network, histogram: ColourHistogram, pixels: Tensor) -> tuple[Tensor, Tensor]:
    """What the two heads see, for pixels in 0..255 of shape (n, 3, size, size)."""
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        outputs = network((pixels / 127.5 - 1).contiguous(memory_format=torch.channels_last))
    with torch.no_grad():
        return shape_inputs([maps.float() for maps in outputs]), histogram(pixels)


def _all_inputs(
    network: Network, histogram: ColourHistogram, table: PhotoTable, *, how: Augmentation | None
) -> tuple[Tensor, Tensor]:
    rng, found = np.random.default_rng(2), []
    for start in range(0, len(table.entries), 32):
        some = table.pixels[start : start + 32]
        found.append(head_inputs(network, histogram, _planes(some) if how is None else views(some, how, rng)))
    shapes, colours = zip(*found, strict=True)
    return torch.cat(shapes), torch.cat(colours)


def assembled(network: Network, table: PhotoTable) -> tuple[OwnModel, dict[str, Figure]]:
    """Teach both heads on cached features; the whole model with its held-out figures."""
    histogram = ColourHistogram()
    shapes, colours = _all_inputs(network, histogram, table, how=None)
    how = Augmentation(size_px=SIZE_PX, zoom=(0.35, 1.0), light=0.08, tint=0.03)
    shapes_again, colours_again = _all_inputs(network, histogram, table, how=how)
    shape_head = teach(lessons(table, shapes, shapes_again, thing=SHAPE_THING), SHAPE_PLAN)
    colour_head = teach(lessons(table, colours, colours_again, thing={}), COLOUR_PLAN)
    vectors = joined(project(shape_head, shapes), project(colour_head, colours), WEIGHTS)
    model = OwnModel(network, shape_head, histogram=histogram, colour_head=colour_head, weights=WEIGHTS)
    return model.eval(), figures(vectors, table)


def card_of(quality: dict[str, Figure]) -> Card:
    """The papers of the model with these held-out figures."""
    blocks = (
        Block("shape", 0, SHAPE_WIDTH, WEIGHTS.shape),
        Block("colour", SHAPE_WIDTH, SHAPE_WIDTH + COLOUR_WIDTH, WEIGHTS.colour),
    )
    return Card(
        name=f"lookalike-{VERSION}",
        width=SHAPE_WIDTH + COLOUR_WIDTH,
        size_px=SIZE_PX,
        model_digest="",
        blocks=blocks,
        licence="Apache-2.0",
        training_data=TRAINING_DATA,
        quality={name: str(figure) for name, figure in quality.items()},
        notes=NOTES,
    )


def main() -> None:
    """Run the recipe from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True, help="folder of the photo sources")
    parser.add_argument("--out", type=Path, required=True, help="model folder to write")
    parser.add_argument("--runs", type=Path, default=Path("runs/own-model"), help="caches and checkpoints")
    parser.add_argument("--minutes", type=float, default=60.0, help="of distillation")
    parser.add_argument("--worker", type=int, default=0, help="number of this process among several")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    places = Places(given.data, given.runs)
    network = distilled(places, DistilPlan(minutes=given.minutes, worker=given.worker))
    if given.worker:
        return  # the first worker finishes the model
    model, quality = assembled(network, open_table(places.data, places.runs, size_px=SIZE_PX))
    for name, figure in quality.items():
        LOG.info("%s: %s", name, figure)
    export_model(model, card_of(quality), given.out)


if __name__ == "__main__":
    main()
