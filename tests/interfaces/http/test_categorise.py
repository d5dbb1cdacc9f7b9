from __future__ import annotations

import base64
import threading

from tests.interfaces.http.conftest import opened, picture

from lookalike.interfaces.settings import ServeSettings
from lookalike.retrieval.engine import SearchEngine


def asked(client, **facts):
    return client.post("/v1/categorise", json=facts)


def sent(item: int) -> list[dict[str, str]]:
    return [{"base64": base64.b64encode(picture(item)).decode()}]


def test_a_photo_is_given_a_category_and_the_photos_of_a_search_are_asked_again(reader):
    told = asked(reader, photos=sent(4)).json()
    assert told["column"] == "category"
    assert sum(guess["probability"] for guess in told["guesses"]) > 0.99
    found = reader.post("/v1/search", json={"photos": sent(4)}).json()
    assert asked(reader, again=found["query"]).json() == told


def test_what_cannot_be_answered_is_told_with_the_next_step(reader):
    assert asked(reader, photos=sent(1), column="colour").status_code == 422
    assert asked(reader).status_code == 422
    assert asked(reader, photos=sent(1), again="x").status_code == 422
    assert asked(reader, again="never-seen").status_code == 404
    assert asked(reader, photos=sent(1), unlike=[3]).status_code == 422
    assert asked(reader, photos=sent(1), unlike=[0]).status_code == 422


def test_photos_of_what_it_is_not_have_no_say(reader):
    alone = asked(reader, photos=sent(4)).json()
    both = {"photos": [*sent(4), *sent(9)]}
    assert asked(reader, **both).json() != alone
    assert asked(reader, **both, unlike=[1]).json() == alone
    found = reader.post("/v1/search", json={**both, "unlike": [1]}).json()
    assert asked(reader, again=found["query"], unlike=[1]).json() == alone


def test_a_search_takes_a_second_look_by_name_and_refuses_one_that_nobody_knows(reader):
    plain = reader.post("/v1/search", json={"photos": sent(4), "k": 5}).json()
    varied = reader.post("/v1/search", json={"photos": sent(4), "k": 5, "rerank": ["diverse"]}).json()
    assert varied["matches"][0]["item"] == plain["matches"][0]["item"]
    assert varied["confidence"] == plain["confidence"]
    refused = reader.post("/v1/search", json={"photos": sent(4), "rerank": ["magic"]})
    assert refused.status_code == 422
    assert "diverse" in refused.json()["hint"]


def test_what_is_learnt_for_a_guess_keeps_no_search_waiting(reader, monkeypatch):
    learnt_in = []
    guess = SearchEngine.categorise_embedded

    def noted(engine, *facts, **further):
        learnt_in.append(threading.current_thread().name)
        return guess(engine, *facts, **further)

    monkeypatch.setattr(SearchEngine, "categorise_embedded", noted)
    assert asked(reader, photos=sent(4)).status_code == 200
    (thread,) = learnt_in
    assert not thread.startswith("lookalike-worker")


def test_a_server_that_starts_learns_before_the_first_photo_comes(tmp_path, monkeypatch):
    learnt = threading.Event()
    monkeypatch.setattr(SearchEngine, "categorise_embedded", lambda *facts, **further: learnt.set())
    with opened(tmp_path / "store", ServeSettings(decoders=1)):
        assert learnt.wait(30)
