"""What a cheaper arithmetic costs in recall and brings in speed, on the same photos."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lookalike.catalogue.items import Catalogue
from lookalike.catalogue.photos import Photo, read_photo
from lookalike.embedding.embedder import Embedder
from lookalike.errors import PhotoError
from lookalike.evaluation.bootstrap import Difference
from lookalike.evaluation.compare import compare_evaluated
from lookalike.evaluation.features import embed_catalogue
from lookalike.evaluation.outcome import Protocol
from lookalike.evaluation.protocols import LeaveOneViewOut
from lookalike.evaluation.report import Figure

MOST_LOSS = 0.005
"""Half a point: what a cheaper arithmetic may lose of the headline and still be taken."""

TIMED_PHOTOS, ROUNDS = 8, 5


@dataclass(frozen=True)
class Cost:
    """One arithmetic against f32.

    Args:
        name: of the model.
        precision: its arithmetic.
        figure: the headline that it reaches.
        difference: less that of f32, paired; None for f32 itself.
        cosine: mean of its vectors' cosines with those of f32; 1 for f32 itself.
        times: how many times as fast as f32 the forward pass is, medians of interleaved rounds.
    """

    name: str
    precision: str
    figure: Figure
    difference: Difference | None
    cosine: float
    times: float

    @property
    def worth_it(self) -> bool:
        """Whether it is faster and loses less than ``MOST_LOSS``."""
        return self.difference is None or (self.difference.value > -MOST_LOSS and self.times > 1)


def costs(
    catalogue: Catalogue,
    plain: Embedder,
    cheaper: Sequence[Embedder],
    protocol: Protocol = LeaveOneViewOut(),  # noqa: B008 - frozen
    *,
    cache: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Cost, ...]:
    """The cost of each arithmetic, f32 first.

    Args:
        catalogue: whose views are asked.
        plain: the model in f32.
        cheaper: the same model in others.
        protocol: what is asked of whom.
        cache: a folder for vectors.
        progress: told views done and all, for one embedder after the other.

    Raises:
        EvaluationError: the catalogue cannot answer the protocol.
    """
    embedders = [plain, *cheaper]
    seen = {
        each.card.fingerprint: embed_catalogue(catalogue, each, cache=cache, progress=progress)
        for each in embedders
    }
    first = plain.card.fingerprint
    comparison = compare_evaluated(seen, protocol, baseline=first, check_leaks=False)
    speeds = _seconds(embedders, catalogue)
    ours = seen[first].matrix
    found = []
    for each in embedders:
        name = each.card.fingerprint
        cosines = np.einsum("ij,ij->i", ours, seen[name].matrix)
        found.append(
            Cost(
                name=each.card.name,
                precision=each.card.precision,
                figure=comparison[name].report.headline,
                difference=None if name == first else comparison.difference(name, first),
                cosine=float(cosines.mean()),
                times=speeds[first] / speeds[name],
            )
        )
    return tuple(found)


def table(found: Sequence[Cost]) -> str:
    """The costs as a Markdown table."""
    lines = [
        f"| arithmetic | {found[0].figure.name} | less f32 | cosine to f32 | speed |",
        "|---|---|---|---|---|",
    ]
    for one in found:
        less = "-"
        if one.difference is not None:
            less = f"{one.difference.value:+.4f} [{one.difference.low:+.3f}, {one.difference.high:+.3f}]"
        lines.append(f"| {one.precision} | {one.figure} | {less} | {one.cosine:.4f} | {one.times:.2f} |")
    return "\n".join(lines)


def _seconds(embedders: Sequence[Embedder], catalogue: Catalogue) -> dict[str, float]:
    """Median CPU seconds of a forward pass, the embedders taking turns on the same photos."""
    photos = [_photos(catalogue, each.card.size_px) for each in embedders]
    times: dict[str, list[float]] = {each.card.fingerprint: [] for each in embedders}
    for turn in range(ROUNDS + 1):
        for at in range(TIMED_PHOTOS):
            for each, shown in zip(embedders, photos, strict=True):
                begun = time.process_time()
                each.encode([shown[at % len(shown)]])
                if turn:  # the first round warms up
                    times[each.card.fingerprint].append(time.process_time() - begun)
    return {name: float(np.median(seconds)) for name, seconds in times.items()}


def _photos(catalogue: Catalogue, size_px: int) -> list[Photo]:
    found: list[Photo] = []
    for _, view in catalogue.views():
        if len(found) == TIMED_PHOTOS:
            break
        try:
            found.append(read_photo(view.source, size_px=size_px, crop=view.crop))
        except PhotoError:
            continue
    return found
