"""The text tower on disk, among the store's derived files: taught once, always safe to delete."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from lookalike.retrieval.asking.tower import TextTower
from lookalike.retrieval.derived import checksum, home_of
from lookalike.retrieval.snapshot import Snapshot

NAME, PAPERS = "words.npz", "words.json"
FORMAT = 1
ARRAYS = ("rarity", "features", "weights", "centre")


def read_tower(home: Path, snapshot: Snapshot) -> TextTower | None:
    """The tower that was taught on this very snapshot; None where it is missing, stale or damaged."""
    folder = home_of(home, snapshot.version)
    try:
        papers = json.loads((folder / PAPERS).read_text())
        with (folder / NAME).open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            arrays = {name: file[name] for name in ARRAYS}
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None
    if papers != _papers(snapshot, arrays):
        return None
    return TextTower(**arrays)


def write_tower(home: Path, snapshot: Snapshot, tower: TextTower) -> None:
    """Keep a tower for the next opening; where the disk refuses, it is taught again then."""
    folder = home_of(home, snapshot.version)
    arrays = {name: getattr(tower, name) for name in ARRAYS}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f"{NAME}.part.npz"
        np.savez(draft, **arrays)
        draft.replace(folder / NAME)
        draft = folder / f"{PAPERS}.part"
        draft.write_text(json.dumps(_papers(snapshot, arrays), indent=2))
        draft.replace(folder / PAPERS)
    except OSError:
        return


def _papers(snapshot: Snapshot, arrays: dict[str, Any]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "store": snapshot.store_id,
        "version": snapshot.version,
        "fingerprint": snapshot.fingerprint,
        "checksums": {name: checksum(np.ascontiguousarray(array)) for name, array in arrays.items()},
    }
