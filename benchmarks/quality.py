"""How good: every model on the real photos, the table of the README.

    python -m benchmarks.quality [--data ../shared/data] [--models NAME_OR_FOLDER ...] [--only luma ...]

Leave-one-view-out and query-gallery figures are item R@1; clothing is the accuracy of 10 nearest photos
of other contributors. Each figure has its 95% bootstrap interval over items.
"""

from __future__ import annotations

import argparse
import csv
import json
import tempfile
from pathlib import Path

from benchmarks.machine import describe

from lookalike.catalogue.items import Catalogue
from lookalike.catalogue.reading import Columns, read_catalogue
from lookalike.embedding.zoo import open_embedder
from lookalike.evaluation.classification import Classification
from lookalike.evaluation.evaluating import evaluate
from lookalike.evaluation.features import embed_catalogue
from lookalike.evaluation.outcome import Protocol
from lookalike.evaluation.protocols import LeaveOneViewOut, OneKnownView, QueryGallery, Selection
from lookalike.evaluation.report import Report

RESULTS = Path(__file__).parent / "results" / "quality.json"
REFERENCE = "reference_models/mobilenet_v2_imagenet.onnx"
BASELINES = ("descriptor", "histogram", "pixels", "untrained")

QUESTIONS: dict[str, tuple[str, str, Protocol]] = {
    # title in the table: (data, figure, protocol)
    "luma: one view left out": ("luma", "R@1", LeaveOneViewOut()),
    "luma: back → front": (
        "luma",
        "R@1",
        QueryGallery(Selection("role", "back"), Selection("role", "front")),
    ),
    "shop_samples: one view left out": ("shop_samples", "R@1", LeaveOneViewOut()),
    "turntable: one known view": ("turntable", "R@1", OneKnownView()),
    "grocery: shelf photo → shop picture": (
        "grocery",
        "R@1",
        QueryGallery(Selection("split", "train"), Selection("split", "shop")),
    ),
    "clothing: 10-NN label": ("clothing", "top-1", Classification("label", group="sender_id")),
}


def catalogue_of(data: Path, name: str) -> Catalogue:
    """The catalogue of one data set; grocery's two tables become one, an item being a class."""
    if name != "grocery":
        return read_catalogue(data / name / "images.csv")
    with tempfile.TemporaryDirectory() as scratch:
        table = Path(scratch) / "images.csv"
        with table.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["path", "class_id", "split"])
            for source, split in (("images.csv", "train"), ("iconic.csv", "shop")):
                with (data / name / source).open(newline="") as rows:
                    for row in csv.DictReader(rows):
                        writer.writerow([row["path"], row["class_id"], split])
        return read_catalogue(table, photos=data / name, columns=Columns(item="class_id"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--models", nargs="*", default=[])
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--cache", type=Path, default=Path("build/vectors"))
    options = parser.parse_args()
    models = [*BASELINES, str(options.data / REFERENCE), *options.models]
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {"figures": {}}
    for title, (name, figure, protocol) in QUESTIONS.items():
        if options.only and name not in options.only:
            continue
        catalogue = catalogue_of(options.data, name)
        for model in models:
            embedder = open_embedder(model)
            seen = embed_catalogue(catalogue, embedder, cache=options.cache)
            report = evaluate(seen, protocol, check_leaks=False)
            known["figures"].setdefault(title, {})[embedder.card.name] = _facts(report, figure)
            print(f"{title:<40} {embedder.card.name:<24} {report[figure]}", flush=True)
        known["machine"] = describe()
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(known, indent=2, ensure_ascii=False) + "\n")
    print()
    print(table_of(known["figures"]))


def _facts(report: Report, name: str) -> dict[str, object]:
    figure = report[name]
    return {
        "figure": name,
        "value": round(figure.value, 4),
        "low": round(figure.low, 4),
        "high": round(figure.high, 4),
        "queries": figure.queries,
        "protocol": report.protocol,
        "fingerprint": report.model,
        "seed": report.seed,
    }


def table_of(figures: dict[str, dict[str, dict[str, float]]]) -> str:
    """The figures as a Markdown table, a model a column."""
    models = list(dict.fromkeys(model for row in figures.values() for model in row))
    lines = ["| | " + " | ".join(models) + " |", "|---" * (len(models) + 1) + "|"]
    for title, row in figures.items():
        cells = [
            f"{row[model]['value']:.3f} [{row[model]['low']:.2f}, {row[model]['high']:.2f}]"
            if model in row
            else ""
            for model in models
        ]
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
