"""A store that one user fills and another serves: all of its files can be read as any other file."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from tests.conftest import drawn_photo, encoded
from tests.interfaces.http.conftest import filled_store

from lookalike.catalogue.items import Item, View
from lookalike.retrieval.engine import SearchEngine
from lookalike.retrieval.together.baskets import Baskets
from lookalike.retrieval.together.kept import keep_baskets
from lookalike.retrieval.versions import Pointer, write_pointer

pytestmark = pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX systems")


def permissions(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_no_file_of_a_store_is_for_its_writer_alone(tmp_path, embedder):
    store = filled_store(tmp_path / "store", embedder)
    engine = SearchEngine(embedder, store)
    engine.add(Item("sent", (View(encoded(drawn_photo(7))),)))
    engine.search(encoded(drawn_photo(7)))
    keep_baskets(store.folder, Baskets((("thing/00", "thing/01"),)))
    write_pointer(store.folder, Pointer())
    plain = store.folder / "plain"
    plain.write_text("as open() makes it")
    files = {path for path in store.folder.rglob("*") if path.is_file()} - {plain}
    names = {path.name for path in files}
    assert names >= {"store.sqlite", "serving.json", "baskets.json", "confidence.json"}
    assert any(path.parent.name == "photos" for path in files)
    assert {str(path) for path in files if permissions(path) != permissions(plain)} == set()


def test_no_folder_of_a_store_is_for_its_writer_alone(tmp_path, embedder):
    store = filled_store(tmp_path / "store", embedder)
    SearchEngine(embedder, store)
    folders = [path for path in store.folder.rglob("*") if path.is_dir()]
    assert any(path.name.startswith("version-") for path in folders)
    assert {str(path) for path in folders if permissions(path) != permissions(store.folder)} == set()
