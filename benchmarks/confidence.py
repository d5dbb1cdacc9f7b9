"""How sure, how hard, and whether the advised photo helps: held-out items, baselines beside.

    python -m benchmarks.confidence [--data ../shared/data] [--only luma ...] [--model NAME_OR_FOLDER]

Every trial is asked with its item in the catalogue and once more with the whole item left out; what is
said of it was learned from the items of the other folds. shop_samples
has 18 items with two views, fewer than a store needs to be calibrated (20): its figures say why. Writes
results/confidence.json, the tables of docs/studies/confidence.md, and its curves.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from benchmarks.machine import describe
from benchmarks.pages import put_table
from benchmarks.stores import engine_of

from lookalike.errors import EvaluationError
from lookalike.evaluation.confidence.advising import measure_advice
from lookalike.evaluation.confidence.drawing import draw_confidence
from lookalike.evaluation.confidence.measuring import Judgements, measure_confidence
from lookalike.evaluation.report import Report

RESULTS = Path(__file__).parent / "results" / "confidence.json"
PAGE = Path(__file__).parents[1] / "docs" / "studies" / "confidence.md"
CURVES = PAGE.with_name("figures") / "confidence.png"
NAMES = ("luma", "turntable", "demo", "shop_samples")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--only", nargs="*", default=list(NAMES))
    parser.add_argument("--model", default="default")
    options = parser.parse_args()
    reports: dict[str, Report] = {}
    advice: dict[str, Report] = {}
    told: dict[str, Judgements] = {}
    for name in options.only:
        engine = engine_of(options.data, name, model=options.model)
        snapshot, card = engine.snapshot, engine.embedder.card
        reports[name], judgements = measure_confidence(snapshot, card)
        if name != "shop_samples":
            told[name] = judgements
        try:
            advice[name] = measure_advice(snapshot, card)
        except EvaluationError as error:
            print(f"{name}: {error}")
        print(f"{name}: {reports[name].counts}", flush=True)
    RESULTS.write_text(json.dumps(_facts(reports, advice), indent=2, ensure_ascii=False) + "\n")
    if options.only == list(NAMES):
        draw_confidence(told, CURVES)
        put_table(PAGE, "sure", sure_table(reports))
        put_table(PAGE, "advice", advice_table(advice))


def _facts(reports: dict[str, Report], advice: dict[str, Report]) -> dict[str, object]:
    return {
        "machine": describe(),
        "confidence": {name: json.loads(report.to_json()) for name, report in reports.items()},
        "advice": {name: json.loads(report.to_json()) for name, report in advice.items()},
    }


def sure_table(reports: dict[str, Report]) -> str:
    """Ours beside the two baselines, a line a catalogue and figure."""
    lines = [
        "| catalogue (recall at 1) | figure | ours | score alone, calibrated | score as it is |",
        "|---|---|---|---|---|",
    ]
    for name, report in reports.items():
        recall = report.notes[0].rpartition(" ")[2]
        for figure in dict.fromkeys(figure.name for figure in report.figures):
            cells = [str(one) for one in report.figures if one.name == figure]
            lines.append(f"| {name} ({recall}) | {figure} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def advice_table(reports: dict[str, Report]) -> str:
    """Recall at 1 of the queries that got advice, by what photo came."""
    lines = []
    for name, report in reports.items():
        if not lines:
            ways = " | ".join(figure.label for figure in report.figures)
            lines = [
                f"| catalogue | queries with advice | {ways} |",
                "|---" * (2 + len(report.figures)) + "|",
            ]
        counts = f"{report.counts['with advice']} of {report.counts['queries']}"
        lines.append(f"| {name} | {counts} | " + " | ".join(str(figure) for figure in report.figures) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
