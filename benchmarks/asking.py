"""Ways to ask: several photos, dislikes, arithmetic, palettes, the dial, and words, baselines beside.

    python -m benchmarks.asking [--data ../shared/data] [--models default descriptor]

Everything is asked of catalogues whose right answers are known: luma (styles in several colours),
turntable, shop_samples and the demo catalogue (families in several colours or patterns). Writes
results/asking.json and the tables of docs/studies/asking.md.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.asking_questions.colours import dial, this_shape_in
from benchmarks.asking_questions.dislikes import arithmetic, flagged, sibling
from benchmarks.asking_questions.measured import Answers
from benchmarks.asking_questions.photos import several_photos
from benchmarks.asking_questions.words import beside_a_photo, times, to_items
from benchmarks.machine import describe
from benchmarks.pages import put_table
from benchmarks.stores import engine_of

from lookalike.retrieval.engine import SearchEngine

RESULTS = Path(__file__).parent / "results" / "asking.json"
PAGE = Path(__file__).parents[1] / "docs" / "studies" / "asking.md"
FAMILIES = {"luma": "style_id", "demo": "family"}
CHOICES = (0.25, 0.5, 1.0)
SHARES = (0.2, 0.3, 0.5)

Figures = dict[str, dict[str, float | int | str]]
Question = Callable[[SearchEngine], tuple[Answers, str | None]]


def questions(name: str) -> dict[str, Question]:
    """What one catalogue is asked: the table that an answer goes to, with the contender to compare with."""
    family, asked = FAMILIES.get(name), dict[str, Question]()
    if name == "luma":
        asked["photos"] = lambda engine: (
            several_photos(engine.snapshot, photos=2, known_views=None),
            "2 photos, best",
        )
    if name in ("turntable", "demo"):
        asked["photos"] = lambda engine: (
            several_photos(engine.snapshot, photos=3, known_views=1),
            "2 photos, best",
        )
    asked["flagged"] = lambda engine: (flagged(engine, weights=CHOICES), "only left out")
    if family is not None:
        asked["sibling"] = lambda engine: (sibling(engine, family, weights=CHOICES), "only left out")
        asked["arithmetic"] = lambda engine: (arithmetic(engine, family), "the item alone")
        asked["palette"] = lambda engine: (
            this_shape_in(engine, family, shares=SHARES),
            "colour block swapped",
        )
        asked["dial"] = lambda engine: (dial(engine, family), None)
        asked["beside"] = lambda engine: (beside_a_photo(engine, family, "colour"), "word alone")
    if name == "demo":
        asked["pattern"] = lambda engine: (beside_a_photo(engine, "family", "pattern"), "word alone")
    return asked


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--models", nargs="*", default=["default", "descriptor"])
    parser.add_argument("--only", nargs="*", default=["luma", "turntable", "shop_samples", "demo"])
    options = parser.parse_args()
    found: dict[str, dict[str, Any]] = {}
    for model in options.models:
        for name in options.only:
            engine = engine_of(options.data, name, model=model)
            column = f"{name}, {engine.embedder.card.name}"
            for table, question in questions(name).items():
                answers, against = question(engine)
                found.setdefault(table, {})[column] = answers.figures(against)
                print(table, column, flush=True)
            if model == "default":
                for share in (0.5, 0.9):
                    answers, worst = to_items(engine, name, hidden_share=share)
                    told = found.setdefault("words", {})
                    told[f"{name}, {share:.0%} without texts"] = answers.figures()
                    found.setdefault("misses", {})[f"{name}, {share:.0%}"] = worst
                found.setdefault("times", {})[name] = times(engine, name)
                print("words", column, flush=True)
    RESULTS.write_text(
        json.dumps({"machine": describe(), "found": found}, indent=2, ensure_ascii=False) + "\n"
    )
    for table, columns in found.items():
        put_table(PAGE, table, OTHERS.get(table, table_of)(columns))


def table_of(columns: dict[str, Figures]) -> str:
    """A line a contender, a column a catalogue and model; below a figure its paired gain."""
    names = list(dict.fromkeys(name for figures in columns.values() for name in figures))
    heads = [
        f"{name} ({max(int(one['queries']) for one in figures.values())})"
        for name, figures in columns.items()
    ]
    lines = ["| | " + " | ".join(heads) + " |", "|---" * (len(columns) + 1) + "|"]
    for name in names:
        cells = [_cell(figures.get(name)) for figures in columns.values()]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(figure: dict[str, Any] | None) -> str:
    if figure is None:
        return ""
    gain = f"<br>{figure['gain']}" if "gain" in figure else ""
    return f"{figure['value']:.3f} [{figure['low']:.2f}, {figure['high']:.2f}]{gain}"


def misses(columns: dict[str, list[str]]) -> str:
    """The texts that found hidden items worst."""
    lines = ["| catalogue | found worst (average precision) |", "|---|---|"]
    return "\n".join([*lines, *(f"| {name} | {'; '.join(worst)} |" for name, worst in columns.items())])


def times_of(columns: dict[str, dict[str, float | int]]) -> str:
    """Seconds and milliseconds, a line a catalogue."""
    lines = ["| catalogue | items | tower taught in | search by words, median |", "|---|---|---|---|"]
    for name, told in columns.items():
        lines.append(f"| {name} | {told['items']} | {told['taught_s']} s | {told['search_ms']} ms |")
    return "\n".join(lines)


OTHERS: dict[str, Callable[[Any], str]] = {"misses": misses, "times": times_of}

if __name__ == "__main__":
    main()
