from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from lookalike.catalogue.line import Line


@pytest.fixture
def pair() -> Iterator[tuple[Line, Line]]:
    near, far = socket.socketpair()
    with near, far:
        yield Line(near), Line(far)


@pytest.mark.parametrize("size", [0, 5, 3_000_000])
def test_a_message_arrives_as_it_was_sent(size, pair):
    near, far = pair
    content = bytes(range(256)) * (size // 256 + 1)
    sending = threading.Thread(target=near.send, args=({"a": [1, None]}, content[:size]))
    sending.start()
    facts, came = far.receive(most=size + 100)
    sending.join()
    assert (facts, bytes(came)) == ({"a": [1, None]}, content[:size])


def test_bytes_may_be_sent_in_pieces(pair):
    near, far = pair
    pieces = [b"first", b"", memoryview(bytes(1_000_000)), b"last"]
    sending = threading.Thread(target=near.send, args=({}, *pieces))
    sending.start()
    _, came = far.receive(most=2_000_000)
    sending.join()
    assert bytes(came) == b"first" + bytes(1_000_000) + b"last"


def test_an_end_that_goes_away_or_does_nothing_is_noticed(pair):
    near, far = pair
    near.wait_at_most(0.05)
    with pytest.raises(BlockingIOError):
        near.receive(most=100)
    far.close()
    with pytest.raises(EOFError):
        near.receive(most=100)


def test_a_message_longer_than_allowed_is_not_taken(pair):
    near, far = pair
    near.send({}, bytes(1000))
    with pytest.raises(ValueError, match="1002 bytes"):
        far.receive(most=500)
