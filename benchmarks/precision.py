"""What bf16 and int8 cost in recall and bring in speed, for the model inside and for a reference model.

    python -m benchmarks.precision [--data ../shared/data] [--models lookalike MODEL.onnx] [--only luma]

Item R@1, one view left out; paired with f32 on the same queries, 95% interval over items. Of turntable six
views of each item are taken (every 60 degrees). int8 takes its ranges from 64 photos of the demo catalogue.
Speed is that of the forward pass in CPU time, one photo at a time on one core, the arithmetics taking turns.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import asdict
from pathlib import Path

from benchmarks.machine import describe

from lookalike.catalogue.items import Catalogue, Item
from lookalike.catalogue.reading import read_catalogue
from lookalike.demo.catalogue import Recipe, draw_catalogue
from lookalike.embedding.quantising import quantise
from lookalike.embedding.runtime import ModelEmbedder, open_model
from lookalike.embedding.sessions import has_fast_bf16
from lookalike.embedding.zoo import model_path
from lookalike.evaluation.precision import MOST_LOSS, Cost, costs

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "precision.json"
PAGE = HERE.parent / "docs" / "studies" / "precision.md"
BEGIN, END = "<!-- table -->", "<!-- end of table -->"
SETS = ("luma", "shop_samples", "turntable")
DEMO = 10  # items drawn, of seven photos each


def catalogue_of(data: Path, name: str) -> Catalogue:
    catalogue = read_catalogue(data / name / "images.csv")
    if name != "turntable":
        return catalogue
    thinned = (
        Item(
            item.id,
            tuple(view for view in item.views if (view.azimuth_deg or 0) % 60 == 0)[:6],
            item.attributes,
        )
        for item in catalogue
    )
    return Catalogue(tuple(thinned), source=catalogue.source)


def arithmetics(model: Path, scratch: Path) -> list[ModelEmbedder]:
    """The model in f32, bf16 where the CPU has it, and int8."""
    demo = scratch / "demo"
    if not demo.exists():
        draw_catalogue(demo, Recipe(items=DEMO))
    quantised = scratch / f"{model.stem}-int8"
    quantise(model, (view for _, view in read_catalogue(demo).views()), quantised)
    found = [open_model(model, precision="f32")]
    if has_fast_bf16():
        found.append(open_model(model, precision="bf16"))
    return [*found, open_model(quantised)]


def facts(one: Cost, runtime: str) -> dict[str, object]:
    return {
        "runtime": runtime,
        "value": round(one.figure.value, 4),
        "low": round(one.figure.low, 4),
        "high": round(one.figure.high, 4),
        "queries": one.figure.queries,
        "less_f32": None
        if one.difference is None
        else {k: round(v, 4) for k, v in asdict(one.difference).items()},
        "cosine": round(one.cosine, 4),
        "times": round(one.times, 3),
        "worth_it": one.worth_it,
    }


def table_of(figures: dict[str, dict[str, dict[str, dict[str, float]]]]) -> str:
    lines = ["| model | photos | arithmetic | R@1 | less f32 | cosine | speed |", "|---" * 7 + "|"]
    for model, sets in figures.items():
        for name, row in sets.items():
            for kind, one in row.items():
                less = one["less_f32"]
                cell = f"{less['value']:+.3f} [{less['low']:+.3f}, {less['high']:+.3f}]" if less else "-"
                reached = f"{one['value']:.3f} [{one['low']:.2f}, {one['high']:.2f}]"
                lines.append(
                    f"| {model} | {name} | {kind} ({one['runtime']}) | {reached} | {cell} "
                    f"| {one['cosine']:.4f} | {one['times']:.2f} |"
                )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--models", nargs="*", default=[], help="besides what is there")
    parser.add_argument("--only", nargs="*", default=SETS)
    options = parser.parse_args()
    # Without --models the table is made anew for the model inside, which may be another one by now.
    more = options.models and RESULTS.exists()
    known = json.loads(RESULTS.read_text()) if more else {"figures": {}}
    with tempfile.TemporaryDirectory() as scratch:
        for name in options.models or ["lookalike"]:
            embedders = arithmetics(model_path(name), Path(scratch))
            for kind in options.only:
                found = costs(catalogue_of(options.data, kind), embedders[0], embedders[1:])
                row = {
                    one.precision: facts(one, each.runtime)
                    for one, each in zip(found, embedders, strict=True)
                }
                known["figures"].setdefault(embedders[0].card.fingerprint, {})[kind] = row
                print(kind, json.dumps(row), flush=True)
    known |= {"protocol": __doc__, "most_loss": MOST_LOSS, "machine": describe()}
    RESULTS.write_text(json.dumps(known, indent=2) + "\n")
    page = PAGE.read_text()
    start, end = page.index(BEGIN) + len(BEGIN), page.index(END)
    PAGE.write_text(f"{page[:start]}\n{table_of(known['figures'])}\n{page[end:]}")


if __name__ == "__main__":
    main()
