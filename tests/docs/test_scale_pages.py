"""The pages on upgrades and engines are run as they are written."""

from __future__ import annotations

import shutil

import pytest

import lookalike
from tests.docs.test_written import ROOT, follow


def test_the_page_on_upgrades_can_be_followed(tmp_path, monkeypatch, item_folder, capsys):
    monkeypatch.chdir(tmp_path)
    lookalike.index(item_folder, "shop", model="histogram")
    assert follow(ROOT / "docs" / "how-to" / "upgrade.md") == 1
    assert "Difference(value=" in capsys.readouterr().out
    assert lookalike.open("shop").embedder.card.name == "histogram"


def test_the_page_on_milvus_can_be_followed(tmp_path, monkeypatch, item_folder, capsys):
    pytest.importorskip("milvus_lite", reason="needs the milvus extra")
    monkeypatch.chdir(tmp_path)
    lookalike.index(item_folder, "shop", model="descriptor")
    shutil.copy(next((item_folder / "cups").rglob("*.png")), "photo.jpg")
    assert follow(ROOT / "docs" / "how-to" / "milvus.md") == 2
    shown = capsys.readouterr().out
    assert "item-" in shown
    assert shown.rstrip().endswith("True")
