"""DEC and IDEC beside k-means on raw and on autoencoder features: digits, clothing, luma; and the speed.

    python -m benchmarks.exploration_dec [--data ../shared/data] [--seeds 3]

Accuracy under the best naming of the clusters (Xie et al. 2016, equation 10), NMI, ARI; mean over seeds and
the lowest and highest seed. digits: scikit-learn's 1,797 digits of 8 x 8 pixels, 10 clusters. clothing: the
descriptor's vectors, against ``label``; luma: likewise, against ``category``. Speed: 10,000 x 256 random
features in 20 blobs, one thread.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
from benchmarks.machine import describe
from sklearn.datasets import load_digits

from lookalike.catalogue.reading import read_catalogue
from lookalike.embedding.descriptor import Descriptor
from lookalike.evaluation.evaluated import codes_of
from lookalike.evaluation.features import embed_catalogue
from lookalike.evaluation.partitions import ari, clustering_accuracy, nmi
from lookalike.exploration.dec.running import fit_dec
from lookalike.exploration.dec.settings import DecSettings, idec

RESULTS = Path(__file__).parent / "results" / "exploration_dec.json"


def data_of(data: Path, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Features and known classes."""
    if name == "digits":
        digits = load_digits()
        return digits.data.astype(np.float32) / 16, digits.target
    column = "label" if name == "clothing" else "category"
    seen = embed_catalogue(read_catalogue(data / name / "images.csv"), Descriptor())
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
    parser.add_argument("--only", nargs="*", default=["digits", "luma", "clothing"])
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    results: dict[str, object] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    results |= {"machine": describe(), "seeds": arguments.seeds}
    for name in arguments.only:
        results[name] = measured(arguments, name)
        RESULTS.write_text(json.dumps(results, indent=2))
    results["speed"] = speed()
    RESULTS.write_text(json.dumps(results, indent=2))


def measured(arguments: argparse.Namespace, name: str) -> dict[str, dict[str, list[float]]]:
    features, truth = data_of(arguments.data, name)
    classes = len(np.unique(truth))
    runs: dict[str, list[dict[str, float]]] = {}
    for seed in range(arguments.seeds):
        settings = DecSettings(clusters=classes, seed=seed, pretrain_epochs=100)
        for each in (settings, idec(settings)):
            run = fit_dec(features, each)
            runs.setdefault(each.name, []).append(scores(truth, run.labels))
            print(name, each.name, "seed", seed, run.dec.stopped, flush=True)
            if each.name == "DEC":
                runs.setdefault("k-means, raw", []).append(scores(truth, run.kmeans_raw))
                runs.setdefault("k-means, autoencoder", []).append(scores(truth, run.kmeans_codes))
    table = {}
    for who, found in runs.items():
        table[who] = {
            figure: [float(f([one[figure] for one in found])) for f in (np.mean, np.min, np.max)]
            for figure in found[0]
        }
        shown = "  ".join(f"{k} {v[0]:.3f} [{v[1]:.3f}, {v[2]:.3f}]" for k, v in table[who].items())
        print(f"{name:9} {classes} classes, {len(truth)} photos  {who:22} {shown}", flush=True)
    return table


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
