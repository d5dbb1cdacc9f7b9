"""DEC and IDEC beside k-means on raw and on autoencoder features: digits and three catalogues; and the speed.

    python -m benchmarks.exploration_dec [--data ../shared/data] [--seeds 3] [--only digits luma ...]

Accuracy under the best naming of the clusters (Xie et al. 2016, equation 10), NMI, ARI; mean over seeds and
the lowest and highest seed. digits: scikit-learn's 1,797 digits of 8 x 8 pixels, 10 clusters. The others:
vectors of the default model, and with "descriptor" those of the descriptor, against ``label`` (clothing) or
``category``. Speed: 10,000 x 256 random features in 20 blobs, one thread.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from benchmarks.machine import describe
from sklearn.datasets import load_digits

from lookalike.catalogue.reading import read_catalogue
from lookalike.embedding.zoo import open_embedder
from lookalike.evaluation.evaluated import codes_of
from lookalike.evaluation.features import embed_catalogue
from lookalike.evaluation.partitions import ari, clustering_accuracy, nmi
from lookalike.exploration.dec.running import fit_dec, pretrain, refine
from lookalike.exploration.dec.settings import DecSettings, idec

RESULTS = Path(__file__).parent / "results" / "exploration_dec.json"
PAGE = Path(__file__).parents[1] / "docs" / "studies" / "clusters.md"
MARK = "<!-- made by benchmarks.exploration_dec -->"
VECTORS = Path(__file__).parents[1] / "build" / "vectors"
SETS = {
    "digits": "Digits, pixels",
    "luma": "Luma, the default model's vectors",
    "luma-descriptor": "Luma, the descriptor's vectors",
    "clothing": "Clothing, the default model's vectors",
    "turntable": "Turntable, the default model's vectors",
}
ROWS = ("k-means, raw", "k-means, autoencoder", "DEC", "IDEC")


def data_of(data: Path, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Features and known classes."""
    if name == "digits":
        digits = load_digits()
        return digits.data.astype(np.float32) / 16, digits.target
    photos, _, model = name.partition("-")
    column = "label" if photos == "clothing" else "category"
    catalogue = read_catalogue(data / photos / "images.csv")
    seen = embed_catalogue(catalogue, open_embedder(model or "default"), cache=VECTORS)
    truth = codes_of(seen.column(column))
    return seen.matrix[truth >= 0], truth[truth >= 0]


def scores(truth: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    return {
        "accuracy": clustering_accuracy(truth, labels),
        "NMI": nmi(truth, labels),
        "ARI": ari(truth, labels),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", nargs="*", default=list(SETS))
    parser.add_argument("--no-speed", action="store_true", help="Leave the speed as it was measured.")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    results: dict[str, object] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    results |= {"machine": describe(), "seeds": arguments.seeds}
    for name in arguments.only:
        results[name] = measured(arguments, name)
        RESULTS.write_text(json.dumps(results, indent=2))
    if not arguments.no_speed:
        results["speed"] = speed()
    RESULTS.write_text(json.dumps(results, indent=2))
    write_page(results)


def measured(arguments: argparse.Namespace, name: str) -> dict[str, Any]:
    features, truth = data_of(arguments.data, name)
    classes = len(np.unique(truth))
    runs: dict[str, list[dict[str, float]]] = {}
    for seed in range(arguments.seeds):
        settings = DecSettings(clusters=classes, seed=seed, pretrain_epochs=100)
        start = pretrain(features, settings)
        for each in (settings, idec(settings)):
            run = refine(start, each)
            runs.setdefault(each.name, []).append(scores(truth, run.labels))
            print(name, each.name, "seed", seed, run.dec.stopped, flush=True)
            if each.name == "DEC":
                runs.setdefault("k-means, raw", []).append(scores(truth, run.kmeans_raw))
                runs.setdefault("k-means, autoencoder", []).append(scores(truth, run.kmeans_codes))
    table: dict[str, Any] = {"photos": len(truth), "classes": classes}
    for who, found in runs.items():
        table[who] = {
            figure: [float(f([one[figure] for one in found])) for f in (np.mean, np.min, np.max)]
            for figure in found[0]
        }
        shown = "  ".join(f"{k} {v[0]:.3f} [{v[1]:.3f}, {v[2]:.3f}]" for k, v in table[who].items())
        print(f"{name:9} {classes} classes, {len(truth)} photos  {who:22} {shown}", flush=True)
    return table


def write_page(results: dict[str, Any]) -> None:
    """The tables, between the marks of their page."""
    before, _, after = PAGE.read_text().split(MARK)
    parts = [_as_markdown(title, results[name]) for name, title in SETS.items() if name in results]
    PAGE.write_text(MARK.join((before, "\n\n" + "\n\n".join(parts) + "\n\n", after)))


def _as_markdown(title: str, table: dict[str, Any]) -> str:
    figures = ("accuracy", "NMI", "ARI")
    best = {figure: max(table[who][figure][0] for who in ROWS) for figure in figures}
    lines = [
        f"**{title}** ({table['photos']:,} photos, {table['classes']} classes)",
        "",
        "| | accuracy | NMI | ARI |",
        "|---" * 4 + "|",
    ]
    for who in ROWS:
        shown = [
            "{0}{1:.3f}{0} [{2:.3f}, {3:.3f}]".format(
                "**" if table[who][figure][0] == best[figure] else "", *table[who][figure]
            )
            for figure in figures
        ]
        lines.append(f"| {who} | {' | '.join(shown)} |")
    return "\n".join(lines)


def speed() -> dict[str, float]:
    rng = np.random.default_rng(0)
    centres = rng.normal(0, 1, (20, 256))
    features = (centres[rng.integers(0, 20, 10_000)] + rng.normal(0, 1, (10_000, 256))).astype(np.float32)
    begun, busy = time.perf_counter(), time.process_time()
    run = fit_dec(features, DecSettings(clusters=20))
    found = {"wall_s": time.perf_counter() - begun, "cpu_s": time.process_time() - busy}
    print(
        f"10,000 x 256: {found['wall_s']:.0f} s, {found['cpu_s']:.0f} s of CPU; {run.dec.stopped}", flush=True
    )
    return found


if __name__ == "__main__":
    main()
