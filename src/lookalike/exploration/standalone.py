"""The frame of a report that is one HTML file: no script, nothing loaded from elsewhere."""

from __future__ import annotations

from html import escape


def standalone_page(title: str, *, style: str, body: str) -> str:
    """A whole page whose content policy allows its own style and embedded pictures only.

    Args:
        title: plain text; shown as the heading, too.
        style: CSS.
        body: HTML below the heading, already escaped.
    """
    return (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{escape(title)}</title>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; img-src data:; "
        f"style-src 'unsafe-inline'\"><style>{style}</style></head><body><h1>{escape(title)}</h1>"
        f"{body}</body></html>"
    )
