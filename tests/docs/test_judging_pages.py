"""The pages on what is said beside an answer, followed as a reader would in a small shop."""

from __future__ import annotations

from pathlib import Path

import pytest

import lookalike
from tests.conftest import drawn_photo, encoded
from tests.docs.test_written import ROOT, follow

HOW_TO = ROOT / "docs" / "how-to"
ROLES = ("front", "back", "side")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the store of 24 drawn items in two categories, and a photo of one of them."""
    folder = tmp_path_factory.mktemp("shop")
    for item in range(24):
        home = folder / "photos" / ("cups" if item % 2 else "hats") / f"item-{item:02d}"
        home.mkdir(parents=True)
        for view, role in enumerate(ROLES):
            drawn_photo(item, size=(96 + 8 * view, 80)).save(home / f"{view}_{role}.png")
    lookalike.index(folder / "photos", folder / "shop", model="descriptor")
    (folder / "photo.jpg").write_bytes(encoded(drawn_photo(5, size=(100, 84)), "JPEG"))
    return folder


def test_the_page_on_how_sure_an_answer_is_can_be_followed(shop, monkeypatch, capsys):
    monkeypatch.chdir(shop)
    assert follow(HOW_TO / "confidence.md") == 4
    shown = capsys.readouterr().out
    assert "The same item: " in shown
    assert "said to be the same item, and so it was:" in shown
    assert (shop / "curves.png").stat().st_size > 5000


def test_the_page_on_what_a_photo_shows_can_be_followed(shop, monkeypatch, capsys):
    monkeypatch.chdir(shop)
    assert follow(HOW_TO / "categorise.md") == 3
    assert "█" in capsys.readouterr().out
    assert (shop / "bars.png").stat().st_size > 1000


def test_the_page_on_lists_and_what_goes_together_can_be_followed(shop, monkeypatch, capsys):
    pytest.importorskip("pyarrow")
    monkeypatch.chdir(shop)
    items = [item.name for kind in ("cups", "hats") for item in sorted((shop / "photos" / kind).iterdir())]
    assert "item-01" in items
    rows = ["basket_id,item_id"]
    rows += [f"{n},{item}" for n in range(4) for item in ("cups/item-01", "hats/item-02")]
    (shop / "baskets.csv").write_text("\n".join(rows) + "\n")
    assert follow(HOW_TO / "lists.md") == 6
    shown = capsys.readouterr()
    assert "hats/item-02" in shown.out
    assert "kept: 4 baskets" in shown.err
    assert (shop / "lists.csv").read_text().count("\n") == 24 * 20 + 1
