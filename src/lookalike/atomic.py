"""Files written whole or not at all: a kill at any byte leaves the old file or the new one, never a mix."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path, *, drafts: Path | None = None, alone: bool = False) -> Iterator[Path]:
    """A draft to be written in place of ``path``: synced and moved there when the block ends, else removed.

    It has the ending of ``path``, and the permissions of any new file: a temporary file's would shut other
    users out.

    Args:
        path: of the file; what lies there stays until the draft is whole.
        drafts: folder of the draft, on the same disk; that of the file if None.
        alone: nobody else writes this file, so that one draft's name will do, and large drafts of killed
            writers do not pile up; else each draft has a name of its own, and two writers never meet in one.

    Raises:
        OSError: the disk refuses; the file is as it was.
    """
    name = path.stem if alone else secrets.token_hex(8)
    draft = (drafts or path.parent) / f"draft-{name}{path.suffix}"
    try:
        yield draft
        with draft.open("r+b") as written:
            os.fsync(written.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def write_atomically(path: Path, content: bytes | str, *, drafts: Path | None = None) -> None:
    """Write bytes, or text as UTF-8, in place of what ``path`` holds (see ``replacing``)."""
    with replacing(path, drafts=drafts) as draft:
        draft.write_bytes(content.encode() if isinstance(content, str) else content)


def sync_folder(folder: Path) -> None:
    """Make renames in a folder last; systems that cannot sync a folder do so by themselves."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        return
    finally:
        os.close(handle)
