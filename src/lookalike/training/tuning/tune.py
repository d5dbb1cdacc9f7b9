"""Tune a model on a catalogue without a recipe: cached features, heads, before and after, a model."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lookalike.catalogue.items import Catalogue
from lookalike.catalogue.splits import split_items
from lookalike.embedding.card import Block, Card
from lookalike.errors import TrainingError
from lookalike.evaluation.bootstrap import Difference
from lookalike.evaluation.compare import Comparison
from lookalike.evaluation.evaluated import codes_of
from lookalike.evaluation.leaks import check_split, leaks_across
from lookalike.training.extra import require_torch

if TYPE_CHECKING:
    from lookalike.training.tuning.choice import Lessons, Plan
    from lookalike.training.tuning.features import Cached
    from lookalike.training.tuning.heads import Head

BEFORE, AFTER = "before", "tuned"
FIGURE = "R@1"
FEWEST = 8
"""Items with several views without which there is nothing to learn from."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What may be chosen; the defaults are meant to be left alone.

    Args:
        group: an attribute whose values (a style) stay on one side of every split; the items of one
            are taken for one shape in several colours, where that helps. Empty for none.
        held_out: share of the items that before and after are measured on.
        variants: vectors of each photo: itself, and pictures made of it.
        colour: add a colour block to a model that has none.
        widths: of the heads of a model without blocks: shape, and the colour block to be added.
        steps: gradient steps that are tried after the closed form.
        anyway: write the model even when it was not shown to help.
        seed: of splits, folds and steps.
    """

    group: str = ""
    held_out: float = 0.3
    variants: int = 4
    colour: bool = True
    widths: tuple[int, int] = (192, 128)
    steps: int = 200
    anyway: bool = False
    seed: int = 0


@dataclass(frozen=True)
class Tuned:
    """How it came out.

    Args:
        model: the model folder; None where the old model stays.
        comparison: before and after on the held-out items, baselines beside, differences to before.
        plan: what was chosen for each block.
        helped: whether the paired interval of item R@1 lies above zero.
        seconds: of the feature pass, and of all that came after.
    """

    model: Path | None
    comparison: Comparison
    plan: Plan
    helped: bool
    seconds: tuple[float, float]

    @property
    def gain(self) -> Difference:
        """Item R@1, tuned less before, on the same queries."""
        return self.comparison[AFTER].against[FIGURE]

    @property
    def verdict(self) -> str:
        """What to do, in a sentence."""
        gain = f"item {FIGURE} {self.gain.value:+.3f} [{self.gain.low:+.3f}, {self.gain.high:+.3f}]"
        if self.helped:
            return f"Tuning helped: {gain} on held-out items. Use the model in {self.model}."
        kept = "Keep the old model." if self.model is None else f"It is in {self.model} all the same."
        return f"Tuning was not shown to help: {gain} on held-out items. {kept}"


def tune(
    catalogue: Catalogue,
    out: Path | str,
    *,
    model: str | Path = "default",
    settings: Settings = Settings(),
    tell: Callable[[str], None] = lambda _: None,
    progress: Callable[[int, int], None] | None = None,
) -> Tuned:
    """Tune a model on a catalogue's own views, and measure on items it did not learn from.

    Writes to ``out``: the cached features, ``report.json``, and ``model/`` where tuning helped.

    Args:
        catalogue: whose items.
        out: a folder of its own; a second call reads the features back.
        model: ``default``, a model folder, or an ONNX file.
        settings: see ``lookalike.training.tuning.tune.Settings``; the defaults are meant to be left alone.
        tell: given a line now and then.
        progress: told views embedded, and all.

    Raises:
        MissingExtra: PyTorch is not installed.
        TrainingError: the model has no graph, or too few items have several views.
        CatalogueError: the catalogue cannot be split so.
        EvaluationError: the split leaks, or no photo can be used.
        EmbedderError: the model cannot be opened or run.
    """
    require_torch("Tuning")
    _check(settings)
    from lookalike.embedding.zoo import open_embedder
    from lookalike.training.tuning import choice, delivery
    from lookalike.training.tuning.base import open_base
    from lookalike.training.tuning.features import cached_features

    out, base = Path(out), open_base(model)
    embedder, (learning, leaks) = open_embedder(base.path), _sides(catalogue, settings)
    base = replace(base, card=embedder.card)
    blocks = _blocks(embedder.card, settings)
    tell(f"features of {catalogue.view_count} photos, {settings.variants} of each")
    began = time.monotonic()
    cached = cached_features(
        catalogue, embedder, blocks, variants=settings.variants, cache=out / "features", progress=progress
    )
    embedded = time.monotonic()
    learned = np.array([item.id in learning for item in cached.seen.items])
    lessons = _lessons(cached, settings).some(np.flatnonzero(learned))
    tell(f"learning from {len(learning)} items, measuring on {len(catalogue) - len(learning)}")
    widths = _widths(embedder.card, blocks, settings)
    plan = choice.choose(lessons, blocks, widths=widths, steps=settings.steps, seed=settings.seed)
    heads = _heads(lessons, plan, widths, settings.seed)
    comparison = delivery.compared(cached, plan, heads, held_out=~learned, leaks=leaks, seed=settings.seed)
    helped, folder = comparison[AFTER].against[FIGURE].low > 0, None
    if helped or settings.anyway:
        folder = out / "model"
        photos = f"{_name(catalogue)}: views of {len(learning)} items (licence: as the catalogue's)"
        delivery.write(base, plan, heads, comparison, photos=photos, folder=folder)
    elif (out / "model").exists():
        tell(f"note: {out / 'model'} is of an earlier run")
    seconds = (embedded - began, time.monotonic() - embedded)
    tuned = Tuned(folder, comparison, plan, helped, seconds)
    delivery.report(tuned, settings, out / "report.json")
    return tuned


def _check(settings: Settings) -> None:
    for name, value, right, wanted in (
        ("held_out", settings.held_out, 0 < settings.held_out < 1, "above 0 and below 1"),
        ("variants", settings.variants, settings.variants >= 1, "at least 1"),
        ("steps", settings.steps, settings.steps >= 0, "at least 0"),
    ):
        if not right:
            raise TrainingError(f"{name} is {value:g}; it must be {wanted}.", hint="Leave it as it is.")


def _name(catalogue: Catalogue) -> str:
    return Path(catalogue.source).name or "a catalogue without a name"


def _sides(catalogue: Catalogue, settings: Settings) -> tuple[set[str], tuple[str, ...]]:
    """Ids of the items to learn from, the others are measured on; near-duplicates on both sides."""
    shares = {"learn": 1 - settings.held_out, "measure": settings.held_out}
    sides = split_items(catalogue, shares=shares, seed=settings.seed, group=settings.group or None)
    check_split(sides["learn"], sides["measure"], group=settings.group or None, near=False).require_clean()
    for what, fewest in (("learn", FEWEST), ("measure", FEWEST // 2)):
        several = sum(len(item.views) > 1 for item in sides[what])
        if several < fewest:
            raise TrainingError(
                f"Only {several} of the {len(sides[what])} items to {what} on have several views.",
                hint=f"Tuning learns from the views of items: give at least {2 * FEWEST} items with two.",
            )
    leaks = leaks_across(list(sides["learn"].views()), list(sides["measure"].views()))
    return {item.id for item in sides["learn"]}, leaks


def _blocks(card: Card, settings: Settings) -> tuple[Block, ...]:
    """The base's blocks; a new colour block, of no place in the base, stands behind a vector of one piece."""
    from lookalike.training.tuning.base import COLOUR, blocks_of
    from lookalike.training.tuning.features import histogram_width

    blocks = blocks_of(card)
    if card.blocks or not settings.colour or not histogram_width(card.size_px):
        return blocks
    half = 0.5**0.5
    return (replace(blocks[0], weight=half), Block(COLOUR, 0, 0, half))


def _widths(card: Card, blocks: tuple[Block, ...], settings: Settings) -> dict[str, int]:
    """Own blocks keep their widths; a vector of one piece and a new colour block get the settings'."""
    if card.blocks:
        return {block.name: block.stop - block.start for block in blocks}
    return {
        block.name: min(card.width, settings.widths[0]) if block.stop else settings.widths[1]
        for block in blocks
    }


def _lessons(cached: Cached, settings: Settings) -> Lessons:
    from lookalike.training.tuning.choice import Lessons

    groups: list[str | None] = [f"item {item.id}" for item in cached.seen.items]
    if settings.group:
        known = cached.seen.column(settings.group)
        groups = [own if group is None else group for own, group in zip(groups, known, strict=True)]
    return Lessons(cached.parts, cached.seen.codes, codes_of(groups))


def _heads(lessons: Lessons, plan: Plan, widths: dict[str, int], seed: int) -> dict[str, Head]:
    from lookalike.training.tuning.choice import make_head, scatters_of

    return {
        name: make_head(scatters_of(lessons, name), lessons, way, width=widths[name], seed=seed)
        for name, way in plan.ways.items()
    }
