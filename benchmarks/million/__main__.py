"""A million views, 20,000 of them photos, from the photos to answers over HTTP and through a change of model.

    python -m benchmarks.million --folder FOLDER [--views 1000000] [--photos 20000] [--drawn IMAGES.csv]
    python -m benchmarks.million --folder FOLDER --write     # the table of docs/scale.md

The photos: a half of them real ones of four sets (amateur phone photos, shelves, studio shots, turntables), a
sixth drawn (``lookalike demo``, seven views an item), the rest real ones of 64 px, an item each. All are
embedded by the default model. Synthetic items lie between two of them each, views around items, so that the
real ones stand in a crowd of their like. 400 items have a photo kept back to be asked with. The
second version is of the same model in int8: photos embedded again, synthetic items between the same parents.

Steps are kept in ``FOLDER/steps.json`` as they end, and a run that was stopped goes on after the last one;
``--only`` does some, again where they were done.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.large_search import RESULTS
from benchmarks.machine import describe
from benchmarks.million import steps
from benchmarks.million.certainty import certainty
from benchmarks.million.lists import lists
from benchmarks.million.memory import memory
from benchmarks.million.serving import serve
from benchmarks.million.table import write_page

STEPS: dict[str, Callable[[steps.Run], dict[str, Any]]] = {
    "photos": steps.lay_out,
    "index": steps.index_photos,
    "second": steps.prepare_second,
    "fill": steps.fill,
    "open": steps.open_engine,
    "search": steps.search_by_photo,
    "certainty": certainty,
    "lists": lists,
    "change": steps.change,
    "compare": steps.compare,
    "serve": serve,
    "memory": memory,
}


def main() -> None:
    options = _options()
    options.folder.mkdir(parents=True, exist_ok=True)
    drawn = None if options.drawn is None else options.drawn.resolve()
    run = steps.Run(options.folder.resolve(), options.data, drawn, options.views, options.photos)
    kept = options.folder / "steps.json"
    done: dict[str, Any] = json.loads(kept.read_text()) if kept.exists() else {}
    for name, step in STEPS.items():
        if (name in done and name not in options.only) or (options.only and name not in options.only):
            continue
        load = os.getloadavg()[0]
        done[name] = {**step(run), "load": round(load, 1), "commit": describe()["commit"]}
        kept.write_text(json.dumps(done, indent=2))
        print(json.dumps({name: done[name]}, indent=2), flush=True)
    result = {
        "protocol": __doc__,
        "machine": describe(),
        "views": options.views,
        "photos": options.photos,
        **done,
    }
    path = RESULTS / f"million_{options.views}.json"
    path.write_text(json.dumps(result, indent=2) + "\n")
    if options.write:
        write_page(result)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--views", type=int, default=1_000_000)
    parser.add_argument("--photos", type=int, default=20_000)
    parser.add_argument("--drawn", type=Path, help="The demo catalogue's table, where it is drawn already.")
    parser.add_argument("--only", nargs="+", default=[], choices=[*STEPS, "none"])
    parser.add_argument("--write", action="store_true", help="Write the table into the docs.")
    return parser.parse_args()


if __name__ == "__main__":
    main()
