from __future__ import annotations

import pytest
from tests.interfaces.http.conftest import picture
from tests.interfaces.http.test_search import upload

from lookalike.interfaces.http import shortcut


@pytest.fixture
def long_way(reader, monkeypatch):
    """The same app without the shortcut."""
    monkeypatch.setattr(shortcut.Shortcut, "__call__", lambda self, *asked: self._app(*asked))
    return reader


ASKED = {
    "a photo": {"files": upload(picture(5)), "data": {"k": "2"}},
    "no photo": {"files": upload(b"%PDF-1.7 no photo")},
    "a wrong field": {"files": upload(picture(5)), "data": {"k": "none"}},
    "no such view": {"json": {"views": ["nobody"]}},
    "no kind of body": {"content": b"x", "headers": {"Content-Type": "text/plain"}},
}


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED.keys())
def test_the_short_way_answers_as_the_long_one_does(asked, reader, request):
    short = reader.post("/v1/search", **asked)
    long = request.getfixturevalue("long_way").post("/v1/search", **asked)
    varying = {"took_ms", "query"}
    told = [{name: what for name, what in one.json().items() if name not in varying} for one in (short, long)]
    assert short.status_code == long.status_code
    assert told[0] == told[1]
    lengths = {"content-length", "date"}
    assert [{k: v for k, v in one.headers.items() if k not in lengths} for one in (short,)] == [
        {k: v for k, v in one.headers.items() if k not in lengths} for one in (long,)
    ]


def test_searches_are_counted_by_their_route(reader):
    reader.post("/v1/search", files=upload(picture(5)))
    assert 'route="/v1/search",status="200"' in reader.get("/metrics").text


def test_other_methods_go_the_long_way(reader):
    assert reader.get("/v1/search").status_code == 405
