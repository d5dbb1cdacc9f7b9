"""Derived files: a snapshot on disk, mapped into memory at the next start; always safe to delete."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import time
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookalike.retrieval.memory import let_go
from lookalike.retrieval.snapshot import Identity, Snapshot

FOLDER = "derived"
FORMAT = 1
ARRAYS = ("matrix", "starts", "item_ids", "attributes_json", "records", "record_starts")
_DRAFT_AGE_S = 600  # an older draft was left by a process that died
_BLOCK = 1 << 17  # 64-bit words


def read_derived(folder: Path, wanted: Identity) -> Snapshot | None:
    """The snapshot of that identity, or None where its files are missing, stale or damaged."""
    home = home_of(folder, wanted.version)
    try:
        header = json.loads((home / "header.json").read_text())
        if header["digest"] != _digest_of(header) or header["identity"] != _facts(wanted):
            return None
        arrays = {name: _map(home / f"{name}.npy", header["arrays"][name]) for name in ARRAYS}
        facts = wanted.folder, wanted.store_id, wanted.version, wanted.fingerprint
        return Snapshot(*facts, *(arrays[name] for name in ARRAYS))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def kept_versions(folder: Path) -> list[int]:
    """The versions that derived files are there of, the latest first; whether they fit shows when read."""
    names = [path.name for path in (folder / FOLDER).glob("version-*")]
    return sorted((int(name[8:]) for name in names if name[8:].isdecimal()), reverse=True)


def draft_for(folder: Path, shape: tuple[int, int]) -> tuple[Path, NDArray[np.float32]] | None:
    """A folder for ``write_derived`` with a matrix to be filled in the file that it will be mapped from.

    A gigabyte of vectors is then never the process's own memory. None where the disk cannot hold it, which
    must be known before: a mapped file that cannot grow ends the process.

    Args:
        folder: of the store.
        shape: of the matrix.
    """
    if not hasattr(os, "posix_fallocate"):
        return None
    draft: Path | None = None
    try:
        draft = _new_draft(folder)
        matrix = np.lib.format.open_memmap(draft / "matrix.npy", "w+", np.dtype(np.float32), shape)
        with (draft / "matrix.npy").open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, os.fstat(file.fileno()).st_size)
        return draft, np.asarray(matrix)
    except (OSError, ValueError):  # a matrix without rows cannot be mapped
        if draft is not None:
            shutil.rmtree(draft, ignore_errors=True)
        return None


def _new_draft(folder: Path) -> Path:
    (folder / FOLDER).mkdir(exist_ok=True)
    draft = folder / FOLDER / f"draft-{secrets.token_hex(8)}"
    draft.mkdir()  # a temporary folder would be for this user alone, and so would what becomes of it
    return draft


def write_derived(folder: Path, snapshot: Snapshot, draft: Path | None = None) -> None:
    """Write a snapshot beside its store, whole or not at all; older ones go.

    It is only a faster way to start: where the disk is full or may not be written, nothing is
    written and nothing is lost.

    Args:
        folder: of the store.
        snapshot: to write.
        draft: where its matrix is already (see ``draft_for``).
    """
    home = home_of(folder, snapshot.version)
    try:
        draft = draft or _new_draft(folder)
        _write_arrays(draft, snapshot)
        if home.exists():  # damaged or of another store, or we would not be here
            shutil.rmtree(home)
        draft.rename(home)
    except OSError:
        if draft is not None:
            shutil.rmtree(draft, ignore_errors=True)
        return
    for other in home.parent.iterdir():
        if other != home and not _in_use(other):
            shutil.rmtree(other, ignore_errors=True)


def _in_use(path: Path) -> bool:
    """A draft that another process may still be writing."""
    try:
        return path.name.startswith("draft-") and time.time() - path.stat().st_mtime < _DRAFT_AGE_S
    except OSError:
        return True


def _write_arrays(draft: Path, snapshot: Snapshot) -> None:
    identity = Identity(snapshot.folder, snapshot.store_id, snapshot.version, snapshot.fingerprint)
    papers: dict[str, Any] = {"identity": _facts(identity), "arrays": {}}
    for name in ARRAYS:
        array = np.ascontiguousarray(getattr(snapshot, name))
        if not (draft / f"{name}.npy").exists():
            np.save(draft / f"{name}.npy", array, allow_pickle=False)
        papers["arrays"][name] = {
            "size_bytes": (draft / f"{name}.npy").stat().st_size,
            "dtype": array.dtype.str,
            "shape": list(array.shape),
            "checksum": checksum(array),
        }
    papers["digest"] = _digest_of(papers)
    (draft / "header.json").write_text(json.dumps(papers, indent=2))


def _map(path: Path, papers: dict[str, Any]) -> NDArray[Any]:
    if path.stat().st_size != papers["size_bytes"]:
        raise ValueError(f"{path} was truncated")
    if 0 in papers["shape"]:  # nothing can be mapped
        return np.empty(papers["shape"], papers["dtype"])
    array = np.load(path, mmap_mode="r", allow_pickle=False)
    if array.dtype.str != papers["dtype"] or list(array.shape) != papers["shape"]:
        raise ValueError(f"{path} has another shape")
    if checksum(array) != papers["checksum"]:
        raise ValueError(f"{path} was changed")
    plain = np.asarray(array)
    let_go(plain)
    return plain


def checksum(array: NDArray[Any]) -> str:
    """A digest at the speed of memory: sums of blocks of 64-bit words, hashed.

    A change of any one word changes its block's sum; two that cancel out do not come from a
    damaged disk.
    """
    content = np.frombuffer(array.data.cast("B") if array.size else b"", np.uint8)
    whole = len(content) // (8 * _BLOCK) * (8 * _BLOCK)
    sums = content[:whole].view(np.uint64).reshape(-1, _BLOCK).sum(axis=1, dtype=np.uint64)
    return blake2b(sums.tobytes() + content[whole:].tobytes(), digest_size=16).hexdigest()


def home_of(folder: Path, version: int) -> Path:
    """Where the derived files of one version of a store are."""
    return folder / FOLDER / f"version-{version}"


def _facts(identity: Identity) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "store": identity.store_id,
        "version": identity.version,
        "fingerprint": identity.fingerprint,
    }


def _digest_of(header: dict[str, Any]) -> str:
    facts = {key: value for key, value in header.items() if key != "digest"}
    return blake2b(json.dumps(facts, sort_keys=True).encode(), digest_size=16).hexdigest()
