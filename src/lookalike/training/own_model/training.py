"""How the network of our own model learns: a start in closed form, then three rounds of distillation.

Photos that a split holds out of the small catalogues are not even distilled on. A run goes on from its
newest checkpoint.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from lookalike.training.own_model.augment import Augmentation, views
from lookalike.training.own_model.distil_run import DistilPlan, Phase, Photos, distil
from lookalike.training.own_model.network import Network
from lookalike.training.own_model.photos import open_table, small_photos
from lookalike.training.own_model.start import BLOCK_TARGETS, LAST_TARGET, closed_form_start
from lookalike.training.own_model.teacher import LAST_MAPS, SECOND_LAST_MAPS, STAGES, Teacher
from lookalike.training.own_model.third_round import TwoTeachersPlan, learn_from_two
from lookalike.training.own_model.torch_teacher import TorchTeacher
from lookalike.training.own_model.two_teachers import Teachers
from lookalike.training.own_model.weight_files import load_weights, save_weights

LOG = logging.getLogger(__name__)

CACHE_PX = 224
ROUNDS = (
    DistilPlan(
        phases=(
            Phase(minutes=12, size_px=96, teacher_px=96),
            Phase(minutes=35, size_px=128, teacher_px=160),
            Phase(minutes=25, size_px=160, teacher_px=224, batch=24),
        )
    ),
    DistilPlan(phases=(Phase(minutes=105, size_px=160, teacher_px=224),), rate=8e-4),
)
"""Each starts where the one before ended, at a high rate again."""
START, CENTRE = "start.safetensors", "centre.safetensors"
START_PHOTOS = 1600
UNSEEN = ("luma", "turntable", "shop_samples")
"""Of these the held-out photos are not even distilled on; of the others they are, without labels."""
STUDIO, STUDIO_CHANCE = "luma", 4.0
"""In the last round a shop's own photos, which are few, are drawn this much more often."""


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
    def second_teacher(self) -> Path:
        """The file of the second reference classifier, for the last round."""
        return self.data / "reference_models" / "mobilenet_edgetpu_075_imagenet.onnx"

    @property
    def small(self) -> Path:
        """The tar of small photos; optional."""
        return self.data / "pretrain" / "tiny-imagenet-25k.tar"


def distilled(places: Places, *, pace: float = 1.0) -> Network:
    """The network after all rounds, going on from the newest checkpoint.

    Args:
        places: where to read and write.
        pace: the phases' minutes and the last round's steps are multiplied by this.
    """
    photos = _photos(places)
    network = Network()
    if not (places.runs / CENTRE).exists():
        _start(network, photos, places)
    network.load_state_dict(load_weights(places.runs / START))
    network = network.to(memory_format=torch.channels_last)
    centre = load_weights(places.runs / CENTRE)["centre"]
    teacher = Teacher(places.teacher, [*STAGES, LAST_MAPS], threads=1)
    for number, plan in enumerate(ROUNDS, 1):
        phases = tuple(replace(phase, minutes=pace * phase.minutes) for phase in plan.phases)
        distil(
            network,
            teacher,
            photos,
            plan=replace(plan, phases=phases),
            centre=centre,
            folder=places.runs / f"round-{number}",
            report=LOG.info,
        )
    _third_round(network, places, pace=pace)
    return network.eval()


def _third_round(network: Network, places: Places, *, pace: float) -> None:
    """Both teachers, on a GPU where there is one."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    plan = TwoTeachersPlan()
    learn_from_two(
        network,
        Teachers(
            TorchTeacher(places.teacher, [*STAGES, LAST_MAPS], device=device),
            TorchTeacher(places.second_teacher, [SECOND_LAST_MAPS], device=device),
        ),
        _photos(places, studio_chance=STUDIO_CHANCE),
        plan=replace(plan, steps=round(pace * plan.steps)),
        folder=places.runs / "round-3",
        device=device,
        report=LOG.info,
    )


def _photos(places: Places, *, studio_chance: float = 1.0) -> Photos:
    """Photos that distillation may see: held-out things of small catalogues stay unseen."""
    table = open_table(places.data, places.runs, size_px=CACHE_PX)
    sources = table.column("source")
    rows = np.flatnonzero(~(table.held_out() & np.isin(sources, UNSEEN)))
    small = small_photos(places.small, places.runs) if places.small.exists() else None
    if studio_chance == 1:
        return Photos(table.pixels, rows, small)
    chances = np.where(sources[rows] == STUDIO, studio_chance, 1.0)
    return Photos(table.pixels, rows, small, chances / chances.sum())


def _start(network: Network, photos: Photos, places: Places) -> None:
    """Solve the network in closed form on some views; the centre is written last, so it marks the end."""
    rng, how = np.random.default_rng(0), Augmentation(size_px=128, mixed=0.15)
    teacher = Teacher(places.teacher, [*BLOCK_TARGETS, LAST_TARGET], threads=torch.get_num_threads())
    pixels, answers = [], []
    for _ in range(START_PHOTOS // 32):
        seen = torch.cat([views(some, how, rng) for some in photos.draw(32, 0.4, rng)])
        pixels.append(seen / 127.5 - 1)
        answers.append([torch.from_numpy(found).half() for found in teacher(seen.numpy())])
    targets = [torch.cat(found) for found in zip(*answers, strict=True)]
    centre = closed_form_start(network, torch.cat(pixels), targets)
    save_weights(network.state_dict(), places.runs / START)
    save_weights({"centre": centre}, places.runs / CENTRE)
