"""The Python in the how-to runs, on a small drawn catalogue."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import lookalike

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "explore.md"


def test_the_how_to_can_be_followed(item_folder, tmp_path, monkeypatch, capsys):
    lookalike.index(item_folder, tmp_path / "shop", model="descriptor")
    monkeypatch.chdir(tmp_path)
    known: dict[str, object] = {}
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), known)
    assert len(blocks) >= 2
    assert "t-SNE" in capsys.readouterr().out


def test_every_verb_of_the_how_to_runs(item_folder, tmp_path, monkeypatch):
    from lookalike.interfaces.cli import main

    lookalike.index(item_folder, tmp_path / "shop", model="descriptor")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").symlink_to(item_folder)
    commands = re.findall(r"^lookalike ((?!study).*)$", PAGE.read_text(), re.MULTILINE)
    for command in commands:
        with pytest.raises(SystemExit) as end:
            main(command.split())
        assert end.value.code in (0, None), command
    assert (tmp_path / "shop" / "atlas.html").is_file()
    assert (tmp_path / "clusters" / "medoids.png").is_file()
    assert (tmp_path / "health" / "health.html").is_file()
    assert len(commands) >= 4


@pytest.mark.train
def test_the_page_about_dec_can_be_followed(three_groups, tmp_path, monkeypatch):
    pytest.importorskip("torch")
    monkeypatch.chdir(tmp_path)
    page = PAGE.parents[1] / "studies" / "clusters.md"
    (block,) = re.findall(r"^```python\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)
    known = {"seen": three_groups, "new_vectors": three_groups.matrix[:2], "Path": Path}
    exec(compile(block, str(page), "exec"), known)
    assert (tmp_path / "clusters" / "dec.safetensors").is_file()
