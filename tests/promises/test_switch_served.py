"""Searches by photo while the store is switched back and forth: every answer is of one model, and right."""

from __future__ import annotations

import threading
import time

import pytest
from tests.interfaces.http.conftest import ITEMS, opened, picture
from tests.retrieval.conftest import TinyEmbedder
from tests.retrieval.upgrade.test_upgrading import MirrorEmbedder

from lookalike.interfaces.settings import ServeSettings
from lookalike.retrieval.upgrade.upgrading import Upgrade

SWITCHES, SEARCHERS = 6, 3


def test_every_answer_during_switches_is_of_one_model_and_finds_the_item(tmp_path, monkeypatch):
    tiny, mirror = TinyEmbedder(), MirrorEmbedder()
    known = {"tiny": tiny, "mirror": mirror}
    monkeypatch.setattr("lookalike.embedding.zoo.open_embedder", lambda name, **_: known[name])
    settings = ServeSettings(decoders=2, deadline_s=60.0, refresh_s=0.02)
    with opened(tmp_path / "store", settings) as client:
        answers: list[tuple[int, dict]] = []
        done = threading.Event()

        def look(first: int) -> None:
            number = first
            while not done.is_set():
                number = (number + 1) % (ITEMS - 1)
                sent = [("photos", ("photo.png", picture(number), "image/png"))]
                told = client.post("/v1/search", files=sent, data={"k": "3"})
                answers.append((number, told.json() | {"status": told.status_code}))

        searchers = [threading.Thread(target=look, args=(7 * each,)) for each in range(SEARCHERS)]
        for searcher in searchers:
            searcher.start()
        upgrade = Upgrade(tmp_path / "store")
        upgrade.start(mirror, "mirror")
        for number in range(SWITCHES):
            (upgrade.switch if number % 2 == 0 else upgrade.rollback)()
            _until_served(client, known["mirror" if number % 2 == 0 else "tiny"])
            time.sleep(0.1)
        done.set()
        for searcher in searchers:
            searcher.join()
    refused = [told for _, told in answers if told["status"] != 200]
    assert not refused, refused[:3]
    assert {told["model"] for _, told in answers} == {tiny.card.fingerprint, mirror.card.fingerprint}
    for number, told in answers:
        assert told["status"] == 200
        assert told["matches"][0]["item"] == f"thing/{number:02d}"
        # the very photo: a vector of the other model would score far below
        assert told["matches"][0]["score"] == pytest.approx(1, abs=1e-4)


def _until_served(client, embedder):
    deadline = time.monotonic() + 30
    while client.get("/v1/stats").json()["model"] != embedder.card.fingerprint:
        assert time.monotonic() < deadline, "the server does not follow the switch"
        time.sleep(0.02)


def test_a_query_that_is_asked_again_after_a_switch_must_be_sent_again(tmp_path, monkeypatch):
    known = {"tiny": TinyEmbedder(), "mirror": MirrorEmbedder()}
    monkeypatch.setattr("lookalike.embedding.zoo.open_embedder", lambda name, **_: known[name])
    settings = ServeSettings(decoders=1, deadline_s=60.0, refresh_s=0.02)
    with opened(tmp_path / "store", settings) as client:
        sent = [("photos", ("photo.png", picture(3), "image/png"))]
        name = client.post("/v1/search", files=sent).json()["query"]
        assert client.post("/v1/search", json={"again": name}).status_code == 200
        upgrade = Upgrade(tmp_path / "store")
        upgrade.start(known["mirror"], "mirror")
        upgrade.switch()
        _until_served(client, known["mirror"])
        assert client.post("/v1/search", json={"again": name}).status_code == 404
