"""Words find items by what is written of them and, where nothing is, by what their photos show."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.retrieval.asking.conftest import COLOURS, FORMS, thing
from tests.retrieval.conftest import TinyEmbedder, draw

from lookalike.catalogue.items import Catalogue, Item, View
from lookalike.embedding.descriptor import Descriptor
from lookalike.embedding.text import TextEncoder
from lookalike.errors import EmbedderError, QueryError
from lookalike.retrieval import loading
from lookalike.retrieval.asking import asking, words
from lookalike.retrieval.asking.keeping import read_tower
from lookalike.retrieval.asking.lexical import Lexical
from lookalike.retrieval.asking.palette import Palette
from lookalike.retrieval.asking.texts import item_words, plain_words
from lookalike.retrieval.asking.tower import FEWEST_ITEMS, MOST_ITEMS, taught_by, train_tower
from lookalike.retrieval.engine import SearchEngine
from lookalike.retrieval.indexing import index_catalogue
from lookalike.retrieval.query import Query
from lookalike.retrieval.splicing import Splice
from lookalike.retrieval.store import Store


def counted(*texts: str) -> list[dict[str, float]]:
    return [dict.fromkeys(plain_words(text), 1.0) for text in texts]


def test_the_items_whose_text_has_the_words_come_first(shop):
    ranking = shop.search(Query(words="navy rings"), 12)
    assert ranking[0].item == "navy-ring"
    assert {match.item for match in ranking[:6]} >= {
        f"{colour}-ring" for colour in COLOURS if colour == "navy"
    }
    assert 1 >= ranking[0].score > ranking[1].score
    assert ranking[0].terms == {"words": pytest.approx(ranking[0].score)}


@pytest.mark.parametrize("text", ["yelow disk", "YELLOW DISCS", "disc, yellow!"])
def test_misspelt_plural_and_shouted_words_are_understood(shop, text):
    assert shop.search(Query(words=text), 1)[0].attributes["colour"] == "yellow"


def test_words_with_a_photo_change_what_they_name_and_keep_the_rest(shop, photo_of):
    for colour in ("green", "yellow"):
        assert shop.search(Query(photos=(photo_of("red-bar"),), words=colour), 1)[0].item == f"{colour}-bar"


def test_a_colour_that_no_text_names_is_asked_as_a_palette(shop, photo_of):
    asked = Query(photos=(photo_of("red-bar"),), words="blue")
    assert "colour" in shop.search(asked, 1)[0].terms
    assert shop.search(asked, 1)[0].item == "navy-bar"
    alone = shop.search(Query(words="blue disc"), 12)
    assert "words" in alone[0].terms
    assert alone[0].item == "navy-disc"


def test_words_go_with_a_palette_filters_and_dislikes(shop):
    query = Query(
        words="bar", palette=Palette.parse("green"), unlike_items=("red-bar",), where={"price": 3.5}
    )
    ranking = shop.search(query, 12)
    assert ranking[0].item == "green-bar"
    assert "red-bar" not in ranking.items
    for match in ranking:
        assert sum(match.terms.values()) == pytest.approx(match.score, abs=1e-5)


@pytest.fixture(scope="module")
def half_written(tmp_path_factory):
    """Each form in each colour four times; every second item has no text at all."""
    folder = tmp_path_factory.mktemp("half")
    items = []
    for form in FORMS:
        for colour in COLOURS:
            for copy in range(4):
                path = folder / f"{len(items)}.png"
                thing(form, colour, view=copy).save(path)
                facts = {"title": f"{colour} {form}"} if copy % 2 else {}
                items.append(Item(f"{len(items):03d}", (View(path),), facts))
    embedder = Descriptor()
    store = Store.create(folder / "store", card=embedder.card)
    index_catalogue(Catalogue(tuple(items), source="half"), store, embedder)
    return SearchEngine(embedder, store)


def test_items_without_any_text_are_found_by_their_photos(half_written):
    for number, form in enumerate(FORMS):
        first = 16 * number
        found = half_written.search(Query(words=f"red {form}"), 4).items
        assert set(found) == {f"{first + copy:03d}" for copy in range(4)}


def test_the_tower_is_kept_with_the_store_and_read_again(half_written):
    half_written.search(Query(words="red disc"), 1)
    kept = read_tower(half_written.store.home, half_written.snapshot)
    assert kept is not None
    again = SearchEngine(half_written.embedder, Store.open(half_written.store.folder))
    asked = Query(words="red disc")
    assert again.search(asked, 4).items == half_written.search(asked, 4).items
    (path,) = half_written.store.home.glob("derived/*/words.npz")
    path.write_bytes(path.read_bytes()[:-100])
    assert read_tower(half_written.store.home, half_written.snapshot) is None
    assert SearchEngine(again.embedder, again.store).search(asked, 4).items == again.search(asked, 4).items
    assert read_tower(half_written.store.home, half_written.snapshot) is not None


def test_a_reader_that_may_not_write_keeps_nothing(shop, tmp_path):
    reader = SearchEngine(shop.embedder, Store.open(shop.store.folder, read_only=True))
    assert reader.search(Query(words="red disc"), 1)[0].item == "red-disc"


def test_new_items_are_found_by_their_words_at_once(tmp_path):
    embedder = TinyEmbedder()
    store = Store.create(tmp_path / "store", card=embedder.card)
    engine = SearchEngine(embedder, store)
    for number, title in enumerate(("blue cup", "straw hat")):
        path = draw(tmp_path / f"{number}.png", number)
        engine.add(Item(f"i{number}", (View(path),), {"title": title}))
    assert engine.search(Query(words="hat"), 1)[0].item == "i1"
    engine.add(Item("i2", (View(draw(tmp_path / "2.png", 2)),), {"title": "felt hat"}))
    assert engine.search(Query(words="felt"), 1)[0].item == "i2"


@pytest.mark.parametrize(("text", "words"), [("!!", "no words"), ("xyzzy", "described"), ("a", "described")])
def test_a_text_that_says_nothing_here_is_answered_in_words(shop, text, words):
    with pytest.raises(QueryError, match=words) as error:
        shop.search(Query(words=text))
    assert error.value.hint


def test_an_empty_text_is_no_question():
    with pytest.raises(QueryError, match="no photos") as error:
        Query(words="   ")
    assert "words" in error.value.hint


def test_blanks_beside_a_photo_ask_for_nothing(shop, photo_of):
    photo = photo_of("red-disc")
    plain, blank = (shop.search(Query(photos=(photo,), words=words), 5) for words in ("", "  "))
    assert plain.items == blank.items
    assert "words" not in blank[0].terms


def test_a_catalogue_without_texts_says_so(tmp_path):
    embedder = TinyEmbedder()
    store = Store.create(tmp_path / "store", card=embedder.card)
    items = [Item(f"{n}", (View(draw(tmp_path / f"{n}.png", n)),), {"price": n}) for n in range(3)]
    index_catalogue(Catalogue(tuple(items), source="bare"), store, embedder)
    with pytest.raises(QueryError, match="no texts") as error:
        SearchEngine(embedder, store).search(Query(words="cup"))
    assert "title" in error.value.hint


def test_texts_are_titles_and_attributes_not_numbers_or_addresses():
    words = item_words("a/SKU-1", {"title": "Blue Cup", "link": "https://shop/blue", "price": 3, "new": True})
    assert words == {"blue": 2.0, "cup": 2.0, "sku": 0.5}


def test_rare_words_count_more_than_common_ones():
    lexical = Lexical(counted("red cup", "red hat", "red shoe", "blue shoe"))
    scores = lexical.scores(lexical.understood(["red", "hat"]))
    assert scores.argmax() == 1
    assert scores[1] == pytest.approx(1)
    assert scores[0] < 0.5
    assert lexical.scores([]).tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("asked", "understood"),
    [
        ("tea pot", ["teapot"]),
        ("teepot", ["teapot"]),
        ("pots", ["teapot"]),
        ("bigteapot", ["teapot"]),
        ("zzz", []),
    ],
)
def test_words_are_understood_by_spelling(asked, understood):
    assert Lexical(counted("a round teapot", "hat")).understood(plain_words(asked)) == understood


def test_a_tower_finds_a_combination_that_it_was_never_shown():
    rng = np.random.default_rng(0)
    colours, kinds = rng.normal(size=(5, 16)), rng.normal(size=(6, 16))
    pairs = [(c, k) for c in range(5) for k in range(6)]
    targets = np.array([colours[c] + kinds[k] for c, k in pairs], np.float32)
    texts = [{f"colour{'abcde'[c]}": 1.0, f"kind{'uvwxyz'[k]}": 1.0} for c, k in pairs]
    for left_out in (0, 11, 29):
        taught = np.delete(np.arange(len(texts)), left_out)
        tower = train_tower([texts[place] for place in taught], targets[taught])
        pointed = tower.vector(texts[left_out])
        away = targets - tower.centre
        cosines = away @ pointed / np.linalg.norm(away, axis=1)
        assert cosines.argmax() == left_out


def test_too_few_items_with_texts_teach_no_tower_and_of_very_many_some():
    has_text = np.arange(2 * FEWEST_ITEMS) % 2 == 0
    assert taught_by(has_text).tolist() == list(range(0, 2 * FEWEST_ITEMS, 2))
    assert not len(taught_by(has_text[1:]))
    some = taught_by(np.ones(2 * MOST_ITEMS, np.bool_))
    assert len(set(some.tolist())) == MOST_ITEMS
    assert np.all(np.diff(some) > 0)


def test_the_catalogues_mean_does_not_depend_on_how_many_items_are_looked_at_at_once(shop, monkeypatch):
    card, asked = shop.embedder.card, "navy ring"
    whole = words.Words(shop.snapshot, card).read(asked)
    monkeypatch.setattr(words, "AT_ONCE", 5)
    assert np.allclose(words.Words(shop.snapshot, card).read(asked).scores, whole.scores, atol=1e-6)


class Spoken(TextEncoder):
    """A text tower that knows two words."""

    def _embed(self, texts):
        vectors = np.zeros((len(texts), 20), np.float32)
        for row, text in zip(vectors, texts, strict=True):
            if "red" in text:
                row[:3] = (1, -1, -1)
            if "nothing" not in text:
                row[3] = 0.1
        return vectors


class Joint(TinyEmbedder):
    """A joint image-text model."""

    @property
    def text(self) -> TextEncoder:
        return Spoken()


def test_a_joint_models_own_tower_answers_without_any_text_in_the_catalogue(tmp_path):
    embedder = Joint(blocks=False)
    store = Store.create(tmp_path / "store", card=embedder.card)
    items = []
    for colour in COLOURS:
        path = tmp_path / f"{colour}.png"
        thing("disc", colour).save(path)
        items.append(Item(f"{len(items)}", (View(path),)))
    index_catalogue(Catalogue(tuple(items), source="joint"), store, embedder)
    engine = SearchEngine(embedder, store)
    assert engine.search(Query(words="something red"), 4)[0].path.stem == "red"
    with pytest.raises(EmbedderError, match="zero"):
        engine.search(Query(words="nothing"))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), changes=st.integers(1, 4))
def test_words_after_changes_score_as_if_they_were_counted_anew(seed, changes):
    rng = np.random.default_rng(seed)
    known = ["red cup", "red hat", "blue shoe", "", "tall round lamp", "lamp"]
    vocabulary = [*["red", "blue", "green", "cup", "hat", "shoe", "lamp", "tall", "round"], ""]

    def text():
        return " ".join(rng.choice(vocabulary, int(rng.integers(0, 5))))

    texts = tuple(known)
    lexical = Lexical(counted(*texts))
    for _ in range(changes):
        gone = np.flatnonzero(rng.random(len(texts)) < 0.3)
        news = [text() for _ in range(int(rng.integers(0, 4)))]
        splice = Splice(gone, np.sort(rng.integers(0, len(texts) + 1, len(news))))
        lexical = lexical.after(splice, counted(*(texts[place] for place in gone)), counted(*news))
        texts = splice.several(texts, news)
    anew = Lexical(counted(*texts))
    assert len(lexical) == len(anew)
    assert lexical.examples(20) == anew.examples(20)
    np.testing.assert_array_equal(lexical.has_text, anew.has_text)
    for asked in (["red"], ["lamp", "tall"], ["cup", "cup", "hat"], ["rd"]):
        understood = lexical.understood(asked)
        assert understood == anew.understood(asked)
        np.testing.assert_array_equal(lexical.scores(understood), anew.scores(understood))


def test_words_of_a_large_store_go_on_through_changes(changing_shop, monkeypatch):
    monkeypatch.setattr(loading, "MOST_CHANGED", 1.0)
    changing_shop.search(Query(words="navy rings"))
    monkeypatch.setattr(asking, "Words", lambda *_, **__: pytest.fail("counted anew"))
    other = changing_shop.item("navy-ring").views[0].path
    changing_shop.add(Item("zeppelin", (View(other),), {"title": "a silver zeppelin"}))
    assert changing_shop.search(Query(words="zeppelin"), 1).items == ("zeppelin",)
    changing_shop.remove(["navy-ring"])
    assert "navy-ring" not in changing_shop.search(Query(words="navy rings"), 12).items
    changing_shop.remove(["zeppelin"])
    with pytest.raises(QueryError, match="zeppelin"):
        changing_shop.search(Query(words="zeppelin"))
    changed = changing_shop.search(Query(words="yellow disc"), 8)
    monkeypatch.undo()
    anew = SearchEngine(changing_shop.embedder, Store.open(changing_shop.store.folder)).search(
        Query(words="yellow disc"), 8
    )
    assert changed.items[0] == anew.items[0]
    assert len({*changed.items} & {*anew.items}) >= 7
