"""The sections that measure: models, predictions, results, one view against several, the view gap, DEC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from lookalike.errors import LookalikeError
from lookalike.evaluation.classifiers import neighbour_votes
from lookalike.evaluation.compare import compare_evaluated
from lookalike.evaluation.evaluated import Evaluated, codes_of
from lookalike.evaluation.evaluating import evaluate
from lookalike.evaluation.figures import draw_angle_curve, draw_bars
from lookalike.evaluation.matrices import draw_role_matrix
from lookalike.evaluation.outcome import Protocol
from lookalike.evaluation.protocols import LeaveOneViewOut, OneKnownView
from lookalike.evaluation.view_gap import ViewGap
from lookalike.exploration.choosing import agreement
from lookalike.exploration.clusters import Clustering
from lookalike.exploration.health.neighbours import neighbours_of
from lookalike.exploration.palette import COLOURS, LIGHT, OTHER
from lookalike.exploration.plots import blank, saved
from lookalike.exploration.strips import Strip, Tile, draw_strips
from lookalike.exploration.study.sections import Section, table_of

SAMPLES = 6

STUDY_MODELS: Mapping[str, str] = {
    "VGG16": "timm:vgg16.tv_in1k",
    "VGG19": "timm:vgg19.tv_in1k",
    "DenseNet201": "timm:densenet201.tv_in1k",
}
"""The study's networks as embedders; their weights come from the hub, or are said to be absent."""


def models_section(
    measured: Mapping[str, Evaluated], absent: Mapping[str, str], out: Path, *, baseline: str, command: str
) -> Section:
    """The comparison table over all models at hand, and why the others are not.

    Raises:
        EvaluationError: no item has two views.
    """
    comparison = compare_evaluated(measured, LeaveOneViewOut(), baseline=baseline, command=command)
    rows = [
        (one.name, str(one.report["R@1"]), str(one.report["R@5"]), str(one.report["mAP"]))
        for one in comparison.contenders
    ]
    rows += [(name, "not run", "", why) for name, why in absent.items()]
    return Section(
        "The models",
        (
            "Each view of an item that has several is asked once, all other views of all items answer; "
            "item R@1, "
            "with its 95% interval over items.",
            *(f"{name} was not run: {why}" for name, why in absent.items()),
        ),
        "The study trained a dense baseline, VGG16, VGG19 and DenseNet201 as classifiers and a ResNet-34 "
        "by contrast, "
        "and could not give an accuracy for the last. Here every model answers the same question on the same "
        "views, so that they can be compared; networks without weights on this machine are named, not "
        "guessed. A trained one joins by --with: lookalike train CATALOGUE --recipe resnet34-supcon "
        "--out run.",
        ((draw_bars(comparison, out / "figures" / "models.png"), "Item R@1 by model"),),
        (table_of("models", ("model", "item R@1", "item R@5", "mAP, or why not"), rows),),
    )


def prediction_section(seen: Evaluated, out: Path, *, column: str, seed: int) -> Section:
    """Bars of the votes of the nearest photos of other items, for sample photos."""
    values = seen.column(column)
    names = sorted({value for value in values if value is not None})
    known = np.array([value is not None for value in values])
    part = seen.rows(known)
    votes = neighbour_votes(part.matrix, codes_of(part.column(column)), part.codes, k=10)
    shares = votes / np.maximum(votes.sum(axis=1, keepdims=True), 1e-9)
    rng = np.random.default_rng(seed)
    rows = np.sort(rng.choice(len(part), min(SAMPLES, len(part)), replace=False))
    truth = part.column(column)
    strips = [
        Strip(
            "The photos", tuple(Tile(part.views[row], f"{n + 1}: {truth[row]}") for n, row in enumerate(rows))
        )
    ]
    hits = float(np.mean([names[int(shares[row].argmax())] == truth[row] for row in range(len(part))]))
    return Section(
        f"Prediction of {column} for sample photos",
        (
            f"The ten nearest photos of other items vote; over all {len(part)} photos they are right in "
            f"{hits:.1%}.",
        ),
        "The study showed bar charts of a classifier's softmax for a few photos. Ours are votes of "
        "neighbours: no "
        "training, and a vote is evidence one can look at. The bar of the right value is blue.",
        (
            (draw_strips(strips, out / "figures" / "prediction-photos.png"), "Drawn at random"),
            (
                _bars(
                    shares[rows], names, [str(truth[row]) for row in rows], out / "figures" / "prediction.png"
                ),
                "Votes",
            ),
        ),
    )


