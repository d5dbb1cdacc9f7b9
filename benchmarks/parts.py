"""Parts and reasons: heat maps by deletion and insertion, items found in rooms, parts of query photos.

    python -m benchmarks.parts [--data ../shared/data] [--model default] [--only faithful find parts spatial]

faithful: pairs of photos of one item; a map's cells are taken away (deletion) or put back (insertion) in
its order, and the score is followed (RISE). find: items of the demo catalogue in rooms that are drawn with
several of them (seeds that were not used to choose anything); a mark is a hit when its middle lies in the
item's true box; recall at so many false marks a scene (FROC). parts: one item in a room -> its studio
views, and shelf photo -> shop picture, with and without parts. spatial: one view of each item left out and
asked, with and without the second look at local features. 95% bootstrap intervals over items (find:
over scenes, since one scene serves all its items).
"""

from __future__ import annotations

import argparse
import csv
import json
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.machine import describe
from benchmarks.pages import put_table
from numpy.typing import NDArray
from PIL import Image

from lookalike.catalogue.crops import Crop
from lookalike.catalogue.items import Catalogue, Item
from lookalike.catalogue.photos import Photo, open_image, part_of, read_photo
from lookalike.catalogue.reading import read_catalogue
from lookalike.demo.designs import Design, design
from lookalike.demo.interiors import interior
from lookalike.demo.shots import Shot, photograph, shots_of
from lookalike.embedding.embedder import Embedder
from lookalike.embedding.zoo import open_embedder
from lookalike.evaluation.bootstrap import bootstrap, mean_of, paired_bootstrap
from lookalike.evaluation.faithfulness import faithfulness
from lookalike.retrieval.engine import SearchEngine
from lookalike.retrieval.explaining.agreement import explainer_of
from lookalike.retrieval.explaining.grids import SIDE, Grid
from lookalike.retrieval.explaining.sources import bell, colour_cells, foreground_cells, occlusion
from lookalike.retrieval.indexing import index_catalogue
from lookalike.retrieval.parts.boxes import overlaps
from lookalike.retrieval.parts.proposals import propose
from lookalike.retrieval.parts.scene import Looking, Mark, Wanted, look_for
from lookalike.retrieval.query import Query, QueryPhoto
from lookalike.retrieval.store import Store

