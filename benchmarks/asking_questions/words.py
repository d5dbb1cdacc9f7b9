"""Words to items that carry no words, and words beside a photo."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import numpy as np
from benchmarks.asking_questions.colours import pairs_of
from benchmarks.asking_questions.dislikes import PHOTO, labels
from benchmarks.asking_questions.measured import Answers

from lookalike.catalogue.variants import words_of
from lookalike.retrieval.asking.texts import plain_words
from lookalike.retrieval.asking.words import Words
from lookalike.retrieval.engine import SearchEngine
from lookalike.retrieval.query import Query
from lookalike.retrieval.snapshot import Snapshot

FIELDS = ("title", "category", "department", "material", "pattern", "colour")
RANK = 60.0


def texts_of(engine: SearchEngine, name: str) -> list[str]:
    """What is written of each item; of shop_samples and turntable the words of the id stand for a title."""
    texts = []
    for identity, attributes in zip(engine.snapshot.ids, engine.snapshot.attributes, strict=True):
        told = [str(attributes[field]) for field in FIELDS if field in attributes]
        if name in ("shop_samples", "turntable"):
            own = words_of(identity)[1 if name == "shop_samples" else 0 :]
            told.insert(0, " ".join(word for word in own if word.isalpha()))
        texts.append(" ".join(told))
    return texts


def written(snapshot: Snapshot, texts: list[str]) -> Snapshot:
    """The catalogue with these texts and no others, not even in the ids."""
    facts = json.dumps([{"title": text} if text else {} for text in texts]).encode()
    ids = json.dumps([f"{place:06d}" for place in range(len(texts))]).encode()
    return replace(
        snapshot, attributes_json=np.frombuffer(facts, np.uint8), item_ids=np.frombuffer(ids, np.uint8)
    )


def to_items(engine: SearchEngine, name: str, *, hidden_share: float) -> tuple[Answers, list[str]]:
    """Each text as a query while the texts of some items are hidden: average precision over its items.

    Returns:
        The answers, over all items with the text and over the hidden ones alone; and the texts that the
        hidden items were found worst by.
    """
    answers, texts = Answers(), texts_of(engine, name)
    hidden = np.random.default_rng(0).random(len(texts)) < hidden_share
    shown = written(engine.snapshot, ["" if gone else text for gone, text in zip(hidden, texts, strict=True)])
    words = Words(shown, engine.embedder.card)
    keys = np.array([" ".join(sorted(set(plain_words(text)))) for text in texts])
    worst: list[tuple[float, str]] = []
    for number, key in enumerate(sorted(set(keys) - {""})):
        text = texts[int(np.flatnonzero(keys == key)[0])]
        understood = words.lexical.understood(plain_words(text))
        if not understood:
            continue
        read = words.read(text)
        lexical = words.lexical.scores(understood)
        contenders = {"lexical": lexical, "ours": read.scores.astype(np.float64)}
        if read.vector is not None:
            seen = words.best_cosines(read.vector)
            contenders["tower"] = seen
            contenders["ranks fused"] = 1 / (RANK + _ranks(lexical)) + 1 / (RANK + _ranks(seen))
        for contender, scores in contenders.items():
            order = np.argsort(-scores, kind="stable")
            answers.add(f"{contender}: all", _average_precision(order, keys == key), number)
            if (hidden & (keys == key)).any():
                value = _average_precision(order, hidden & (keys == key))
                answers.add(f"{contender}: hidden", value, number)
                if contender == "ours":
                    worst.append((value, text))
    return answers, [f"{text} ({value:.2f})" for value, text in sorted(worst)[:5]]


def times(engine: SearchEngine, name: str) -> dict[str, float | int]:
    """Seconds to teach the tower, and the median milliseconds of a whole search by words."""
    texts = texts_of(engine, name)
    shown = written(engine.snapshot, texts)
    begun = time.perf_counter()
    Words(shown, engine.embedder.card)
    taught_s = time.perf_counter() - begun
    asked = []
    for text in [text for text in texts if text][:50]:
        begun = time.perf_counter()
        engine.search(Query(words=text), 10)
        asked.append(time.perf_counter() - begun)
    return {
        "items": len(texts),
        "taught_s": round(taught_s, 2),
        "search_ms": round(1000 * float(np.median(asked)), 1),
    }


def beside_a_photo(engine: SearchEngine, family: str, attribute: str) -> Answers:
    """A photo of one item and one word of a sibling: does the sibling come first?"""
    answers, snapshot, values = Answers(), engine.snapshot, labels(engine, attribute)
    for one, other in pairs_of(engine, family, attribute):
        asked, wanted, word = snapshot.vectors(one)[:1], snapshot.ids[other], str(values[other])
        for name, query, vectors in (
            ("photo alone", Query(photos=PHOTO, exclude=frozenset({snapshot.ids[one]})), asked),
            ("word alone", Query(words=word), asked[:0]),
            ("both", Query(photos=PHOTO, words=word), asked),
        ):
            answers.add(name, engine.search_embedded(query, vectors, 1)[0].item == wanted, other)
    return answers


def _ranks(scores: np.ndarray) -> np.ndarray:
    return np.argsort(np.argsort(-scores, kind="stable"), kind="stable")


def _average_precision(order: np.ndarray, right: np.ndarray) -> float:
    places = np.flatnonzero(right[order])
    return float(np.mean((np.arange(len(places)) + 1) / (places + 1)))
