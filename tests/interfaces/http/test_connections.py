from __future__ import annotations

import socket
import time

import pytest
from tests.interfaces.http.conftest import filled_store
from tests.retrieval.conftest import TinyEmbedder

from lookalike.interfaces.http import connections
from lookalike.interfaces.http.background import serving
from lookalike.interfaces.settings import ServeSettings
from lookalike.retrieval.engine import SearchEngine


@pytest.fixture
def address(tmp_path, monkeypatch):
    monkeypatch.setattr(connections, "HEAD_S", 0.3)
    embedder = TinyEmbedder()
    engine = SearchEngine(embedder, filled_store(tmp_path / "store", embedder))
    with serving(engine, ServeSettings(port=0, decoders=1)) as url:
        yield "127.0.0.1", int(url.rpartition(":")[2])


def heard(line: socket.socket) -> bytes:
    """Everything that comes until the other side closes."""
    return b"".join(iter(lambda: line.recv(4096), b""))


def test_connections_that_send_nothing_or_half_a_head_are_closed(address):
    idle = [socket.create_connection(address, timeout=10) for _ in range(50)]
    for line in idle[::2]:
        line.sendall(b"GET /healthz HTTP/1.1\r\nHost: loc")
    begun = time.monotonic()
    for line in idle:
        assert heard(line) == b""
        line.close()
    assert time.monotonic() - begun < 8


def test_a_whole_head_is_answered_however_long_its_body_takes(address):
    with socket.create_connection(address, timeout=10) as line:
        body = b'{"items": ["thing/05"], "k": 1}'
        head = (
            f"Host: 127.0.0.1:{address[1]}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
        )
        line.sendall(f"POST /v1/search HTTP/1.1\r\n{head}\r\nConnection: close\r\n\r\n".encode())
        time.sleep(0.6)
        line.sendall(body)
        assert heard(line).startswith(b"HTTP/1.1 200")
