"""This shape in that colour: palettes, words and the dial, on families that differ in colour."""

from __future__ import annotations

import numpy as np
from benchmarks.asking_questions.dislikes import MOST, PHOTO, labels
from benchmarks.asking_questions.measured import Answers

from lookalike.retrieval.asking.colours import colour_named
from lookalike.retrieval.asking.palette import Palette, swatch
from lookalike.retrieval.engine import SearchEngine
from lookalike.retrieval.query import Query


def pairs_of(engine: SearchEngine, family: str, attribute: str = "colour") -> list[tuple[int, int]]:
    """An item and a sibling that alone in its family has its value of the attribute."""
    families, values = labels(engine, family), labels(engine, attribute)
    found = [
        (one, other)
        for one in range(len(values))
        for other in np.flatnonzero(families == families[one])
        if values[one] != values[other] and (values[families == families[one]] == values[other]).sum() == 1
    ]
    if attribute == "colour":
        found = [pair for pair in found if colour_named(values[pair[1]]) is not None]
    order = np.random.default_rng(0).permutation(len(found))[:MOST]
    return [found[place] for place in order]


def this_shape_in(engine: SearchEngine, family: str, *, shares: tuple[float, ...] = ()) -> Answers:
    """A photo of one item and the name of a sibling's colour: does the sibling come first?"""
    answers, snapshot, values = Answers(), engine.snapshot, labels(engine, "colour")
    for one, other in pairs_of(engine, family):
        asked, wanted, name = snapshot.vectors(one)[:1], snapshot.ids[other], str(values[other])
        palette = Palette.parse(name)
        queries = {
            "photo alone": Query(photos=PHOTO),
            "form alone": Query(photos=PHOTO, colour=0.0),
            "palette": Query(photos=PHOTO, palette=palette),
            "words": Query(photos=PHOTO, words=name),
            "form, filtered by the attribute": Query(photos=PHOTO, colour=0.0, where={"colour": name}),
        }
        for share in shares:
            queries[f"palette, share {share}"] = Query(photos=PHOTO, palette=palette, colour=share)
        for contender, query in queries.items():
            answers.add(contender, engine.search_embedded(query, asked, 1)[0].item == wanted, other)
        swapped = _swapped(engine, asked, palette)
        found = engine.search_embedded(Query(photos=PHOTO, colour=0.3), swapped, 1)
        answers.add("colour block swapped", found[0].item == wanted, other)
    return answers


def _swapped(engine: SearchEngine, asked: np.ndarray, palette: Palette) -> np.ndarray:
    """The photo's vector with the colour block of a palette's swatch in place of its own."""
    colour = next(block for block in engine.embedder.card.blocks if block.name == "colour")
    painted = engine.embedder.encode([swatch(palette, engine.embedder.card.size_px)])[0]
    swapped = asked.copy()
    swapped[:, colour.start : colour.stop] = painted[colour.start : colour.stop]
    return swapped


def dial(engine: SearchEngine, family: str) -> Answers:
    """The first other item at each place of the dial: of the same family? of the same colour?"""
    answers, snapshot = Answers(), engine.snapshot
    families, values = labels(engine, family), labels(engine, "colour")
    for item in range(len(snapshot)):
        if (families == families[item]).sum() < 2 or (values == values[item]).sum() < 2:
            continue
        for place in (None, 0.0, 0.5, 1.0):
            query = Query(photos=PHOTO, exclude=frozenset({snapshot.ids[item]}), colour=place)
            found = engine.search_embedded(query, snapshot.vectors(item)[:1], 1)[0].item
            other = snapshot.place(found)
            where = "as the model has it" if place is None else f"{place:g}"
            answers.add(f"{where}: same family", families[other] == families[item], item)
            answers.add(f"{where}: same colour", values[other] == values[item], item)
    return answers
