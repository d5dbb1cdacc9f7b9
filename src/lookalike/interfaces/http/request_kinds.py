"""What kind of request one is: does it change anything, does it cost work, does it show the catalogue."""

from __future__ import annotations

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_ASKING = ("/v1/search", "/v1/embed")
_WORK = ("/v1/search", "/v1/embed", "/v1/items")
_PRIVATE = ("/v1/", "/metrics", "/atlas")


def changes(method: str, path: str) -> bool:
    """Whether it changes the catalogue, so that a token that may only read is not enough.

    >>> changes("POST", "/v1/search"), changes("POST", "/v1/items")
    (False, True)
    """
    return method not in SAFE_METHODS and path not in _ASKING


def is_work(method: str, path: str) -> bool:
    """Whether it costs a search, an embedding or a commit, so that only so many may be under way."""
    if method in SAFE_METHODS:
        return path.startswith("/v1/similar/")
    return path.startswith(_WORK)


def is_private(path: str) -> bool:
    """Whether it shows something of the catalogue, so that a token is needed where there is one."""
    return path.startswith(_PRIVATE)
