"""A MkDocs hook: an interval such as [0.11, 0.29] is never broken over two lines of a table."""

from __future__ import annotations

import re
from typing import Any

INTERVAL = re.compile(r"\[([+-]?[\d.]+), ([+-]?[\d.]+)\]")


def on_page_content(html: str, **_: Any) -> str:
    """The page with intervals held together by no-break spaces."""
    return INTERVAL.sub("[\\1,\u00a0\\2]", html)
