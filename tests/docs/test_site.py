"""The site as a whole: the first page leads everywhere, and figures stay in one piece."""

from __future__ import annotations

import runpy
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_first_page_leads_to_every_how_to():
    first = (DOCS / "index.md").read_text()
    missing = [page.name for page in (DOCS / "how-to").glob("*.md") if f"(how-to/{page.name})" not in first]
    assert missing == []


def test_an_interval_is_not_broken_over_two_lines():
    hold = runpy.run_path(str(DOCS / "stylesheets" / "intervals.py"))["on_page_content"]
    assert hold("<td>0.195 [0.11, 0.29]</td>", page=None) == "<td>0.195 [0.11,\u00a00.29]</td>"
    assert hold("+0.01 [-0.07, +0.09], [a, b]") == "+0.01 [-0.07,\u00a0+0.09], [a, b]"
