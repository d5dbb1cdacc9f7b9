"""kill -9 during adds loses nothing that was acknowledged; SIGTERM answers what is under way, and exits 0.

``LOOKALIKE_SERVER_KILLS=50`` tries more often than the test suite does.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from tests.conftest import drawn_photo, encoded

import lookalike
from lookalike.catalogue.photos import read_photo
from lookalike.interfaces.client import Client, ServerProblem
from lookalike.retrieval.loading import load_snapshot
from lookalike.retrieval.store import Store

KILLS = int(os.environ.get("LOOKALIKE_SERVER_KILLS", "2"))
SERVE = "from lookalike.interfaces.cli import main; main()"


@pytest.fixture
def store(item_folder: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "store"
    lookalike.index(item_folder, folder, model="descriptor")
    return folder


class Server:
    """`lookalike serve` in a process of its own."""

    def __init__(self, store: Path) -> None:
        command = [sys.executable, "-c", SERVE, "serve", "--store", str(store), "--port", "0"]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        lines = iter(self.process.stderr.readline, "")
        self.port = next(int(found[1]) for line in lines if (found := re.search(r"http://127.+:(\d+)", line)))
        self.url = f"http://127.0.0.1:{self.port}"

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        code = self.process.wait(60)
        self.process.stderr.close()
        return code


def add_until_it_dies(url: str, first: int, acknowledged: dict[str, int]) -> None:
    """Add items of one or two photos, and note each that the server acknowledged."""
    client = Client(url)
    for number in range(first, first + 500):
        photos = [encoded(drawn_photo(1000 + number + 10_000 * view)) for view in range(1 + number % 2)]
        try:
            client.put(f"new-{number}", photos)
        except ServerProblem:
            return
        acknowledged[f"new-{number}"] = len(photos)


def test_killed_during_adds_it_reopens_with_every_acknowledged_item_whole(store):
    acknowledged: dict[str, int] = {}
    rng = np.random.default_rng(0)
    for kill in range(KILLS):
        server = Server(store)
        adder = threading.Thread(target=add_until_it_dies, args=(server.url, 1000 * kill, acknowledged))
        before = len(acknowledged)
        adder.start()
        while len(acknowledged) < before + 3:
            time.sleep(0.005)
        time.sleep(float(rng.uniform(0, 0.3)))
        server.end(signal.SIGKILL)
        adder.join()
        snapshot = load_snapshot(Store.open(store))
        assert acknowledged.keys() <= set(snapshot.ids)
        for identity, views in acknowledged.items():
            item = snapshot.item(snapshot.places[identity])
            assert len(item.views) == views
            for view in item.views:
                read_photo(view.path, size_px=32)
    print(f"{KILLS} kills, {len(acknowledged)} items acknowledged, none lost")  # noqa: T201


def test_a_request_under_way_is_answered_before_the_end(store):
    server = Server(store)
    body = json.dumps({"items": [load_snapshot(Store.open(store)).ids[0]], "k": 3}).encode()
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    line.putrequest("POST", "/v1/search")
    line.putheader("Content-Type", "application/json")
    line.putheader("Content-Length", str(len(body)))
    line.endheaders(body[:10])
    time.sleep(0.3)
    server.process.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    line.send(body[10:])
    answer = line.getresponse()
    assert answer.status == 200
    assert len(json.loads(answer.read())["matches"]) == 3
    line.close()
    assert server.process.wait(60) == 0
    server.process.stderr.close()
