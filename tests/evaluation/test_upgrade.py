"""Old and new version asked the same: against a count made by hand, and on versions of known difference."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from tests.retrieval.conftest import TinyEmbedder, draw

from lookalike.catalogue.items import Catalogue, Item, View
from lookalike.errors import EvaluationError
from lookalike.evaluation.upgrade import compare_versions
from lookalike.exploration.upgrade_page import write_upgrade_page
from lookalike.retrieval.indexing import index_catalogue
from lookalike.retrieval.loading import load_snapshot
from lookalike.retrieval.store import Store

ITEMS, VIEWS = 24, 3


class Forgetful(TinyEmbedder):
    """A model that sees only the mean brightness and one corner: worse than the tiny one."""

    def __init__(self) -> None:
        super().__init__("forgetful", blocks=False)

    def _embed(self, photos):
        kept = super()._embed(photos)
        kept[:, 3:-2] = 0
        return kept / np.linalg.norm(kept, axis=1, keepdims=True)


def noisy(path, item, view):
    """A photo of blocks in an item's colours, each off by some."""
    blocks = np.random.default_rng(item).integers(40, 215, (4, 4, 3))
    blocks += np.random.default_rng((item, view)).integers(-25, 25, blocks.shape)
    Image.fromarray(blocks.astype(np.uint8)).resize((24, 24), Image.Resampling.NEAREST).save(path)
    return path


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory):
    """Items whose views share a pattern under noise; the last one has one view only."""
    home = tmp_path_factory.mktemp("photos")
    items = []
    for item in range(ITEMS):
        count = VIEWS if item < ITEMS - 1 else 1
        views = [noisy(home / f"{item}-{view}.png", item, view) for view in range(count)]
        items.append(Item(f"item-{item:02}", tuple(map(View, views))))
    return Catalogue(tuple(items), source="drawn")


@pytest.fixture(scope="module")
def versions(catalogue, tmp_path_factory):
    stores = []
    for embedder in (TinyEmbedder(), Forgetful()):
        store = Store.create(tmp_path_factory.mktemp("store"), card=embedder.card)
        index_catalogue(catalogue, store, embedder)
        stores.append(store)
    return stores


def ranks_by_hand(store, k):
    """The rank of each view's item by its other views, all scores compared in a loop; 0 beyond k."""
    snapshot = load_snapshot(store)
    ranks = {}
    for place, item in enumerate(snapshot.ids):
        own = snapshot.vectors(place).astype(np.float64)
        for view in range(len(own)):
            if len(own) == 1:
                continue
            best = max(own[other] @ own[view] for other in range(len(own)) if other != view)
            above = sum(
                float((snapshot.vectors(other).astype(np.float64) @ own[view]).max()) > best
                for other in range(len(snapshot))
                if other != place
            )
            ranks[item, view] = above + 1 if above < k else 0
    return ranks


def test_ranks_and_figures_are_those_counted_by_hand(versions):
    found = compare_versions(*versions, k=5)
    by_hand = [ranks_by_hand(store, 5) for store in versions]
    assert (found.queries, found.recall_queries) == (70, 69)
    for change in found.changes:
        view = next(
            place
            for place, stored in enumerate(load_snapshot(versions[0]).item(_place(versions, change)).views)
            if stored.id == change.view.id
        )
        if change.has_others:
            assert (change.old.rank, change.new.rank) == tuple(ranks[change.item, view] for ranks in by_hand)
    gain, at_5, mrr = found.gains
    for side, hand in zip((at_5.old, at_5.new), by_hand, strict=True):
        assert side.value == pytest.approx(np.mean([0 < rank <= 5 for rank in hand.values()]))
    for side, hand in zip((mrr.old, mrr.new), by_hand, strict=True):
        assert side.value == pytest.approx(
            np.mean([1 / rank if 0 < rank <= 5 else 0 for rank in hand.values()])
        )
    assert gain.old.value == pytest.approx(np.mean([rank == 1 for rank in by_hand[0].values()]))
    assert gain.new.value == pytest.approx(np.mean([rank == 1 for rank in by_hand[1].values()]))
    assert gain.difference.value == pytest.approx(gain.new.value - gain.old.value)


def _place(versions, change):
    return load_snapshot(versions[0]).places[change.item]


def test_a_worse_model_is_said_to_be_worse_and_what_it_lost_stands_first(versions):
    found = compare_versions(*versions, k=5)
    assert found.gains[0].difference.high < 0
    assert found.overlap.value < 0.9
    losses = [change.loss for change in found.worse()]
    assert losses == sorted(losses, reverse=True)
    assert losses[0] > 0.5
    assert "new less old -" in found.to_text()


def test_a_version_compared_with_itself_changes_nothing(versions):
    found = compare_versions(versions[0], versions[0])
    assert (found.overlap.value, found.same_first.value) == (1, 1)
    assert all((gain.difference.low, gain.difference.high) == (0, 0) for gain in found.gains)
    assert not found.worse()
    assert not found.better()


def test_a_sample_asks_no_more_than_it_was_told(versions):
    found = compare_versions(*versions, queries=20, seed=3)
    assert found.queries == 20
    again = compare_versions(*versions, queries=20, seed=3)
    assert again.to_dict() == found.to_dict()


def test_the_page_has_a_strip_of_each_version_and_only_its_own_pictures(versions, tmp_path):
    found = compare_versions(*versions, k=5)
    page = write_upgrade_page(found, tmp_path / "deep" / "page.html").read_text()
    assert page.count("<article>") >= 2
    assert page.count("<article>") * 2 == page.count("class='strip'")
    assert "src='data:image/jpeg" in page
    assert "http" not in page.replace("http-equiv", "")
    assert "new less old" in page


def test_names_of_items_cannot_write_into_the_page(tmp_path):
    stores = []
    views = tuple(View(draw(tmp_path / f"{view}.png", view)) for view in range(2))
    for embedder in (TinyEmbedder(), Forgetful()):
        store = Store.create(tmp_path / embedder.card.name, card=embedder.card)
        index_catalogue(Catalogue((Item("<script>", views),), source="x"), store, embedder)
        stores.append(store)
    page = write_upgrade_page(compare_versions(*stores), tmp_path / "page.html").read_text()
    assert "<script>" not in page


def test_versions_without_a_view_in_common_are_refused(versions, tmp_path):
    empty = Store.create(tmp_path / "empty", card=Forgetful().card)
    with pytest.raises(EvaluationError, match="share no view"):
        compare_versions(versions[0], empty)
    with pytest.raises(EvaluationError, match="k is 0"):
        compare_versions(*versions, k=0)
