"""The health report as one HTML page with the photos in it."""

from __future__ import annotations

import base64
from html import escape
from importlib.resources import files
from pathlib import Path

from lookalike.atomic import write_atomically
from lookalike.catalogue.items import View
from lookalike.catalogue.photos import thumbnail
from lookalike.errors import PhotoError
from lookalike.evaluation.evaluated import Evaluated
from lookalike.exploration.health.findings import KINDS, Finding, HealthReport
from lookalike.exploration.standalone import standalone_page

SHOWN = 40  # findings of a kind on the page; the CSV has them all
PHOTOS = 6  # photos of a finding
THUMBNAIL_PX = 128


def write_health_page(report: HealthReport, seen: Evaluated, path: Path, *, title: str = "Health") -> Path:
    """Write the page: a table of kinds, then the surest findings of each with their photos.

    Args:
        report: the findings.
        seen: what was checked; photos are taken from it.
        path: of the HTML file.
        title: of the page.
    """
    style = files("lookalike.exploration.health").joinpath("health.css").read_text(encoding="utf-8")
    counts = report.counts()
    lines = "".join(
        f"<tr><td class='n'>{count}</td><td><a href='#{kind}'>{kind}</a></td><td>{KINDS[kind]}</td></tr>"
        for kind, count in counts.items()
    )
    sections = "".join(_section(report, seen, kind) for kind, count in counts.items() if count)
    notes = "".join(f"<p class='quiet'>{escape(note)}</p>" for note in report.notes)
    path.parent.mkdir(parents=True, exist_ok=True)
    said = (
        f"<p>{report.items} items, {report.photos} photos, {len(report.findings)} findings. A finding is a "
        "hint with a score, not a verdict: look before you act.</p>"
    )
    body = f"{said}{notes}<table>{lines}</table>{sections}"
    write_atomically(path, standalone_page(title, style=style, body=body))
    return path


def _section(report: HealthReport, seen: Evaluated, kind: str) -> str:
    found = report.of(kind)
    more = f"<p class='quiet'>and {len(found) - SHOWN} more in the CSV</p>" if len(found) > SHOWN else ""
    parts = "".join(_article(one, seen) for one in found[:SHOWN])
    return (
        f"<section id='{kind}'><h2>{kind.replace('_', ' ')} · {len(found)}</h2>"
        f"<p class='quiet'>{KINDS[kind]}</p>{parts}{more}</section>"
    )


def _article(finding: Finding, seen: Evaluated) -> str:
    rows = list(finding.rows)
    if finding.kind in ("wrong_photo", "missing_role", "blurred", "dark"):  # its other views beside it
        rows += [r for r, item in enumerate(seen.items) if item.id == finding.item and r not in rows]
    photos = "".join(_photo(seen.views[row], seen.items[row].id) for row in rows[:PHOTOS])
    others = f"<p class='quiet'>with {escape(', '.join(finding.others[:6]))}</p>" if finding.others else ""
    names = "<br>".join(escape(name) for name in finding.views[:3])
    return (
        f"<article><div><p><span class='score'>{finding.score:.2f}</span>"
        f"<strong>{escape(finding.item)}</strong></p>{others}"
        f"<p>{escape(finding.reason)}</p><p class='quiet'>{names}</p></div>"
        f"<div class='photos'>{photos}</div></article>"
    )


def _photo(view: View, name: str) -> str:
    try:
        content = thumbnail(view.source, long_side_px=THUMBNAIL_PX)
    except PhotoError:
        return "<span class='gone'>photo gone</span>"
    address = base64.b64encode(content).decode()
    return f"<img src='data:image/jpeg;base64,{address}' alt='{escape(name, quote=True)}' loading='lazy'>"
