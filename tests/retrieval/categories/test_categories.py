from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.conftest import drawn_photo, encoded
from tests.retrieval.conftest import TinyEmbedder

from lookalike.embedding.card import Block, Card
from lookalike.errors import QueryError
from lookalike.retrieval.balance import balanced
from lookalike.retrieval.categories import categoriser, predicting
from lookalike.retrieval.categories.categoriser import Categoriser, folds_of, fused, fused_weights
from lookalike.retrieval.categories.drawing import draw_bars
from lookalike.retrieval.categories.guessing import Head, log_shares, neighbours_say
from lookalike.retrieval.categories.labels import Labels, labels_of, predictable
from lookalike.retrieval.categories.predicting import Categorisers, Guess, Prediction, scales_of, usual_column
from lookalike.retrieval.engine import SearchEngine
from lookalike.retrieval.indexing import index_catalogue
from lookalike.retrieval.records import StoredItem, StoredView
from lookalike.retrieval.snapshot import Identity, Row, Snapshot, assemble

WIDTH = 12
PLAIN = Card(name="tiny", width=WIDTH, size_px=8, model_digest="tiny")
SHAPE_AND_COLOUR = Card(
    name="two",
    width=66,
    size_px=8,
    model_digest="two",
    blocks=(Block("shape", 0, 6, 0.6), Block("colour", 6, 66, 0.8)),
)


def shop(*, items: int = 40, kinds: int = 4, spread: float = 0.5, views: int = 2) -> Snapshot:
    """Items of some kinds, each kind around a direction; every item has a name of its own too."""
    rng = np.random.default_rng(5)
    centres = rng.normal(size=(kinds, WIDTH))
    rows, vectors = [], []
    for item in range(items):
        own = centres[item % kinds] + spread * rng.normal(size=WIDTH)
        for _ in range(views):
            vector = own + 0.1 * rng.normal(size=WIDTH)
            vectors.append(vector / np.linalg.norm(vector))
        facts = {
            "category": f"kind {item % kinds}",
            "title": f"Thing {item}",
            "sold": item % 2 == 0,
            "price": 1.5,
        }
        stored = tuple(StoredView(f"{item}-{view}", Path("x")) for view in range(views))
        rows.append(Row.of(StoredItem(f"{item:03d}", stored, facts)))
    identity = Identity(Path("x"), "store", 1, "tiny")
    return assemble(identity, rows, np.array(vectors, np.float32))


def test_the_kind_of_items_left_out_is_found_and_the_percentages_hold():
    labels = labels_of(shop(items=120, spread=0.9), "category")
    sure, right = [], []
    for asked in folds_of(labels.groups):
        known = type(labels)(
            labels.column, labels.names, labels.vectors[~asked], labels.codes[~asked], labels.groups[~asked]
        )
        said = Categoriser.learned(known).probabilities(labels.vectors[asked])
        assert said.sum(axis=1) == pytest.approx(np.ones(len(said)))
        sure += said.max(axis=1).tolist()
        right += (said.argmax(axis=1) == labels.codes[asked]).tolist()
    assert np.mean(right) > 0.7
    assert abs(np.mean(sure) - np.mean(right)) < 0.1


def test_views_of_one_item_are_never_parted_by_a_fold():
    labels = labels_of(shop(), "category")
    seen = np.zeros(len(labels.codes), int)
    for asked in folds_of(labels.groups):
        assert not set(labels.groups[asked]) & set(labels.groups[~asked])
        seen += asked
    assert (seen == 1).all()


