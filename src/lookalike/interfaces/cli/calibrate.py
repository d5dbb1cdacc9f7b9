"""`lookalike calibrate`: learn what scores mean in a store, and say how well that is known."""

from __future__ import annotations

import json
from pathlib import Path

import click

from lookalike.interfaces.cli import options
from lookalike.interfaces.cli.output import show, tell
from lookalike.retrieval.confidence.calibration import ABSENT_SHARE


@click.command()
@options.store
@click.option(
    "--absent-share",
    default=ABSENT_SHARE,
    show_default=True,
    help="How many queries show things that are not in the catalogue.",
)
@click.option("--seed", default=0, show_default=True, help="Chooses the views that are left out.")
@click.option(
    "--out", type=click.Path(path_type=Path), default=None, help="Draw the curves: .png, .svg, .pdf."
)
@options.as_json
def calibrate(store: Path, absent_share: float, seed: int, out: Path | None, as_json: bool) -> None:
    """Let a store learn from its own views how sure its answers are, and keep it beside the store.

    Searches do so by themselves when it is missing; this does it anew, and shows how well it is known:
    every figure is of items that the judgement was not learned from, with its 95% interval over items.
    """
    from lookalike.evaluation.confidence.measuring import measure_confidence, to_text
    from lookalike.retrieval.confidence.calibration import lacking
    from lookalike.retrieval.opening import open as open_store

    engine = open_store(store)
    if (why_not := lacking(engine.snapshot)) is not None:
        raise why_not
    engine.calibrations.renew(engine.snapshot, absent_share=absent_share)
    report, judgements = measure_confidence(engine.snapshot, engine.embedder.card, seed=seed)
    if out is not None:
        from lookalike.evaluation.confidence.drawing import draw_confidence

        draw_confidence({store.name: judgements}, out)
        tell(f"drawn: {out}")
    show(json.loads(report.to_json()), to_text(report, judgements), as_json=as_json)