def results_section(seen: Evaluated, out: Path, *, seed: int) -> Section:
    """Result strips: a query, then the items found, nearest first."""
    neighbours = neighbours_of(seen, k=7)
    several = np.flatnonzero(np.isfinite(neighbours.own))
    pool = several if len(several) else np.arange(len(seen))
    rows = np.sort(np.random.default_rng(seed).choice(pool, min(SAMPLES, len(pool)), replace=False))
    strips = []
    for row in rows:
        found = [
            (float(s), int(r))
            for r, s in zip(neighbours.rows[row], neighbours.likeness[row], strict=True)
            if r >= 0
        ]
        own = [int(other) for other in np.flatnonzero(seen.codes == seen.codes[row]) if other != row]
        if own:
            best = max(own, key=lambda other: float(seen.matrix[row] @ seen.matrix[other]))
            found.append((float(neighbours.own[row]), best))
        found.sort(reverse=True)
        tiles = [Tile(seen.views[row], "query")]
        tiles += [Tile(seen.views[r], f"{'RIGHT ' if r in own else ''}{score:.2f}") for score, r in found[:7]]
        strips.append(Strip(seen.items[row].id, tuple(tiles)))
    return Section(
        "Results, nearest first",
        ("A query at the left; of each item found, its best view. RIGHT marks the query's own item.",),
        "The study showed the nearest photos. Ours shows items, so that five views of one wrong item "
        "fill one place.",
        ((draw_strips(strips, out / "figures" / "results.png"), "Queries drawn at random"),),
    )


def views_section(seen: Evaluated, out: Path, *, seed: int) -> Section:
    """One known view against all, and the gap between views.

    Raises:
        EvaluationError: no item has two views.
    """
    wanted: dict[str, Protocol] = {
        "one view known": OneKnownView(seed=seed),
        "all other views known": LeaveOneViewOut(),
    }
    reports = {
        name: evaluate(seen, protocol, seed=seed, check_leaks=False) for name, protocol in wanted.items()
    }
    rows: list[Sequence[object]] = [(name, str(r["R@1"]), str(r["R@5"])) for name, r in reports.items()]
    figures, words = [], ["The more views of an item are known, the surer it is found."]
    try:
        gap = evaluate(seen, ViewGap(), seed=seed, check_leaks=False)
        rows.append(("across roles or angles", str(gap.headline), ""))
        if gap.section("role"):
            figures.append(
                (draw_role_matrix({"": gap}, out / "figures" / "roles.png"), "Item R@1 from role to role")
            )
        if gap.section("angle"):
            path = draw_angle_curve({"this model": gap}, out / "figures" / "angle.png")
            figures.append((path, "Item R@1 against the angle between query and known view"))
    except LookalikeError as error:
        words.append(f"The view gap is not shown: {error.message}")
    return Section(
        "One view against several, and the view gap",
        tuple(words),
        "The study reports about 85% where query and catalogue show the same view, and that 45% are lost "
        "across views. These are figures of another model on other photos (intervals over items); what can "
        "be compared is the direction and the size of the loss.",
        tuple(figures),
        (table_of("views-known", ("known of each item", "item R@1", "item R@5"), rows),),
    )


def dec_section(seen: Evaluated, *, column: str | None, seed: int) -> Section:
    """DEC and IDEC beside k-means on raw and on autoencoder features.

    Raises:
        ExplorationError: too few photos.
    """
    paper = (
        "The study named deep embedded clustering (Xie et al. 2016) as future work. It is done here, "
        "beside what it must "
        "beat; its clusters often get worse than k-means where features are good already."
    )
    if find_spec("torch") is None or column is None:
        why = "PyTorch is not installed (the train extra)" if column else "no known column to compare with"
        return Section("Deep embedded clustering", (f"Not run: {why}.",), paper)
    from lookalike.exploration.dec.running import pretrain, refine
    from lookalike.exploration.dec.settings import DecSettings, idec

    classes = len({value for value in seen.column(column) if value is not None})
    settings = DecSettings(clusters=max(2, classes), seed=seed)
    start = pretrain(seen.matrix, settings)
    runs = {each.name: refine(start, each) for each in (settings, idec(settings))}
    labels = {
        "k-means, raw features": runs["DEC"].kmeans_raw,
        "k-means, autoencoder features": runs["DEC"].kmeans_codes,
        **{name: run.labels for name, run in runs.items()},
    }
    rows = []
    for name, given in labels.items():
        found = agreement(Clustering(name, given), seen.column(column))
        rows.append((name, found.accuracy, found.nmi, found.ari))
    words = (
        f"{classes} clusters against {column}, seed {seed}.",
        *(f"{n}: {r.dec.stopped}." for n, r in runs.items()),
    )
    return Section(
        "Deep embedded clustering",
        words,
        paper,
        (),
        (table_of("dec", ("method", "accuracy", "NMI", "ARI"), rows),),
    )


def _bars(shares: np.ndarray, names: Sequence[str], truth: Sequence[str], path: Path) -> Path:
    columns = min(3, len(shares))
    lines = -(-len(shares) // columns)
    canvas, first = blank(3.6 * columns, 2.1 * lines, LIGHT)
    canvas.delaxes(first)
    for number, line in enumerate(shares):
        axes = canvas.add_subplot(lines, columns, number + 1)
        top = np.argsort(-line, kind="stable")[: min(4, len(names))][::-1]
        colours = [COLOURS[0] if names[code] == truth[number] else OTHER for code in top]
        axes.barh(range(len(top)), line[top], color=colours)
        axes.set_yticks(range(len(top)), [names[code][:22] for code in top], fontsize=7.5)
        axes.set_xlim(0, 1)
        axes.tick_params(axis="x", labelsize=7)
        axes.spines[["top", "right"]].set_visible(False)
        axes.set_title(f"photo {number + 1}", loc="left", fontsize=8.5)
    return saved(canvas, path)
