"""A store's versions by model, side by side, and the pointer that says which of them answers.

A store is made with one model. An upgrade puts a second version beside it, a whole store of its own
under ``models/``; the pointer is one small file that is replaced whole, so that a kill at any moment
leaves the old version answering or the new one, and never vectors of both.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path

from lookalike.atomic import write_atomically
from lookalike.errors import StoreError
from lookalike.retrieval.database import told_as_store_errors

POINTER = "serving.json"
FOLDER = "models"
FORMAT = 1
ORIGINAL = "."
"""The name of the version that the store was made with: the folder itself."""

_NAME = re.compile(rf"\.|{FOLDER}/[A-Za-z0-9][A-Za-z0-9._-]{{0,120}}")


@dataclass(frozen=True, slots=True)
class Pointer:
    """Which version answers.

    Args:
        serving: its folder, relative to the store's.
        before: the one that answered before it and can be gone back to; None where there is none.
        prepared: the one that is being filled to be switched to; None where there is none.
    """

    serving: str = ORIGINAL
    before: str | None = None
    prepared: str | None = None

    def __post_init__(self) -> None:
        named = [name for name in (self.serving, self.before, self.prepared) if name is not None]
        if not all(isinstance(name, str) and _NAME.fullmatch(name) for name in named):
            raise ValueError("it names no version")
        if len(set(named)) < len(named):
            raise ValueError("it names a version twice")


def read_pointer(folder: Path) -> Pointer:
    """The pointer of a store; to the version that it was made with where none was ever written.

    Raises:
        StoreError: it is damaged.
    """
    path = folder / POINTER
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        if facts["format"] != FORMAT:
            raise ValueError(f"unknown format {facts['format']}")
        pointer = Pointer(facts["serving"], facts["before"], facts["prepared"])
    except (FileNotFoundError, NotADirectoryError):
        return Pointer()
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from error
    except (ValueError, KeyError, TypeError) as error:
        raise _unreadable(path, str(error)) from error
    return pointer


def write_pointer(folder: Path, pointer: Pointer) -> None:
    """Replace the pointer, whole and synced, or leave it as it is.

    Raises:
        StoreError: the disk refuses.
    """
    path = folder / POINTER
    text = json.dumps({"format": FORMAT, **asdict(pointer)}, indent=2) + "\n"
    with told_as_store_errors(path):
        write_atomically(path, text)


def serving_home(folder: Path) -> Path:
    """The folder of the version that answers.

    Raises:
        StoreError: the pointer is damaged.
    """
    return home_of_version(folder, read_pointer(folder).serving)


def home_of_version(folder: Path, name: str) -> Path:
    """The folder of a version."""
    return folder if name == ORIGINAL else folder / name


def version_name(fingerprint: str) -> str:
    """The name of the version for a model's vectors: readable, and different for each fingerprint."""
    readable = re.sub(r"[^A-Za-z0-9._-]+", "-", fingerprint)[:80].strip("._-") or "model"
    return f"{FOLDER}/{readable}-{blake2b(fingerprint.encode(), digest_size=4).hexdigest()}"


def _unreadable(path: Path, reason: str) -> StoreError:
    return StoreError(
        f"{path}, which says which model's version answers, cannot be read ({reason}).",
        hint="Put back a copy. Where store.sqlite lies beside it, deleting it goes back to that version.",
    )
