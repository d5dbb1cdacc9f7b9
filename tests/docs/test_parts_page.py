"""The page on parts and reasons is followed, command by command."""

from __future__ import annotations

import lookalike
from lookalike.demo.catalogue import Recipe, draw_catalogue
from lookalike.retrieval.parts import scene
from lookalike.retrieval.parts.boxes import windows
from tests.docs.test_written import ROOT, follow


def test_the_page_on_parts_can_be_followed_to_its_end(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(scene, "windows", lambda *size, **how: windows(*size, **how)[:12])  # quick
    monkeypatch.setattr(scene, "around", lambda *_, **__: [])
    draw_catalogue(tmp_path / "photos", Recipe(items=3, views=3, size_px=96))
    (room,) = sorted((tmp_path / "photos").rglob("02_room.jpg"))[:1]
    (tmp_path / "photo.jpg").write_bytes(room.read_bytes())
    lookalike.index(tmp_path / "photos", tmp_path / "shop")
    assert follow(ROOT / "docs" / "how-to" / "parts.md") >= 6
    assert (tmp_path / "why.png").stat().st_size > 10_000
    assert (tmp_path / "marked.png").stat().st_size > 1000
    assert "colour" in capsys.readouterr().out
