from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.request import urlopen

import pytest
from tests.interfaces.http.conftest import SlowEmbedder, filled_store, picture
from tests.retrieval.conftest import TinyEmbedder

from lookalike.interfaces.client import Client
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


@pytest.fixture
def full_house(tmp_path):
    """A server that has as much to do as it takes: one search, which does not come to its end."""
    embedder = SlowEmbedder()
    engine = SearchEngine(embedder, filled_store(tmp_path / "store", TinyEmbedder()))
    settings = ServeSettings(port=0, decoders=1, max_waiting=1, deadline_s=60.0)
    with serving(engine, settings) as url, ThreadPoolExecutor(1) as pool:
        asked = pool.submit(Client(url).search, picture(5))
        assert embedder.begun.wait(30)
        while "lookalike_under_way 1" not in urlopen(f"{url}/metrics").read().decode():
            time.sleep(0.01)
        yield "127.0.0.1", int(url.rpartition(":")[2])
        embedder.leave.set()
        assert asked.result()[0].item == "thing/05"


def test_what_is_too_much_is_refused_at_once_and_the_connection_serves_on(full_house):
    with socket.create_connection(full_house, timeout=10) as line:
        host = f"Host: 127.0.0.1:{full_house[1]}\r\n"
        for _ in range(3):
            line.sendall(
                f"POST /v1/search HTTP/1.1\r\n{host}Content-Length: 100000\r\n\r\n".encode() + bytes(100_000)
            )
        line.sendall(f"GET /healthz HTTP/1.1\r\n{host}Connection: close\r\n\r\n".encode())
        told = heard(line)
    assert told.count(b"HTTP/1.1 429 Too Many Requests\r\n") == 3
    assert told.count(b"retry-after: 1\r\n") == 3
    assert told.count(b"application/problem+json") == 3
    assert told.count(b"nosniff") == 4
    assert told.endswith(b"ok\n")


def test_a_refused_body_without_end_ends_the_connection(full_house):
    with socket.create_connection(full_house, timeout=10) as line:
        head = f"Host: 127.0.0.1:{full_house[1]}\r\nContent-Length: 900000000"
        line.sendall(f"POST /v1/search HTTP/1.1\r\n{head}\r\n\r\n".encode())
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            line.sendall(bytes(900_000_000))


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
