from __future__ import annotations

import pytest
from tests.conftest import drawn_photo, encoded
from tests.retrieval.conftest import TinyEmbedder

from lookalike.catalogue.items import Catalogue, Item, View
from lookalike.interfaces.cli.confidence import sentence, why_unsure
from lookalike.retrieval.confidence.advice import Advice
from lookalike.retrieval.confidence.calibration import Confidence
from lookalike.retrieval.confidence.judging import manner_of, tells
from lookalike.retrieval.engine import SearchEngine
from lookalike.retrieval.indexing import index_catalogue
from lookalike.retrieval.query import Query, QueryPhoto
from lookalike.retrieval.ranking import Ranking
from lookalike.retrieval.store import Store

ASKED = QueryPhoto(encoded(drawn_photo(3, size=(100, 82))))


def engine_of(folder, *, items: int) -> SearchEngine:
    """A store of drawn items, two views each."""
    embedder = TinyEmbedder()
    catalogue = Catalogue(
        tuple(
            Item(
                f"{item:02d}",
                tuple(View(encoded(drawn_photo(item, size=(96 + 6 * view, 80)))) for view in range(2)),
                {"category": "cup" if item % 2 else "hat"},
            )
            for item in range(items)
        ),
        source="drawn",
    )
    store = Store.create(folder, card=embedder.card)
    index_catalogue(catalogue, store, embedder)
    return SearchEngine(embedder, store)


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    return engine_of(tmp_path_factory.mktemp("judged") / "store", items=30)


def test_an_answer_says_how_sure_it_is_however_few_items_are_asked_for(engine):
    few, many = engine.search(ASKED, k=1), engine.search(ASKED, k=20)
    assert few.confidence == many.confidence
    assert few.verdict == "same"
    assert few.absent is False
    assert few[0].verdict == "same"
    assert few.to_dict()["confidence"]["verdict"] == "same"


def test_a_thing_that_is_not_there_is_said_not_to_be(engine):
    stranger = engine.search(encoded(drawn_photo(4711, size=(96, 40)).rotate(90)), k=3)
    assert stranger.absent is True
    assert "same" not in {match.verdict for match in stranger}


@pytest.mark.parametrize(
    "options",
    [
        {"where": {"category": "cup"}},
        {"exclude": frozenset({"05"})},
        {"rerank": ("expand",)},
        {"unlike_items": ("05",)},
        {"views": "mean"},
    ],
)
def test_nothing_is_said_where_the_right_item_may_be_hidden_or_scores_mean_something_else(engine, options):
    assert engine.search(Query(photos=(ASKED,), **options), k=3).confidence is None


def test_under_a_filter_single_matches_keep_their_words(engine):
    found = engine.search(Query(photos=(ASKED,), where={"category": "cup"}), k=3)
    assert {match.verdict for match in found} <= {"same", "similar", "far"}
    assert None not in {match.verdict for match in engine.similar("05", 3)}
    assert {match.verdict for match in engine.search(Query(photos=(ASKED,), rerank=("expand",)))} == {None}


def test_diversity_leaves_the_judgement_as_it_was(engine):
    plain = engine.search(ASKED)
    assert engine.search(Query(photos=(ASKED,), rerank=("diverse",))).confidence == plain.confidence


def test_items_by_themselves_are_asked_in_a_manner_but_tell_nothing(engine):
    assert manner_of(Query(items=("05",))) is not None
    assert not tells(Query(items=("05",)))


def test_parts_of_a_photo_are_no_several_photos_of_one_thing_and_are_not_judged(engine):
    assert engine.search(Query(photos=(ASKED,))).confidence is not None
    assert engine.search(Query(photos=(ASKED,), parts=2)).confidence is None


@pytest.mark.parametrize("items", [1, 5])
def test_a_small_store_only_orders_and_says_what_is_lacking(tmp_path, items):
    small = engine_of(tmp_path / "store", items=items)
    found = small.search(ASKED, k=50)
    assert len(found) == items
    assert found.confidence is found.advice is found.verdict is found.absent is None
    told = why_unsure(found, Query(photos=(ASKED,)), small.snapshot)
    assert told.startswith(f"note: {items} items have 2 photos or more")
    assert "Add photos" in told


def test_a_sentence_says_it(engine):
    assert sentence(engine.search(ASKED)).startswith("The same item: ")
    assert (
        sentence(Ranking((), confidence=Confidence(0.1, 0.2, 0.7))) == "Probably not in the catalogue: 70%."
    )
    unsure = Ranking((), confidence=Confidence(0.4, 0.3, 0.3), advice=Advice("back", 0.9, 0.4))
    assert sentence(unsure).startswith("Not sure: the first 40%, another 30%, not in the catalogue 30%.")
    assert sentence(unsure).endswith("A photo of the back would help: it tells the closest items apart.")
    assert sentence(Ranking(())) == ""


def test_a_further_photo_is_asked_for_in_plain_words():
    assert str(Advice("angle", 0.9, 0.5)).startswith("A photo from an angle would help")
    assert str(Advice("left", 0.9, 0.5)).startswith("A photo of the left would help")
