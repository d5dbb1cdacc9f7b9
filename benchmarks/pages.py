"""Tables of the studies are made, not typed: they stand between two comments of their page."""

from __future__ import annotations

import re
from pathlib import Path


def put_table(page: Path, name: str, table: str) -> None:
    """Put a table between ``<!-- NAME -->`` and ``<!-- /NAME -->`` of a page."""
    text = page.read_text()
    between = re.compile(rf"(<!-- {name} -->\n).*?(\n?<!-- /{name} -->)", re.DOTALL)
    if not between.search(text):
        raise ValueError(f"{page} has no place for the table {name!r}: <!-- {name} --> ... <!-- /{name} -->")
    page.write_text(between.sub(lambda found: f"{found[1]}\n{table}\n{found[2]}", text))
