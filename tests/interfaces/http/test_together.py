from __future__ import annotations

from lookalike.retrieval.together.baskets import Baskets
from lookalike.retrieval.together.kept import keep_baskets


def test_what_goes_with_an_item_is_told_once_the_store_knows(writer):
    unknown = writer.get("/v1/goes-with/thing/04")
    assert unknown.status_code == 404
    assert "--baskets" in unknown.json()["hint"]
    folder = writer.app.state.service.engine.store.folder
    keep_baskets(folder, Baskets((("thing/04", "thing/07"),) * 3))
    told = writer.get("/v1/goes-with/thing/04?k=5").json()
    assert [(one["id"], one["together"]) for one in told["companions"]] == [("thing/07", 3)]
    assert told["companions"][0]["views"]


def test_an_item_that_is_not_there_goes_with_nothing(writer):
    assert writer.get("/v1/goes-with/nothing").status_code == 404
    assert writer.get("/v1/goes-with/thing/04?k=0").status_code == 422
