from __future__ import annotations

import asyncio

import pytest
from tests.interfaces.http.conftest import picture
from tests.interfaces.http.test_search import upload

from lookalike.interfaces.http.intake import Body, Intake
from lookalike.interfaces.http.load import Load
from lookalike.interfaces.http.metrics import Metrics
from lookalike.interfaces.http.problems import Problem
from lookalike.interfaces.settings import ServeSettings


def test_a_body_that_is_too_long_is_refused_by_its_header_and_while_it_streams(reader):
    huge = bytes(2_100_000)
    assert reader.post("/v1/search", files=upload(huge)).status_code == 413

    def stream():
        yield b'--x\r\nContent-Disposition: form-data; name="photos"; filename="a"\r\n\r\n'
        for _ in range(40):
            yield bytes(64_000)

    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    assert reader.post("/v1/search", content=stream(), headers=kind).status_code == 413
    assert reader.post("/v1/search", files=upload(picture(5))).status_code == 200


def test_a_body_that_takes_too_long_is_given_up():
    async def never():
        await asyncio.sleep(60)

    body = Body(never, ServeSettings(body_timeout_s=0.01))
    with pytest.raises(Problem) as told:
        asyncio.run(body.receive())
    assert told.value.status_code == 408


def test_what_is_let_in_counts_until_it_begins_or_the_loop_has_gone_round():
    async def let_in() -> None:
        load, loop = Load(2, lambda: 1.0), asyncio.get_running_loop()
        load.expect(loop)
        assert not load.full
        load.expect(loop)
        assert load.full  # a third whose head comes in the same round is refused at the door
        load.begin()
        await asyncio.sleep(0)
        assert not load.full  # the second was refused for something else, and never began
        load.begin()
        assert load.full

    asyncio.run(let_in())


def test_more_work_than_can_be_taken_is_put_off_before_its_body_is_read():
    sent: list[dict] = []
    taken = []

    async def app(scope, receive, send):
        taken.append(scope["path"])
        await asyncio.sleep(0.05)

    async def receive():
        raise AssertionError("the body was read")

    async def send(message):
        sent.append(message)

    async def both():
        scope = {"type": "http", "method": "POST", "path": "/v1/search", "headers": []}
        await asyncio.gather(*(intake(dict(scope), receive, send) for _ in range(3)))

    load = Load(2, lambda: 1.25)
    intake = Intake(app, settings=ServeSettings(), load=load, metrics=Metrics())
    asyncio.run(both())
    assert len(taken) == 2
    assert sent[0]["status"] == 429
    assert (b"retry-after", b"3") in sent[0]["headers"]
    assert load.under_way == 0
