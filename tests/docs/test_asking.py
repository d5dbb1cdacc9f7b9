"""The page on further ways to ask is followed, command by command, in a small drawn shop."""

from __future__ import annotations

from pathlib import Path

import lookalike
from lookalike.catalogue.items import Catalogue, Item, View
from tests.docs.test_written import follow
from tests.retrieval.asking.conftest import thing

ROOT = Path(__file__).resolve().parents[2]
LOOKS = {"mug": "disc", "bowl": "ring", "tray": "bar"}


def test_the_page_on_asking_can_be_followed_to_its_end(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    items = []
    for kind, form in LOOKS.items():
        for colour in ("red", "navy", "green", "yellow"):
            path = tmp_path / f"{kind}-{colour}.png"
            thing(form, colour).save(path)
            facts = {"title": f"{colour} {kind}", "colour": colour}
            items.append(Item(f"{kind}-{len(items):04d}", (View(path),), facts))
    lookalike.index(Catalogue(tuple(items), source="drawn"), "shop", model="descriptor")
    for name, colour in (("photo.jpg", "red"), ("back.jpg", "red"), ("other.jpg", "green")):
        thing("disc", colour, view=2).save(tmp_path / name)
    shown = follow(ROOT / "docs" / "how-to" / "ask.md")
    assert shown > 9
    out = capsys.readouterr().out
    assert "% colour" in out
    assert "'shape'" in out
