"""A ranking as HTML: a fragment for notebooks, and a page that stands alone."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from html import escape
from importlib.resources import files

from lookalike.retrieval.pictures import Look, data_uri, look_of, other_views
from lookalike.retrieval.ranking import Match, Ranking

LARGE_PX, SMALL_PX = 360, 96
QUERY_PHOTOS = 4
SMALL_VIEWS = 5


def ranking_fragment(ranking: Ranking) -> str:
    """The ranking as HTML with its style and its pictures inside; names of items are escaped."""
    photos = ranking.photos[:QUERY_PHOTOS]
    query = "".join(
        _image(Look(photo.source, photo.crop), LARGE_PX, f"query photo {number}")
        for number, photo in enumerate(photos, start=1)
    )
    hidden = len(ranking.photos) - len(photos)
    more = f"<p class='ll-quiet'>and {hidden} more</p>" if hidden else ""
    more += "".join(f"<p class='ll-asked'>{escape(line)}</p>" for line in ranking.asked)
    cards = "".join(_card(rank, match) for rank, match in enumerate(ranking, start=1))
    found = f"<ol>{cards}</ol>" if cards else "<p class='ll-quiet'>No item matches.</p>"
    return (
        f"<style>{_style()}</style><div class='ll-ranking'>"
        f"<section class='ll-query ll-{'one' if len(photos) == 1 else 'many'}'><h2>Query</h2>"
        f"<div>{query}</div>{more}</section>"
        f"<section class='ll-found'><h2>Best matches</h2>{found}</section></div>"
    )


def ranking_page(ranking: Ranking) -> str:
    """The ranking as a page that needs nothing beside itself and runs no script."""
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<title>Best matches</title></head><body class='ll-page'>{ranking_fragment(ranking)}</body></html>"
    )


def _card(rank: int, match: Match) -> str:
    others = other_views(match, SMALL_VIEWS)
    small = "".join(_image(look_of(view), SMALL_PX, view.role or "another view") for view in others)
    hidden = len(match.views) - 1 - len(others)
    more = f"<span class='ll-quiet'>+{hidden}</span>" if hidden else ""
    return (
        f"<li>{_image(look_of(match.view), LARGE_PX, 'the view that matched', marked=True)}"
        f"<p class='ll-line'><b>{rank}</b> <span class='ll-item'>{escape(match.item)}</span>"
        f"<span class='ll-score'>{match.score:.3f}</span></p>"
        f"<p class='ll-quiet'>{escape(_facts(match))}</p><div class='ll-others'>{small}{more}</div></li>"
    )


def _facts(match: Match) -> str:
    role = f"{match.view.role}, " if match.view.role else ""
    views = f"view {match.matched + 1} of {len(match.views)}" if len(match.views) > 1 else "its only view"
    return " · ".join([f"{role}{views}", *_told(match)])


def _told(match: Match) -> Iterable[str]:
    """The attributes that people know an item by."""
    known = ("title", "category", "colour", "color", "price")
    return [str(match.attributes[name]) for name in known if name in match.attributes]


def _image(look: Look, long_side_px: int, alt: str, *, marked: bool = False) -> str:
    kind = "ll-marked" if marked else ""
    address = data_uri(look, long_side_px)
    if address is None:
        return (
            f"<span class='ll-photo ll-gone {kind}' role='img' aria-label='{escape(alt)}'>photo gone</span>"
        )
    return f"<img class='ll-photo {kind}' src='{address}' alt='{escape(alt)}'>"


@cache
def _style() -> str:
    return files("lookalike.retrieval").joinpath("figure.css").read_text(encoding="utf-8")
