"""Compressed search finds what exact search finds as often as it says, and is exact where it cannot."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.contracts.test_indexes import snapshot_of

from lookalike.retrieval.index.exact import ExactIndex
from lookalike.retrieval.index.rescoring import Scoring

pytest.importorskip("faiss", reason="needs the scale extra")

from lookalike.retrieval.index import choosing, compressed
from lookalike.retrieval.index.codes import lists_for, nearest_rows
from lookalike.retrieval.index.compressed import CompressedIndex
from lookalike.retrieval.index.foretelling import most_through_lists
from lookalike.retrieval.index.self_asked import SelfAsked

WIDTH, ITEMS = 33, 1500


@pytest.fixture(scope="module")
def snapshot():
    rng = np.random.default_rng(5)
    kinds = rng.standard_normal((40, WIDTH))
    centres = kinds[rng.integers(40, size=ITEMS)] + 0.8 * rng.standard_normal((ITEMS, WIDTH))
    counts = rng.integers(1, 8, ITEMS)
    rows = np.repeat(centres, counts, axis=0) + 0.3 * rng.standard_normal((counts.sum(), WIDTH))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return snapshot_of(rows.astype(np.float32), counts.tolist())


@pytest.fixture(scope="module")
def index(snapshot):
    return CompressedIndex(snapshot)


@pytest.fixture
def large(monkeypatch):
    """Every catalogue of the tests counts as large."""
    monkeypatch.setattr(compressed, "FEWEST_VIEWS", 1000)


@pytest.fixture
def kept(snapshot, tmp_path, large):
    """The snapshot in a folder, with its codes on disk."""
    here = replace(snapshot, folder=tmp_path)
    (tmp_path / "derived" / "version-1").mkdir(parents=True)
    assert isinstance(choosing.index_of(here), CompressedIndex)
    return here


@pytest.fixture
def scans(index, monkeypatch):
    """How often an exact scan was made in place of a compressed one."""
    made = []
    whole = index._exact._candidates
    monkeypatch.setattr(
        index._exact, "_candidates", lambda *given, **more: made.append(1) or whole(*given, **more)
    )
    return made


def questions(snapshot, count, photos=1):
    rng = np.random.default_rng(6)
    rows = snapshot.matrix[rng.integers(len(snapshot.matrix), size=count)]
    noisy = rows[:, None] + 0.1 * rng.standard_normal((count, photos, WIDTH))
    return list((noisy / np.linalg.norm(noisy, axis=2, keepdims=True)).astype(np.float32))


def recall(found, exact):
    return np.mean(
        [len({h.place for h in f} & {h.place for h in e}) / len(e) for f, e in zip(found, exact, strict=True)]
    )


@pytest.mark.parametrize("photos", [1, 3])
@pytest.mark.parametrize("k", [1, 10, 60])
def test_it_finds_the_items_that_exact_search_finds_without_an_exact_scan(index, snapshot, scans, photos, k):
    asked = questions(snapshot, 60, photos)
    found = index.nearest(asked, k)
    assert not scans
    assert all(len(hits) == k for hits in found)
    assert recall(found, ExactIndex(snapshot).nearest(asked, k)) > 0.985


def test_it_knows_its_recall(index, snapshot):
    assert 0.995 <= index.measured.recall <= 1
    assert index.measured.reach < len(snapshot.matrix) / 4
    assert index.measured.queries == compressed.ASKED


def test_scores_and_pairs_are_those_of_exact_search(index, snapshot):
    asked = questions(snapshot, 20)
    for hits, exact in zip(index.nearest(asked, 5), ExactIndex(snapshot).nearest(asked, 5), strict=True):
        truth = {hit.place: hit for hit in exact}
        assert all(truth[hit.place] == hit for hit in hits if hit.place in truth)


def test_a_filter_costs_no_recall_and_gives_only_what_it_allows(index, snapshot, scans):
    asked = questions(snapshot, 30)
    for share in (0.5, 0.1, 0.01):
        allowed = np.random.default_rng(7).random(ITEMS) < share
        found = index.nearest(asked, 10, allowed=allowed)
        assert all(allowed[hit.place] for hits in found for hit in hits)
        assert recall(found, ExactIndex(snapshot).nearest(asked, 10, allowed=allowed)) > 0.985
    assert len(scans) == 1, "only the selective filter is worth an exact scan"


def test_k_items_are_found_where_the_nearest_views_are_all_of_one_item(scans):
    rng = np.random.default_rng(8)
    rows = rng.standard_normal((6000, WIDTH))
    rows[:5000] = rows[0] + 0.01 * rng.standard_normal((5000, WIDTH))
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    crowded = CompressedIndex(snapshot_of(rows, [5000, *[1] * 1000]), enough=0.0)
    (hits,) = crowded.nearest([rows[:1]], 10)
    assert [len(hits), hits[0].place] == [10, 0]


@pytest.mark.parametrize("views", ["mean", "top2", "centroid"])
def test_other_poolings_are_exact(index, snapshot, scans, views):
    asked = questions(snapshot, 5)
    assert index.nearest(asked, 5, scoring=Scoring(views)) == ExactIndex(snapshot).nearest(
        asked, 5, scoring=Scoring(views)
    )
    assert scans


def test_an_index_that_does_not_find_enough_is_not_used(snapshot, monkeypatch):
    monkeypatch.setattr(compressed, "REACHES", (1,))
    poor = CompressedIndex(snapshot)
    assert poor.measured.recall < 0.995
    asked = questions(snapshot, 20)
    assert poor.nearest(asked, 10) == ExactIndex(snapshot).nearest(asked, 10)


def test_a_small_catalogue_is_searched_exactly(snapshot):
    assert isinstance(choosing.index_of(snapshot), ExactIndex)


def test_a_second_opening_reads_the_codes_and_their_figures(kept, monkeypatch):
    first = choosing.index_of(kept)
    monkeypatch.setattr(compressed, "built", lambda *_: pytest.fail("built again"))
    second = choosing.index_of(kept)
    assert second.measured == first.measured
    asked = questions(kept, 10)
    assert second.nearest(asked, 10) == first.nearest(asked, 10)


def test_a_very_large_store_gets_lists_where_few_of_them_suffice(kept, monkeypatch):
    home = kept.folder / "derived" / "version-1"
    kinds = {}
    monkeypatch.setattr(choosing, "LISTED_FROM", 1000)
    for few in (0.0, 1.0):
        (home / choosing.PAPERS).unlink()
        monkeypatch.setattr(choosing, "FEW_LISTS", few)
        kinds[few] = choosing.index_of(kept).measured.kind
    assert kinds == {0.0: "pq", 1.0: "lists"}
    asked, again = questions(kept, 20), choosing.index_of(kept)
    assert again.measured.kind == "lists", "kept as it was built"
    assert recall(again.nearest(asked, 10), ExactIndex(kept).nearest(asked, 10)) > 0.985


def test_what_lists_can_find_at_most_is_foretold_from_their_centroids(snapshot):
    exact = ExactIndex(snapshot)
    asked = SelfAsked.of(exact, np.random.default_rng(0), count=100, k=10)
    lists, codes = lists_for(len(snapshot.matrix)), CompressedIndex(snapshot, kind="lists").codes
    foretold = []
    for scanned in (1, 4, 16, lists):
        foretold.append(most_through_lists(snapshot, lists, scanned, count=100, k=10))
        rows = nearest_rows(codes, asked.vectors, len(snapshot.matrix), probes=scanned)
        items = [np.searchsorted(snapshot.starts, row[row >= 0], side="right") - 1 for row in rows]
        found = np.mean([np.isin(w, f).mean() for w, f in zip(asked.wanted, items, strict=True)])
        assert foretold[-1] == pytest.approx(found, abs=0.05), "all views of those lists were taken"
    assert foretold == sorted(foretold)
    assert foretold[-1] == 1


def test_codes_in_lists_are_not_made_where_few_cannot_suffice(kept, monkeypatch):
    (kept.folder / "derived" / "version-1" / choosing.PAPERS).unlink()
    monkeypatch.setattr(choosing, "LISTED_FROM", 1000)
    monkeypatch.setattr(choosing, "most_through_lists", lambda *_, **__: compressed.ENOUGH - 0.001)
    made = []
    built = compressed.built
    monkeypatch.setattr(compressed, "built", lambda *given: made.append(given[1]) or built(*given))
    assert choosing.index_of(kept).measured.kind == "pq"
    assert made == ["pq"]


def test_the_figures_can_be_read_without_opening_the_index(kept):
    assert choosing.kept_figures(kept.folder, kept.version) == choosing.index_of(kept).measured
    later = choosing.kept_figures(kept.folder, kept.version + 1)
    assert later is not None, "the index goes on through changes"
    assert choosing.kept_figures(kept.folder, kept.version - 1) is None


@pytest.mark.parametrize("damage", ["flipped", "truncated", "gone", "papers"])
def test_damaged_or_foreign_codes_are_built_again(kept, damage):
    home = kept.folder / "derived" / "version-1"
    codes = home / choosing.CODES
    content = bytearray(codes.read_bytes())
    if damage == "flipped":
        content[len(content) // 2] ^= 1
        codes.write_bytes(content)
    elif damage == "truncated":
        codes.write_bytes(content[:100])
    elif damage == "gone":
        codes.unlink()
    else:
        (home / choosing.PAPERS).write_text("{}")
    again = choosing.index_of(kept)
    assert again.measured.recall >= 0.995
    assert len(codes.read_bytes()) == len(content), "and kept again"


def test_codes_of_another_version_are_not_used(kept, monkeypatch):
    later = replace(kept, fingerprint="another@1")
    assert choosing._read(kept.folder / "derived" / "version-1", later) is None