def test_the_head_is_the_bayes_rule_of_gaussian_classes_of_one_covariance():
    rng = np.random.default_rng(1)
    codes = rng.integers(0, 3, 400)
    means = np.array([[2.0, 0], [0, 2], [-2, -2]])
    known = (means[codes] + rng.normal(size=(400, 2))).astype(np.float32)
    head = Head.learned(known, codes, classes=3, ridges=[1e-9])[1e-9]
    asked = rng.normal(size=(50, 2)).astype(np.float32) * 2
    centres = np.stack([known[codes == c].mean(axis=0) for c in range(3)])
    inverse = np.linalg.inv(np.cov((known - centres[codes]).T, bias=True))
    away = asked[:, None] - centres[None]
    naive = -0.5 * np.einsum("pci,ij,pcj->pc", away, inverse, away) + np.log((np.bincount(codes) + 1) / 403)
    assert head.says(asked) == pytest.approx(log_shares(naive), abs=1e-3)


def test_few_wide_vectors_give_the_head_that_many_would_by_the_same_formula():
    rng = np.random.default_rng(2)
    known, codes = rng.normal(size=(12, 30)).astype(np.float32), np.arange(12) % 3
    head = Head.learned(known, codes, classes=3, ridges=[0.3])[0.3]
    means = np.stack([known[codes == c].mean(axis=0) for c in range(3)])
    spread = np.cov((known - means[codes]).T, bias=True)
    spread += 0.3 * np.trace(spread) / 30 * np.eye(30)
    assert head.weights == pytest.approx(np.linalg.solve(spread, means.T), rel=1e-3, abs=1e-4)


def test_the_nearest_neighbours_have_the_say():
    known = np.array([[1, 0], [0.99, 0.14], [0, 1]], np.float32)
    told = np.exp(neighbours_say(known, np.array([0, 0, 1]), np.array([[1, 0]], np.float32), classes=2))
    assert told[0, 0] > 0.95
    assert told.sum() == pytest.approx(1.0)


def test_fusing_trusts_the_one_that_is_right():
    codes = np.array([0, 1] * 50)
    right = log_shares(np.where(np.eye(2)[codes] > 0, 2.0, 0.0))
    wrong = log_shares(np.random.default_rng(0).normal(size=(100, 2)))
    first, second = fused_weights((right, wrong), codes)
    assert first > 1.0 > second >= 0.0
    assert (fused((right, wrong), (first, second)).argmax(axis=1) == codes).all()


def test_columns_of_few_values_can_be_predicted_the_category_first():
    assert predictable(shop()) == ("category", "sold")


def test_a_column_that_is_not_there_or_says_nothing_is_refused_with_those_that_would_do():
    with pytest.raises(QueryError, match="No item has a column 'colour'") as refused:
        labels_of(shop(), "colour")
    assert "category, sold" in refused.value.hint
    with pytest.raises(QueryError, match="has 0 values that two items or more have"):
        labels_of(shop(), "title")
    with pytest.raises(QueryError, match="has 0 values"):
        labels_of(shop(items=1), "category")


def test_a_categoriser_is_learned_once_a_version(monkeypatch):
    learned = []
    real = Categoriser.learned
    monkeypatch.setattr(
        Categoriser,
        "learned",
        lambda labels, scales: learned.append(labels.column) or real(labels, scales=scales),
    )
    searched = []
    monkeypatch.setattr(predicting, "usual_column", lambda shot: searched.append(shot) or usual_column(shot))
    several, shot = Categorisers(PLAIN), shop()
    for _ in range(3):
        assert several.predict(shot, shot.vectors(0), None).best.value == "kind 0"
    assert learned == ["category"]
    assert searched == [shot]


@pytest.fixture(scope="module")
def kinds_in_colours() -> Labels:
    """A kind that the shape block tells faintly, in one of ten colours that the other block shouts."""
    rng = np.random.default_rng(3)
    centres, hues = rng.normal(size=(12, 6)), rng.normal(size=(10, 60))
    kind, hue = np.arange(60) % 12, rng.integers(0, 10, 60)
    blocks = [centres[kind] + 0.5 * rng.normal(size=(60, 6)), hues[hue] + 0.3 * rng.normal(size=(60, 60))]
    unit = [block / np.linalg.norm(block, axis=1, keepdims=True) for block in blocks]
    vectors = np.concatenate([0.6 * unit[0], 0.8 * unit[1]], axis=1).astype(np.float32)
    return Labels("kind", tuple("abcdefghijkl"), vectors, kind, np.arange(60))


