from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from tests.interfaces.http.conftest import opened, picture
from tests.interfaces.http.test_search import upload

from lookalike.errors import SettingsError
from lookalike.interfaces.http.guard import Rates
from lookalike.interfaces.http.problems import Problem
from lookalike.interfaces.settings import ServeSettings


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    settings = ServeSettings(
        host="0.0.0.0", token="full", read_token="read", decoders=1, deadline_s=60.0, hosts=("shop.example",)
    )
    with opened(tmp_path_factory.mktemp("guarded") / "store", settings) as client:
        yield client


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_an_address_that_others_reach_needs_a_token():
    with pytest.raises(SettingsError, match="let everybody in"):
        ServeSettings(host="0.0.0.0")


def test_without_the_right_token_nothing_is_told(guarded):
    for headers in ({}, bearer("wrong"), {"Authorization": "Basic full"}, bearer("")):
        answer = guarded.get("/v1/items", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
    assert guarded.get("/v1/items").json()["title"] == "A token is needed."
    assert guarded.get("/v1/items", headers=bearer("wrong")).json()["title"] == "That is not the token."
    assert guarded.get("/metrics").status_code == 401
    assert guarded.get("/healthz").status_code == 200
    assert guarded.get("/").status_code == 200


def test_the_reading_token_searches_and_changes_nothing(guarded):
    assert guarded.get("/v1/items", headers=bearer("read")).status_code == 200
    found = guarded.post("/v1/search", files=upload(picture(5)), headers=bearer("read"))
    assert found.status_code == 200
    assert guarded.delete("/v1/items/thing/05", headers=bearer("read")).status_code == 403
    assert guarded.delete("/v1/items/nobody", headers=bearer("full")).status_code == 404


def test_the_page_hands_over_the_token_once_and_its_pictures_follow(guarded):
    assert guarded.post("/v1/session", json={"token": "wrong"}).status_code == 401
    answer = guarded.post("/v1/session", json={"token": "read"})
    assert answer.status_code == 204
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    sent = answer.headers["set-cookie"].partition(";")[0]
    guarded.cookies.clear()
    assert guarded.get("/v1/items", headers={"Cookie": sent}).status_code == 200


def test_a_name_that_is_not_ours_is_refused_so_that_rebinding_fails(reader, guarded):
    assert reader.get("/v1/items", headers={"Host": "evil.example"}).status_code == 400
    assert reader.get("/v1/items", headers={"Host": "localhost:9"}).status_code == 200
    named = {"Host": "shop.example", **bearer("read")}
    assert guarded.get("/v1/items", headers=named).status_code == 200
    assert guarded.get("/v1/items", headers={**named, "Host": "other.example"}).status_code == 400


def test_pages_of_other_origins_may_not_ask(reader):
    for origin in ("http://evil.example", "null", "http://127.0.0.1:9999"):
        answer = reader.delete("/v1/items/thing/05", headers={"Origin": origin})
        assert answer.status_code == 403, origin
        assert "access-control-allow-origin" not in answer.headers
    assert reader.get("/v1/items", headers={"Origin": "http://127.0.0.1:8000"}).status_code == 200
    crossing = {"Sec-Fetch-Site": "cross-site"}
    assert reader.post("/v1/search", files=upload(picture(5)), headers=crossing).status_code == 403


def test_a_client_that_asks_too_often_is_told_when_to_come_back(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("lookalike.interfaces.http.guard.time.monotonic", lambda: now[0])
    rates = Rates(2.0)
    for _ in range(4):
        rates.take("one")
    with pytest.raises(Problem) as told:
        rates.take("one")
    assert told.value.status_code == 429
    assert told.value.headers["Retry-After"] == "1"
    rates.take("another")
    now[0] += 1
    rates.take("one")


def test_a_server_that_only_reads_refuses_changes(tmp_path):
    with opened(tmp_path / "store", ServeSettings(read_only=True, decoders=1)) as client:
        assert client.delete("/v1/items/thing/05").status_code == 403
        assert client.get("/v1/stats").json()["writable"] is False
