"""What Ctrl-C leaves behind, in the words of the verb that was interrupted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Interrupted(KeyboardInterrupt):
    """Ctrl-C or SIGTERM, and what was kept.

    Args:
        kept: what the user may count on, and how to go on, in a line.
    """

    def __init__(self, kept: str) -> None:
        super().__init__(kept)
        self.kept = kept


def kept_by(end: BaseException) -> str | None:
    """What the verb said that an interruption is of, however often the exception was raised anew."""
    return next((one.kept for one in _behind(end) if isinstance(one, Interrupted)), None)


def is_behind(end: BaseException, kind: type[BaseException]) -> bool:
    """Whether an exception is of a kind, or was raised while one of that kind was handled."""
    return any(isinstance(one, kind) for one in _behind(end))


def _behind(end: BaseException | None) -> Iterator[BaseException]:
    while end is not None:
        yield end
        end = end.__context__


@contextmanager
def keeping(kept: Callable[[], str]) -> Iterator[None]:
    """While it lasts, an interruption says what ``kept`` gives, in place of what all verbs say."""
    try:
        yield
    except KeyboardInterrupt as end:
        raise Interrupted(kept()) from end