RESULTS = Path(__file__).parent / "results" / "parts.json"
PAGE = Path(__file__).parents[1] / "docs" / "studies" / "parts.md"
PAIRS, SCENES, IN_A_SCENE, ROOMS, SHELVES, SECOND_LOOKS = 30, 8, 5, 40, 150, 100
FALSE_MARKS = (0.25, 0.5, 1.0, 2.0)
HELD_OUT = 1
"""Seed of demo items that nothing was chosen on; seed 0 was looked at while building."""
MIDDLE: Crop = (0.2, 0.2, 0.8, 0.8)
LOOKING = Looking(most=8)
Table = dict[str, dict[str, Any]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--model", default="default")
    parser.add_argument("--only", nargs="*", default=list(PARTS), choices=list(PARTS))
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    embedder = open_embedder(options.model, threads=1)
    known = json.loads(options.out.read_text()) if options.out.exists() else {}
    for name in options.only:
        before = known.get("tables", {})
        known["tables"] = {
            title: table for title, table in before.items() if not title.startswith(f"{name}:")
        }
        for title, table in PARTS[name](embedder, options.data):
            known["tables"][title] = table
            known["machine"] = describe()
            options.out.write_text(json.dumps(known, indent=2, ensure_ascii=False) + "\n")
            if options.out == RESULTS:
                write_page(known["tables"])
            print(f"\n{title}\n\n{table_of(table)}", flush=True)


def write_page(tables: dict[str, Table]) -> None:
    """Put all tables into the page of the study."""
    order = sorted(tables, key=lambda title: list(PARTS).index(title.split(":")[0]))
    put_table(PAGE, "parts", "\n\n".join(f"**{title}**\n\n{table_of(tables[title])}" for title in order))


def faithful(embedder: Embedder, data: Path) -> Iterator[tuple[str, Table]]:
    """Areas of the curves of each map, on pairs of two sets."""
    for name in ("luma", "turntable"):
        found: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for first, second in pairs(data / name, PAIRS):
            photos = [read_photo(path, size_px=embedder.card.size_px) for path in (first, second)]
            towards = embedder.encode(photos[1:])[0]
            maps = maps_of(embedder, *photos)
            for kind, area in faithfulness(embedder, photos[0], towards, maps).items():
                found[kind].append((area.deletion, area.insertion))
        yield f"faithful: {name}, {embedder.card.fingerprint}", areas_of(found)


def maps_of(model: Embedder, photo: Photo, other: Photo) -> dict[str, Grid]:
    """The maps that are compared; ours first."""
    explainer = explainer_of(model)
    towards = model.encode([other])[0]
    maps = {"contribution": explainer.agreement(photo, other).first.grid}
    if model.card.blocks:
        maps["of it shape alone"] = explainer.agreement(photo, other, colour=0.0).first.grid
        maps["of it colour alone"] = colour_cells(photo, other)[0]
    occluded, item = occlusion(model, photo, towards), foreground_cells(photo)
    both = np.maximum(occluded, 0) / max(float(occluded.max()), 1e-9) + item / max(float(item.max()), 1e-9)
    maps |= {"occlusion": occluded, "occlusion and foreground": both, "foreground": item}
    return maps | {"blob in the middle": bell(), "random": np.random.default_rng(0).random((SIDE, SIDE))}


def pairs(folder: Path, count: int) -> Iterator[tuple[Path, Path]]:
    """Two photos each of some items, drawn by seed 0."""
    by_item: dict[str, list[Path]] = defaultdict(list)
    with (folder / "images.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            by_item[row["item_id"]].append(folder / row["path"])
    rng = np.random.default_rng(0)
    several = sorted(item for item, paths in by_item.items() if len(paths) > 1)
    for item in rng.choice(several, min(count, len(several)), replace=False):
        one, other = rng.choice(len(by_item[item]), 2, replace=False)
        yield by_item[item][one], by_item[item][other]


def areas_of(found: dict[str, list[tuple[float, float]]]) -> Table:
    blob = np.array(found["blob in the middle"])
    items = np.arange(len(blob))
    table: Table = {}
    for kind, areas in found.items():
        columns = np.array(areas)
        table[kind] = {
            "deletion": told(columns[:, 0], items),
            "insertion": told(columns[:, 1], items),
            "insertion less deletion": told(columns[:, 1] - columns[:, 0], items),
            "against the blob": versus(columns @ [-1, 1], blob @ [-1, 1], items),
        }
    return table


def find(embedder: Embedder, data: Path) -> Iterator[tuple[str, Table]]:  # noqa: ARG001
    """FROC of items in rooms, by ours, by the descriptor, and by chance."""
    shown = [design(number, seed=HELD_OUT) for number in range(96)]
    descriptor = open_embedder("descriptor")
    found: dict[str, list[tuple[int, list[tuple[float, bool]], float]]] = defaultdict(list)
    for seed in range(SCENES):
        chosen, rng = drawn_items(shown, seed), np.random.default_rng((seed, 2))
        room = interior(chosen, seed=1000 + seed)
        scene = Image.fromarray(room.picture)
        for what in chosen:
            box = room.boxes[what.id]
            for name, marks in marks_of(embedder, descriptor, scene, what, rng).items():
                hits = [(mark.score, within(mark.box, box)) for mark in marks]
                overlap = float(overlaps(box, np.array([marks[0].box]))[0])
                found[name].append((seed, hits, overlap))
    yield f"find: {embedder.card.fingerprint}", {name: froc(marks) for name, marks in found.items()}


def marks_of(
    embedder: Embedder, descriptor: Embedder, scene: Image.Image, what: Design, rng: np.random.Generator
) -> dict[str, Sequence[Mark]]:
    studio = [photo_of(what, shot) for shot in shots_of(what) if shot.role != "room"]
    marks: dict[str, Sequence[Mark]] = {}
    for name, model in (("lookalike find", embedder), ("with the descriptor", descriptor)):
        views = model.encode([part_of(each, (0, 0, 1, 1), size_px=model.card.size_px) for each in studio])
        marks[name] = look_for(model, scene, Wanted.of({what.id: views}), looking=LOOKING)
    corners = rng.uniform(0, 0.75, (LOOKING.most, 2))
    marks["random boxes"] = [
        Mark((float(x), float(y), float(x) + 0.25, float(y) + 0.25), float(rng.random()), what.id, 0)
        for x, y in corners
    ]
    marks["the middle"] = [Mark((0.25, 0.25, 0.75, 0.75), 1.0, what.id, 0)]
    return marks


def photo_of(what: Design, shot: Shot) -> Image.Image:
    return Image.fromarray(photograph(what, shot, size_px=192))


def within(mark: Crop, box: Crop) -> bool:
    x, y = (mark[0] + mark[2]) / 2, (mark[1] + mark[3]) / 2
    return box[0] < x < box[2] and box[1] < y < box[3]


def froc(found: list[tuple[int, list[tuple[float, bool]], float]]) -> dict[str, Any]:
    """Recall at so many false marks a search, and of the best mark alone; intervals over scenes."""
    scenes = np.array([seed for seed, _, _ in found])
    row: dict[str, Any] = {
        "best mark hits": told(np.array([marks[0][1] for _, marks, _ in found], float), scenes),
        "its IoU": told(np.array([overlap for _, _, overlap in found]), scenes),
    }
    false = np.sort([score for _, marks, _ in found for score, hit in marks if not hit])[::-1]
    for rate in FALSE_MARKS:
        allowed = int(rate * len(found))
        least = false[allowed] if allowed < len(false) else -np.inf
        hit = [any(hit and score > least for score, hit in marks) for _, marks, _ in found]
        row[f"recall at {rate:g}"] = told(np.array(hit, float), scenes)
    return row


def parts(embedder: Embedder, data: Path) -> Iterator[tuple[str, Table]]:
    """Item R@1 of the whole photo, with parts, and with other boxes."""
    designs = [design(number, seed=HELD_OUT) for number in range(96)]
    gallery = [(each.id, photo_of(each, shot)) for each in designs[:ROOMS] for shot in shots_of(each)[:3]]
    queries = [(each.id, photo_of(each, shots_of(each)[-1])) for each in designs[:ROOMS]]
    yield f"parts: demo room -> studio, {embedder.card.fingerprint}", compared(embedder, queries, gallery)
    yield f"parts: rooms of {IN_A_SCENE} items, {embedder.card.fingerprint}", crowded(embedder)
    folder = data / "grocery"
    with (folder / "images.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    with (folder / "iconic.csv").open(newline="") as file:
        shop = [
            (row["class_id"], Image.open(folder / row["path"]).convert("RGB")) for row in csv.DictReader(file)
        ]
    chosen = np.random.default_rng(1).permutation(len(rows))[:SHELVES]
    shelf = [(rows[n]["class_id"], opened(folder / rows[n]["path"])) for n in chosen]
    yield f"parts: grocery shelf -> shop, {embedder.card.fingerprint}", compared(embedder, shelf, shop)


def opened(path: Path) -> Image.Image:
    return open_image(path, long_side_px=800)


def spatial(embedder: Embedder, data: Path) -> Iterator[tuple[str, Table]]:
    """Item R@1 of one view left out, with and without a second look at local features; milliseconds."""
    for name, views in (("luma", 5), ("turntable", 4)):
        rng = np.random.default_rng(2)
        several = [item for item in read_catalogue(data / name / "images.csv").items if len(item.views) > 1]
        chosen = [several[n] for n in rng.permutation(len(several))[:SECOND_LOOKS]]
        kept = [replace(item, views=item.views[:: max(1, len(item.views) // views)]) for item in chosen]
        with tempfile.TemporaryDirectory() as folder:
            store = Store.create(Path(folder) / "store", card=embedder.card)
            gallery = tuple(replace(item, views=item.views[1:]) for item in kept)
            index_catalogue(Catalogue(gallery, source=name), store, embedder)
            engine = SearchEngine(embedder, store)
            yield f"spatial: {name}, {embedder.card.fingerprint}", second_looks(engine, kept)


def second_looks(engine: SearchEngine, items: Sequence[Item]) -> Table:
    right: dict[str, list[float]] = defaultdict(list)
    spent: dict[str, list[float]] = defaultdict(list)
    for item in items:
        asked = QueryPhoto(Path(str(item.views[0].source)), item.views[0].crop)
        for way, names in (("first ranking", ()), ("spatial", ("spatial",))):
            begun = time.perf_counter()
            found = engine.search(Query(photos=(asked,), rerank=names), 1)
            spent[way].append(1000 * (time.perf_counter() - begun))
            right[way].append(float(found[0].item == item.id))
    numbers, first = np.arange(len(items)), np.array(right["first ranking"])
    return {
        way: {
            "R@1": told(np.array(hits), numbers),
            "against the first": versus(np.array(hits), first, numbers),
            "ms": told(np.array(spent[way]), numbers),
        }
        for way, hits in right.items()
    }


Labelled = Sequence[tuple[str, Image.Image]]


def compared(embedder: Embedder, queries: Labelled, gallery: Labelled) -> Table:
    size_px, rng = embedder.card.size_px, np.random.default_rng(0)
    names = np.array([name for name, _ in gallery])
    views = embedder.encode([part_of(image, (0, 0, 1, 1), size_px=size_px) for _, image in gallery])
    right: dict[str, list[float]] = defaultdict(list)
    for name, image in queries:
        whole = part_of(image, (0, 0, 1, 1), size_px=size_px)
        boxes = [part.box for part in propose(embedder, whole)]
        chance = [random_box(rng) for _ in boxes]
        seen = [whole, *(part_of(image, box, size_px=size_px) for box in [*boxes, *chance, MIDDLE])]
        scores = embedder.encode(seen) @ views.T
        rest = slice(1 + len(boxes), -1)
        for way, taken in {
            "whole photo": scores[:1],
            "middle alone": scores[-1:],
            "whole and 3 parts": scores[:4],
            "whole and 5 parts": scores[: 1 + len(boxes)],
            "whole and 5 random boxes": np.concatenate([scores[:1], scores[rest]]),
        }.items():
            right[way].append(float(names[int(taken.max(axis=0).argmax())] == name))
    items = np.unique([name for name, _ in queries], return_inverse=True)[1].astype(np.int64)
    whole_photo = np.array(right["whole photo"])
    return {
        way: {
            "R@1": told(np.array(hits), items),
            "against the whole": versus(np.array(hits), whole_photo, items),
        }
        for way, hits in right.items()
    }


def crowded(embedder: Embedder) -> Table:
    """Share of a room's items among the first so many answers, by the whole photo and with parts."""
    designs, size_px = [design(number, seed=HELD_OUT) for number in range(96)], embedder.card.size_px
    shots = [(each.id, photo_of(each, shot)) for each in designs for shot in shots_of(each)[:3]]
    names = np.array([name for name, _ in shots])
    views = embedder.encode([part_of(image, (0, 0, 1, 1), size_px=size_px) for _, image in shots])
    found: dict[str, list[float]] = defaultdict(list)
    rng = np.random.default_rng(0)
    for seed in range(2 * SCENES):
        chosen = drawn_items(designs, seed)
        scene = Image.fromarray(interior(chosen, seed=1000 + seed).picture)
        whole = part_of(scene, (0, 0, 1, 1), size_px=size_px)
        boxes = [part.box for part in propose(embedder, whole)]
        salient = [part.box for part in propose(embedder, whole, by="saliency")]
        chance = [random_box(rng) for _ in boxes]
        seen = [whole, *(part_of(scene, box, size_px=size_px) for box in [*boxes, *chance, *salient])]
        scores = embedder.encode(seen) @ views.T
        wanted, last = {each.id for each in chosen}, 1 + 2 * len(boxes)
        for way, taken in {
            "whole photo": scores[:1],
            "whole and 3 parts": scores[:4],
            "whole and 5 parts": scores[: 1 + len(boxes)],
            "whole and 5 parts by the feature map": np.concatenate([scores[:1], scores[last:]]),
            "whole and 5 random boxes": np.concatenate([scores[:1], scores[1 + len(boxes) : last]]),
        }.items():
            ranked = list(dict.fromkeys(names[np.argsort(-taken.max(axis=0))]))
            found[way].append(len(wanted.intersection(ranked[:IN_A_SCENE])) / IN_A_SCENE)
    scenes, whole_photo = np.arange(2 * SCENES), np.array(found["whole photo"])
    return {
        way: {
            f"recall@{IN_A_SCENE}": told(np.array(shares), scenes),
            "against the whole": versus(np.array(shares), whole_photo, scenes),
        }
        for way, shares in found.items()
    }


def drawn_items(designs: Sequence[Design], seed: int) -> list[Design]:
    """Items of one setting for a room."""
    fitting = [each for each in designs if each.kind.setting == ("table", "floor")[seed % 2]]
    rng = np.random.default_rng((seed, 1))
    return [fitting[n] for n in rng.choice(len(fitting), IN_A_SCENE, replace=False)]


def random_box(rng: np.random.Generator) -> Crop:
    side = float(rng.choice([0.7, 0.5, 0.36, 0.25, 0.18]))
    left, top = (float(share) for share in rng.uniform(0, 1 - side, 2))
    return left, top, left + side, top + side


def told(values: NDArray[np.float64], items: NDArray[np.int64]) -> list[float]:
    """Mean, low and high."""
    found = bootstrap(mean_of(values), items)
    return [round(each, 4) for each in (found.value, found.low, found.high)]


def versus(values: NDArray[np.float64], others: NDArray[np.float64], items: NDArray[np.int64]) -> list[float]:
    """Mean difference, low and high, paired."""
    found = paired_bootstrap(mean_of(values), mean_of(others), items)
    return [round(each, 4) for each in (found.value, found.low, found.high)]


def table_of(table: Table) -> str:
    """The figures as a Markdown table, a way a row."""
    columns = list(next(iter(table.values())))
    lines = ["| | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for way, row in table.items():
        cells = [f"{row[c][0]:.3f} [{row[c][1]:.2f}, {row[c][2]:.2f}]" for c in columns]
        lines.append(f"| {way} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


PARTS: dict[str, Callable[[Embedder, Path], Iterator[tuple[str, Table]]]] = {
    "faithful": faithful,
    "find": find,
    "parts": parts,
    "spatial": spatial,
}

if __name__ == "__main__":
    main()