def test_a_kind_is_learned_with_little_colour_and_better_told(kinds_in_colours):
    scales = scales_of(SHAPE_AND_COLOUR)
    right = {0: [], len(scales): []}
    for asked in folds_of(kinds_in_colours.groups, seed=1):
        known = replace(
            kinds_in_colours,
            vectors=kinds_in_colours.vectors[~asked],
            codes=kinds_in_colours.codes[~asked],
            groups=kinds_in_colours.groups[~asked],
        )
        for count, hits in right.items():
            learned = Categoriser.learned(known, scales=scales[:count])
            told = learned.probabilities(kinds_in_colours.vectors[asked]).argmax(axis=1)
            hits += (told == kinds_in_colours.codes[asked]).tolist()
    assert np.mean(right[len(scales)]) > np.mean(right[0]) + 0.03


@pytest.mark.parametrize("seed", range(4))
def test_one_item_with_nearly_all_views_does_not_hide_the_others_from_the_choice(monkeypatch, seed):
    monkeypatch.setattr(categoriser, "TRIED_VIEWS", 5)
    rng = np.random.default_rng(seed)
    groups = np.concatenate([np.zeros(100, np.int64), np.arange(1, 4)])
    vectors = rng.normal(size=(len(groups), 66)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    labels = Labels("kind", ("a", "b"), vectors, groups % 2, groups)
    learned = Categoriser.learned(labels, scales=scales_of(SHAPE_AND_COLOUR), seed=seed)
    assert learned.probabilities(vectors[:3]).sum(axis=1) == pytest.approx(np.ones(3))


def test_what_colour_tells_keeps_its_colour(kinds_in_colours):
    vectors = kinds_in_colours.vectors
    hue = (vectors[:, 6:] @ vectors[:10, 6:].T).argmax(axis=1)
    names, codes = np.unique(hue, return_inverse=True)
    by_hue = replace(kinds_in_colours, names=tuple(map(str, names)), codes=codes)
    learned = Categoriser.learned(by_hue, scales=[balanced(SHAPE_AND_COLOUR, 0.0)])
    assert (learned.scale == 1).all()


def test_a_model_that_is_one_piece_has_no_balance_to_choose():
    assert scales_of(PLAIN) == []


def test_an_engine_says_what_photos_show(store):
    embedder = TinyEmbedder()
    from lookalike.catalogue.items import Catalogue, Item, View

    pictures = [encoded(drawn_photo(seed)) for seed in range(12)]
    kinds = (
        "light" if drawn_photo(seed).convert("L").getpixel((48, 40)) > 128 else "dark" for seed in range(12)
    )
    items = tuple(
        Item(f"{n}", (View(picture),), {"shade": kind})
        for n, (picture, kind) in enumerate(zip(pictures, kinds, strict=True))
    )
    index_catalogue(Catalogue(items, source="drawn"), store, embedder)
    told = SearchEngine(embedder, store).categorise([pictures[0], pictures[0]], "shade")
    assert told.best.value == items[0].attributes["shade"]
    assert sum(guess.probability for guess in told.guesses) == pytest.approx(1.0)


def test_bars_are_drawn_beside_the_photo_and_told_as_text(tmp_path):
    told = Prediction("kind", (Guess("a very long name of a kind of thing", 0.75), Guess("hat", 0.25)))
    assert told.to_text().splitlines()[1].split()[:2] == ["hat", "25.0%"]
    out = draw_bars(told, tmp_path / "bars.png", photo=encoded(drawn_photo(1)))
    with Image.open(out) as picture:
        assert picture.width > 600
        assert (29, 74, 69) in {colour for _, colour in picture.getcolors(1 << 20)}
    with pytest.raises(QueryError, match=r"is no .png"):
        draw_bars(told, tmp_path / "bars.gif", photo=encoded(drawn_photo(1)))
