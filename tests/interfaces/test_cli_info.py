from __future__ import annotations

import json

from tests.interfaces.http.conftest import filled_store, picture
from tests.retrieval.conftest import TinyEmbedder

from lookalike.retrieval.engine import SearchEngine


def test_info_says_whether_scores_have_a_meaning_in_a_store_and_since_when_not_any_more(run, tmp_path):
    embedder = TinyEmbedder()
    engine = SearchEngine(embedder, filled_store(tmp_path / "store", embedder))

    def told() -> dict[str, object]:
        return json.loads(run("info", tmp_path / "store", "--json")[1])

    assert told()["calibrated"] is False
    engine.search(picture(5))  # the first search learns it
    known = told()
    assert known["calibrated"] is True
    assert -1 <= known["far_below"] <= known["same_from"] <= 1
    assert known["learned_from"] == "48 views of 24 items, each left out and searched for"
    engine.remove(["thing/00", "thing/01"])  # more than a twentieth of the catalogue
    assert told()["calibrated"] is False
    assert "calibrated         no" in run("info", tmp_path / "store")[1]
