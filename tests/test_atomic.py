from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from lookalike.atomic import replacing, write_atomically

OLD, NEW = "the old file", "the new file"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "papers.json"
    path.write_text(OLD)
    return path


def alone(file: Path) -> bool:
    return list(file.parent.iterdir()) == [file]


def test_a_file_is_replaced_and_no_draft_is_left(file):
    write_atomically(file, NEW)
    assert file.read_text() == NEW
    assert alone(file)


def test_until_the_draft_is_whole_the_old_file_stays(file):
    with replacing(file) as draft:
        draft.write_text(NEW[:4])
        assert file.read_text() == OLD
        draft.write_text(NEW)
    assert file.read_text() == NEW


@pytest.mark.parametrize("end", [OSError("disk full"), KeyboardInterrupt()], ids=["disk", "Ctrl-C"])
def test_a_writer_that_fails_leaves_the_old_file_and_no_draft(file, end):
    def write() -> None:
        with replacing(file) as draft:
            draft.write_text(NEW[:4])
            raise end

    with pytest.raises(type(end)):
        write()
    assert file.read_text() == OLD
    assert alone(file)


def test_a_writer_that_wrote_nothing_is_told(file):
    with pytest.raises(FileNotFoundError), replacing(file):
        pass
    assert file.read_text() == OLD


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX systems")
def test_others_may_read_it_as_any_file_of_this_user(file):
    plain = file.with_name("plain")
    plain.write_text("as open() makes it")
    write_atomically(file, NEW)
    assert stat.S_IMODE(file.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)


def test_the_draft_keeps_the_ending_that_writers_go_by(tmp_path: Path):
    with replacing(tmp_path / "vectors.npz") as draft:
        np.savez(draft, one=np.ones(3))
    assert np.load(tmp_path / "vectors.npz")["one"].sum() == 3


def test_many_writers_of_one_file_leave_one_of_their_texts(file):
    texts = [str(number) * 5000 for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda text: write_atomically(file, text), texts * 4))
    assert file.read_text() in texts
    assert alone(file)


def test_drafts_of_killed_writers_do_not_pile_up_where_there_is_one_writer(file):
    file.with_name("draft-papers.json").write_text("a draft whose writer was killed")
    with replacing(file, alone=True) as draft:
        draft.write_text(NEW)
    assert file.read_text() == NEW
    assert alone(file)
