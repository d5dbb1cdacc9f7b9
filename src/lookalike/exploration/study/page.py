"""The study's report as one HTML page with its figures in it."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from pathlib import Path

from lookalike.atomic import write_atomically
from lookalike.exploration.standalone import standalone_page
from lookalike.exploration.study.sections import Section, Table

SHOWN = 30  # rows of a table on the page; the CSV has them all


def write_page(sections: Sequence[Section], path: Path, *, title: str, about: Sequence[str]) -> Path:
    """Write the page and, beside it, every table as CSV.

    Args:
        sections: in order.
        path: of the HTML file; tables go to ``tables`` beside it.
        title: of the page.
        about: lines under the title: model, command, seed.
    """
    style = files("lookalike.exploration.study").joinpath("study.css").read_text(encoding="utf-8")
    contents = "".join(f"<li><a href='#s{n}'>{escape(one.title)}</a></li>" for n, one in enumerate(sections))
    body = "".join(_section(number, one) for number, one in enumerate(sections))
    for one in sections:
        for table in one.tables:
            table.to_csv(path.parent / "tables")
    path.parent.mkdir(parents=True, exist_ok=True)
    said = "".join(f"<p class='quiet'>{escape(line)}</p>" for line in about)
    whole = f"{said}<nav><ol>{contents}</ol></nav>{body}"
    write_atomically(path, standalone_page(title, style=style, body=whole))
    return path


def _section(number: int, section: Section) -> str:
    words = "".join(f"<p>{escape(line)}</p>" for line in section.words)
    figures = "".join(_figure(path, caption) for path, caption in section.figures)
    tables = "".join(_table(table) for table in section.tables)
    return (
        f"<section id='s{number}'><h2>{escape(section.title)}</h2>{words}{tables}{figures}"
        f"<p class='paper'><strong>Beside the study.</strong> {escape(section.paper)}</p></section>"
    )


def _figure(path: Path, caption: str) -> str:
    address = base64.b64encode(path.read_bytes()).decode()
    image = f"<img src='data:image/png;base64,{address}' alt='{escape(caption, quote=True)}' loading='lazy'>"
    return f"<figure>{image}<figcaption>{escape(caption)} ({escape(path.name)})</figcaption></figure>"


def _table(table: Table) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in table.head)
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(value)}</td>" for value in row) + "</tr>" for row in table.rows[:SHOWN]
    )
    more = (
        f"<p class='quiet'>and {len(table.rows) - SHOWN} more in tables/{table.name}.csv</p>"
        if len(table.rows) > SHOWN
        else ""
    )
    return f"<div class='scroll'><table><tr>{head}</tr>{rows}</table></div>{more}"
