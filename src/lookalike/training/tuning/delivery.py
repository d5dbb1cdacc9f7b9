"""What tuning hands over: the comparison, the model folder, and the report."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookalike.atomic import write_atomically
from lookalike.catalogue.items import Catalogue
from lookalike.catalogue.photos import Photo
from lookalike.embedding.model_folder import write_model
from lookalike.embedding.zoo import open_embedder
from lookalike.errors import TrainingError
from lookalike.evaluation.compare import BASELINES, Comparison, compare_evaluated
from lookalike.evaluation.evaluated import Evaluated
from lookalike.evaluation.features import embed_catalogue
from lookalike.evaluation.protocols import LeaveOneViewOut
from lookalike.training.tuning.base import Base
from lookalike.training.tuning.choice import Plan
from lookalike.training.tuning.features import Cached
from lookalike.training.tuning.graph import joined, laid_out
from lookalike.training.tuning.heads import Floats, Head
from lookalike.training.tuning.tune import AFTER, BEFORE, FIGURE, Settings, Tuned

BESIDE = "before + descriptor"
"""The old model and the descriptor side by side: what a user could have without any tuning."""
CLOSE = 0.999
"""Least cosine of the file's vectors and those that were measured."""


def compared(
    cached: Cached,
    plan: Plan,
    heads: Mapping[str, Head],
    *,
    held_out: NDArray[np.bool_],
    leaks: tuple[str, ...] = (),
    seed: int,
) -> Comparison:
    """Before, tuned, and the baselines on the held-out views, one view left out; differences to before.

    Args:
        cached: features of all views.
        plan, heads: the tuned vector.
        held_out: which rows are measured on, shape (rows,).
        leaks: what was found on both sides of the split, as lines for the reports.
        seed: of the bootstrap.
    """
    before = cached.seen.rows(held_out)
    parts = {name: part[held_out, 0] for name, part in cached.parts.items()}
    seen = {BEFORE: before, AFTER: replace(before, matrix=tuned_vectors(parts, plan, heads))}
    items = Catalogue(tuple({item.id: item for item in before.items}.values()))
    seen |= {name: embed_catalogue(items, open_embedder(name)) for name in BASELINES}
    seen[BESIDE] = _beside(before, seen["descriptor"])
    return compare_evaluated(seen, LeaveOneViewOut(), baseline=BEFORE, across=leaks, seed=seed)


def tuned_vectors(parts: Mapping[str, Floats], plan: Plan, heads: Mapping[str, Head]) -> Floats:
    """Unit vectors of each block's unit features, shape (rows, width)."""
    blocks = [block.weight * heads[block.name](parts[block.name]) for block in plan.blocks]
    return np.asarray(np.concatenate(blocks, axis=1), np.float32)


def write(
    base: Base,
    plan: Plan,
    heads: Mapping[str, Head],
    comparison: Comparison,
    *,
    photos: str,
    folder: Path,
) -> None:
    """Write the model folder: the base's graph and the heads as one file, and its papers.

    Args:
        base: whose graph.
        plan, heads: of the tuned vector.
        comparison: its figures go into the card.
        photos: what was learned from, with its licence.
        folder: where to.

    Raises:
        TrainingError: the file gives other vectors than those that were measured.
        EmbedderError: the folder cannot be written.
    """
    old, blocks = base.card, laid_out(plan.blocks, heads)
    card = replace(
        old,
        name=f"{old.name}-tuned",
        width=blocks[-1].stop,
        blocks=blocks if old.blocks or len(blocks) > 1 else (),
        licence=f"as {old.name} ({old.licence}) and as the photos tuned on",
        training_data=(*(old.training_data or (f"what {old.name} was trained on",)), photos),
        quality=_quality(comparison),
        notes="Tuned by its blocks. " + "; ".join(f"{name}: {way}" for name, way in plan.ways.items()) + ".",
    )
    write_model(folder, card, joined(base, plan.blocks, heads, size_px=old.size_px))
    _check_same(base, plan, heads, folder)


def _check_same(base: Base, plan: Plan, heads: Mapping[str, Head], folder: Path) -> None:
    """The file at work gives what the parts give, on pictures of noise."""
    from lookalike.training.tuning.features import Varied, parts_of

    size, rng = base.card.size_px, np.random.default_rng(0)
    photos = [
        Photo(rng.integers(0, 256, (size, size, 3), np.uint8), (0, 0, size, size), size, size)
        for _ in range(3)
    ]
    new = any(block.stop == 0 for block in plan.blocks)
    rows = Varied(open_embedder(base.path), variants=1, colour=new).encode(photos)
    parts = parts_of(rows[:, None], plan.blocks, width=base.card.width)
    expected = tuned_vectors({name: part[:, 0] for name, part in parts.items()}, plan, heads)
    closeness = (open_embedder(folder).encode(photos) * expected).sum(axis=1)
    if not (closeness > CLOSE).all():
        raise TrainingError(
            f"The model in {folder} gives other vectors than were measured (cosine {closeness.min():.4f}).",
            hint="Do not use it; report the model it was tuned from.",
        )


def report(tuned: Tuned, settings: Settings, file: Path) -> None:
    """Write everything as JSON."""
    file.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(file, json.dumps(facts_of(tuned, settings), indent=2))


def facts_of(tuned: Tuned, settings: Settings) -> dict[str, Any]:
    """Everything as plain values."""
    return {
        "verdict": tuned.verdict,
        "helped": tuned.helped,
        "gain": asdict(tuned.gain),
        "model": None if tuned.model is None else str(tuned.model),
        "blocks": {block.name: block.weight for block in tuned.plan.blocks},
        "ways": {name: str(way) for name, way in tuned.plan.ways.items()},
        "folds_mrr": {"before": tuned.plan.mrr[0], "chosen": tuned.plan.mrr[1]},
        "seconds": {"features": tuned.seconds[0], "after": tuned.seconds[1]},
        "settings": asdict(settings),
        "comparison": json.loads(tuned.comparison.to_json()),
    }


def _quality(comparison: Comparison) -> dict[str, Any]:
    """Item R@1 of the old model and of the tuned, with intervals, for the card."""
    found = {}
    for name in (AFTER, BEFORE):
        figure = comparison[name].report[FIGURE]
        what = f"{FIGURE}, leave-one-view-out, held-out items, {name}"
        found[what] = {
            "value": figure.value, "low": figure.low, "high": figure.high, "queries": figure.queries
        }  # fmt: skip
    return found


def _beside(first: Evaluated, second: Evaluated) -> Evaluated:
    halves = [one.matrix * np.float32(0.5**0.5) for one in (first, second)]
    return replace(first, matrix=np.concatenate(halves, axis=1))
