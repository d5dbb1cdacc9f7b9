"""The store behind its server: asked by upload, changed, and switched to another model while it answers."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.large_search import spread
from benchmarks.million.steps import K, Run, Timed
from benchmarks.served import memory_mb, server

from lookalike.errors import LookalikeError
from lookalike.interfaces.client import Client
from lookalike.retrieval.upgrade.upgrading import Upgrade

UPLOADS, CHANGES, WAIT_S = 100, 10, 120.0


@dataclass
class Visitor(threading.Thread):
    """Asks by one photo after the other until told to stop; keeps what came back."""

    client: Client
    photos: list[Path]
    ended: threading.Event = field(default_factory=threading.Event)
    answers: list[tuple[float, str, float]] = field(default_factory=list)  # when, by which model, ms
    refused: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        number = 0
        while not self.ended.is_set():
            begun = time.perf_counter()
            try:
                found = self.client.search(self.photos[number % len(self.photos)], k=K)
                self.answers.append((time.perf_counter(), found.model, 1e3 * (time.perf_counter() - begun)))
            except LookalikeError as error:
                self.refused.append(error.message)
            number += 1


def serve(run: Run) -> dict[str, Any]:
    """The server's start, uploads, changes, and a switch and a rollback under it."""
    asked = run.laid_out().asked
    photos = [Path(path) for _, path in asked]
    timed = Timed()
    begun = time.perf_counter()
    with server(run.store) as (process, port):
        client = Client(f"http://127.0.0.1:{port}", timeout_s=WAIT_S)
        client.search(photos[0], k=K)
        first_answer_s = round(time.perf_counter() - begun, 2)
        client.categorise(photos[0])  # what the server learns at its start, it has learnt then
        uploads, right = [], 0
        for item, path in asked[:UPLOADS]:
            sent = time.perf_counter()
            found = client.search(Path(path), k=K)
            uploads.append(1e3 * (time.perf_counter() - sent))
            right += item in [one.item for one in found]
        sent = time.perf_counter()
        client.thumbnail(found[0].views[0].id)
        thumbnail_ms = 1e3 * (time.perf_counter() - sent)
        changes = _changed(client, photos)
        upgraded = _upgraded(run, client, photos, timed)
        memory = memory_mb(process)
    return {
        **timed,
        "server_first_answer_s": first_answer_s,
        "upload_ms": spread(uploads),
        "right_item_in_ten_by_upload": right / len(uploads),
        "first_thumbnail_ms": round(thumbnail_ms, 1),
        **changes,
        **upgraded,
        "server_memory_mb": round(memory),
    }


def _changed(client: Client, photos: list[Path]) -> dict[str, Any]:
    added, deleted, thumbnails = [], [], []
    for number in range(CHANGES):
        begun = time.perf_counter()
        stored = client.add(f"uploaded/{number}", photos[number])
        added.append(1e3 * (time.perf_counter() - begun))
        assert client.search(photos[number], k=1)[0].item == f"uploaded/{number}"
        begun = time.perf_counter()
        client.thumbnail(stored.item.views[0].id)
        thumbnails.append(1e3 * (time.perf_counter() - begun))
        begun = time.perf_counter()
        client.delete(f"uploaded/{number}")
        deleted.append(1e3 * (time.perf_counter() - begun))
    return {
        "add_over_http_ms": spread(added),
        "delete_over_http_ms": spread(deleted),
        "thumbnail_after_a_change_ms": spread(thumbnails),
    }


def _upgraded(run: Run, client: Client, photos: list[Path], timed: Timed) -> dict[str, Any]:
    """Switch and rollback while a visitor goes on asking; one more item each time must be caught up with."""
    visitor = Visitor(client, photos[:20])
    visitor.start()
    upgrade = Upgrade(run.store)
    told: dict[str, Any] = {}
    for name, step in (("switch", upgrade.switch), ("rollback", upgrade.rollback)):
        client.put(f"meanwhile/{name}", photos[0])
        before = client.search(photos[0], k=1).model
        with timed.of(name):
            step()
        done = time.perf_counter()
        while client.search(photos[0], k=1).model == before and time.perf_counter() - done < WAIT_S:
            time.sleep(0.02)
        told[f"followed_{name}_s"] = round(time.perf_counter() - done, 2)
        assert client.search(photos[0], k=1)[0].item.startswith("meanwhile/")
    visitor.ended.set()
    visitor.join(WAIT_S)
    for name in ("switch", "rollback"):
        client.delete(f"meanwhile/{name}")
    waits = [ms for _, _, ms in visitor.answers]
    return {
        **told,
        "searches_during_both": len(waits),
        "refused_during_both": visitor.refused,
        "search_during_both_ms": spread(waits) | {"worst": round(max(waits), 1)},
        "models_that_answered": sorted({model for _, model, _ in visitor.answers}),
    }
