"""Category prediction: fused against its parts, and what it brings to a search when it narrows or re-ranks.

    python -m benchmarks.categories [--data ../shared/data] [--only luma ...] [--model NAME_OR_FOLDER]

Five folds of whole groups; in each the fusing weights, the temperature and the ridge are learned on the other
groups alone. Writes results/categories.json and the tables of docs/studies/categories.md.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from benchmarks.machine import describe
from benchmarks.pages import put_table
from benchmarks.stores import engine_of

from lookalike.evaluation.bootstrap import bootstrap, mean_of, paired_bootstrap
from lookalike.evaluation.confidence.open_set import calibration_error
from lookalike.evaluation.left_out import leave_out
from lookalike.retrieval.balance import Scale
from lookalike.retrieval.categories.categoriser import Categoriser, folds_of
from lookalike.retrieval.categories.guessing import neighbours_say
from lookalike.retrieval.categories.labels import Labels, labels_of
from lookalike.retrieval.categories.predicting import scales_of
from lookalike.retrieval.snapshot import Snapshot

RESULTS = Path(__file__).parent / "results" / "categories.json"
PAGE = Path(__file__).parents[1] / "docs" / "studies" / "categories.md"
QUESTIONS = {  # title: (catalogue, column, what is kept apart)
    "clothing: 17 labels, other contributors": ("clothing", "label", "sender_id"),
    "luma: category, other styles": ("luma", "category", "style_id"),
    "demo: category, other items": ("demo", "category", None),
    "turntable: category, other items": ("turntable", "category", None),
    "grocery: 43 coarse classes, other products": ("grocery", "coarse_class", None),
}
WAYS = ("majority", "neighbours", "head", "head, balanced", "fused")
NARROWED = {"luma": "category", "turntable": "category", "demo": "category"}
MOST = 3000


def part(labels: Labels, keep: np.ndarray) -> Labels:
    return Labels(labels.column, labels.names, labels.vectors[keep], labels.codes[keep], labels.groups[keep])


def predicted(labels: Labels, scales: list[Scale]) -> dict[str, np.ndarray]:
    """Probabilities of every view by each way, learned from the other folds."""
    classes = len(labels.names)
    told = {way: np.zeros((len(labels.codes), classes)) for way in WAYS}
    for asked in folds_of(labels.groups, seed=1):
        known = part(labels, ~asked)
        vectors = labels.vectors[asked]
        categoriser = Categoriser.learned(known, scales=scales)
        plain = Categoriser.learned(known).head
        told["majority"][asked] = np.bincount(known.codes, minlength=classes) / len(known.codes)
        told["neighbours"][asked] = np.exp(
            neighbours_say(known.vectors, known.codes, vectors, classes=classes)
        )
        told["head"][asked] = np.exp(plain.says(vectors))
        told["head, balanced"][asked] = np.exp(categoriser.head.says(vectors * categoriser.scale))
        told["fused"][asked] = categoriser.probabilities(vectors)
    return told


def measured(labels: Labels, scales: list[Scale]) -> dict[str, dict[str, list[float]]]:
    facts: dict[str, dict[str, list[float]]] = {}
    for way, shares in predicted(labels, scales).items():
        order = np.argsort(-shares, axis=1, kind="stable")
        first = order[:, 0] == labels.codes
        three = (order[:, :3] == labels.codes[:, None]).any(axis=1)
        one = bootstrap(mean_of(first.astype(float)), labels.groups)
        facts[way] = {
            "top-1": [one.value, one.low, one.high],
            "top-3": [float(three.mean())],
            "ECE": [calibration_error(shares.max(axis=1), first)],
        }
    return facts


def narrowing(snapshot: Snapshot, column: str, scales: list[Scale]) -> dict[str, list[float]]:
    """Item R@1 of a search as it is, narrowed to the likeliest values, and with the probability in it."""
    found: dict[str, list[bool]] = {}
    groups: list[int] = []
    for draw in range(2):
        left = leave_out(snapshot, seed=draw)
        labels = labels_of(left.gallery, column)
        shares = Categoriser.learned(labels, scales=scales).probabilities(left.vectors)
        number = {name: code for code, name in enumerate(labels.names)}
        values = [number.get(str(facts.get(column)), -1) for facts in left.gallery.attributes]
        own = np.where(np.array(values) >= 0, shares[:, values], 1.0)  # (questions, items)
        best = np.maximum.reduceat(left.gallery.matrix @ left.vectors.T, left.gallery.starts[:-1], axis=0).T
        ranks = np.argsort(np.argsort(-shares, axis=1), axis=1)
        place = np.where(np.array(values) >= 0, ranks[:, values], 0)
        ways = {
            "as it is": best,
            "likeliest value only": np.where(place < 1, best, -2),
            "three likeliest values": np.where(place < 3, best, -2),
            "probability in the score (.01 log p)": best + 0.01 * np.log(own.clip(1e-4)),
            "probability in the score (.03 log p)": best + 0.03 * np.log(own.clip(1e-4)),
        }
        for way, scores in ways.items():
            found.setdefault(way, []).extend((scores.argmax(axis=1) == left.places).tolist())
        groups += left.places.tolist()
    plain = mean_of(np.array(found["as it is"], float))
    told = {}
    for way, right in found.items():
        values_ = mean_of(np.array(right, float))
        one, gain = bootstrap(values_, np.array(groups)), paired_bootstrap(values_, plain, np.array(groups))
        told[way] = [one.value, one.low, one.high, gain.value, gain.low, gain.high]
    return told


def shares_table(results: dict[str, dict]) -> str:
    lines = ["| question | way | top-1 | top-3 | ECE |", "|---|---|---|---|---|"]
    for title, ways in results.items():
        for way, facts in ways.items():
            value, low, high = facts["top-1"]
            lines.append(
                f"| {title} | {way} | {value:.3f} [{low:.2f}, {high:.2f}] | {facts['top-3'][0]:.3f} "
                f"| {facts['ECE'][0]:.3f} |"
            )
    return "\n".join(lines)


def narrowing_table(results: dict[str, dict]) -> str:
    lines = ["| catalogue | search | R@1 | less as it is |", "|---|---|---|---|"]
    for name, ways in results.items():
        for way, (value, low, high, gain, worse, better) in ways.items():
            against = "" if way == "as it is" else f"{gain:+.3f} [{worse:+.3f}, {better:+.3f}]"
            lines.append(f"| {name} | {way} | {value:.3f} [{low:.2f}, {high:.2f}] | {against} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--model", default="default")
    options = parser.parse_args()
    guessed, narrowed = {}, {}
    for title, (name, column, group) in QUESTIONS.items():
        if options.only and name not in options.only:
            continue
        engine = engine_of(options.data, name, model=options.model)
        snapshot, scales = engine.snapshot, scales_of(engine.embedder.card)
        labels = labels_of(snapshot, column, group=group)
        keep = np.sort(np.random.default_rng(0).permutation(len(labels.codes))[:MOST])
        guessed[title] = measured(part(labels, keep), scales)
        print(shares_table({title: guessed[title]}), flush=True)
        if name in NARROWED:
            narrowed[name] = narrowing(snapshot, NARROWED[name], scales)
            print(narrowing_table({name: narrowed[name]}), flush=True)
    if not options.only:
        facts = {"machine": describe(), "guessed": guessed, "narrowed": narrowed}
        RESULTS.write_text(json.dumps(facts, indent=2) + "\n")
        put_table(PAGE, "guessed", shares_table(guessed))
        put_table(PAGE, "narrowed", narrowing_table(narrowed))


if __name__ == "__main__":
    main()
