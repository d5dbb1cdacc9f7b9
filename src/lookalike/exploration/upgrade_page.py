"""What an upgrade changes, as one HTML page: the figures, and photo strips of old and new answers."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from pathlib import Path

from lookalike.atomic import write_atomically
from lookalike.evaluation.upgrade_report import NOT_FOUND, Answer, Change, UpgradeComparison
from lookalike.exploration.standalone import standalone_page
from lookalike.retrieval.pictures import data_uri, look_of
from lookalike.retrieval.records import StoredView

SHOWN, STRIP = 12, 6
PHOTO_PX = 144


def write_upgrade_page(comparison: UpgradeComparison, path: Path) -> Path:
    """Write the page: figures, then the worst, the best and the most different answers.

    Args:
        comparison: what was asked of both versions.
        path: of the HTML file.
    """
    sections = (
        ("Worse", "The item was found before, and is not found or stands further down now.",
         comparison.worse()),
        ("Better", "The item stands higher now.", comparison.better()),
        ("Most different", "The answers that have least in common, right or wrong.",
         comparison.by_difference()),
    )  # fmt: skip
    said = (
        "<p>Each row shows the photo that was asked, then the first items of the old model above those of "
        "the new one. That photo is left out of its own item; <span class='key'>a frame</span> marks the "
        "item that should be found.</p>"
    )
    body = said + _table(comparison) + "".join(_section(*section) for section in sections)
    style = files("lookalike.exploration").joinpath("upgrade.css").read_text(encoding="utf-8")
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, standalone_page("Old and new model", style=style, body=body))
    return path


def _table(comparison: UpgradeComparison) -> str:
    rows = [
        f"<tr><th>{escape(gain.name)}</th><td>{_interval(gain.old)}</td><td>{_interval(gain.new)}</td>"
        f"<td>{gain.difference.value:+.3f} "
        f"<small>[{gain.difference.low:+.3f}, {gain.difference.high:+.3f}]</small></td></tr>"
        for gain in comparison.gains
    ]
    head = (
        f"<tr><th></th><th>old: {escape(comparison.old)}</th><th>new: {escape(comparison.new)}</th>"
        "<th>new less old</th></tr>"
    )
    table = f"<table>{head}{''.join(rows)}</table>" if rows else "<p>No item has two views.</p>"
    return (
        f"{table}<p>Of the first {comparison.k} items {_interval(comparison.overlap)} are the same, of the "
        f"first ones {_interval(comparison.same_first)}. {comparison.queries} of {comparison.views} views "
        f"were asked, {comparison.recall_queries} of them of items with another view; 95% intervals over "
        f"items, paired; seed {comparison.seed}.</p>"
    )


def _interval(found: object) -> str:
    value, low, high = (getattr(found, name) for name in ("value", "low", "high"))
    return f"{value:.3f} <small>[{low:.3f}, {high:.3f}]</small>"


def _section(title: str, said: str, changes: list[Change]) -> str:
    rows = "".join(map(_row, changes[:SHOWN])) or "<p>None.</p>"
    count = f"{SHOWN} of {len(changes)}" if len(changes) > SHOWN else str(len(changes))
    return f"<section><h2>{title} · {count}</h2><p>{said}</p>{rows}</section>"


def _row(change: Change) -> str:
    asked = _photo(change.view, f"{change.item} {change.view.role or ''}", kind="asked")
    return (
        f"<article>{asked}<div><h3>{escape(change.item)}</h3>"
        f"{_strip('old', change.old, change.item)}{_strip('new', change.new, change.item)}</div></article>"
    )


def _strip(name: str, answer: Answer, item: str) -> str:
    rank = "not found" if answer.rank == NOT_FOUND else f"rank {answer.rank}"
    shown = zip(answer.items[:STRIP], answer.views[:STRIP], strict=True)
    photos = "".join(_photo(view, found, kind="own" if found == item else "") for found, view in shown)
    return f"<div class='strip'><span class='who'><b>{name}</b><br>{rank}</span>{photos}</div>"


def _photo(view: StoredView, name: str, *, kind: str) -> str:
    address = data_uri(look_of(view), PHOTO_PX)
    said = escape(name.strip())
    if address is None:
        return f"<span class='photo gone {kind}' title='{said}'>photo gone</span>"
    return f"<img class='photo {kind}' src='{address}' alt='{said}' title='{said}'>"
