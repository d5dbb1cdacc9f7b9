"""All benchmarks, one after the other: `make bench`.

Beside them, as they need more than the real photos: `serving` and `page` (a store and its
photos), `peers` (other packages).
"""

from __future__ import annotations

import runpy
import sys

SCRIPTS = (
    "embedding",
    "indexing",
    "item_search",
    "large_search",
    "code_kinds",
    "large_store",
    "scale",
    "evaluation",
    "quality",
    "confidence",
    "reranking",
    "categories",
    "balance",
    "together",
    "asking",
    "parts",
    "precision",
    "own_model",
    "tuning",
    "study",
    "jobs",
    "exploration_health",
    "exploration_dec",
)


def main() -> None:
    for script in SCRIPTS:
        print(f"== {script}", flush=True)
        sys.argv = [script]
        runpy.run_module(f"benchmarks.{script}", run_name="__main__")


if __name__ == "__main__":
    main()
