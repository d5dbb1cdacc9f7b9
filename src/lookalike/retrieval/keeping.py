"""Photos that came as bytes and have no file of their own: the store keeps them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lookalike.atomic import write_atomically
from lookalike.retrieval.database import told_as_store_errors

FOLDER = "photos"


def keep_photo(store_folder: Path, identity: str, content: bytes) -> Path:
    """Write a photo under its id, whole and synced; its path relative to the store's folder.

    Raises:
        StoreError: the disk refuses.
    """
    path = Path(FOLDER) / identity
    target = store_folder / path
    if target.is_file() and target.stat().st_size == len(content):
        return path
    with told_as_store_errors(target):
        target.parent.mkdir(exist_ok=True)
        write_atomically(target, content)
    return path


def drop_photos(store_folder: Path, is_used: Callable[[str], bool]) -> None:
    """Delete kept photos that no item uses any more."""
    home = store_folder / FOLDER
    if not home.is_dir():
        return
    for path in home.iterdir():
        if not is_used(path.name):
            path.unlink(missing_ok=True)
