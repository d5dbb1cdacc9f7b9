"""The pages on upgrades and engines are run as they are written."""

from __future__ import annotations

from tests.docs.test_written import ROOT, follow

import lookalike


def test_the_page_on_upgrades_can_be_followed(tmp_path, monkeypatch, item_folder, capsys):
    monkeypatch.chdir(tmp_path)
    lookalike.index(item_folder, "shop", model="histogram")
    assert follow(ROOT / "docs" / "how-to" / "upgrade.md") == 1
    assert "Difference(value=" in capsys.readouterr().out
    assert lookalike.open("shop").embedder.card.name == "histogram"
