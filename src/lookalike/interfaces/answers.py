"""What a client of the HTTP door sends and gets, as frozen values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, overload

Attributes = Mapping[str, str | bool | int | float]


@dataclass(frozen=True, slots=True)
class Part:
    """A photo, the part of it that counts, and how the item is seen on it.

    Args:
        photo: a file or its bytes.
        crop: (left, top, right, bottom) as shares of width and height, 0 to 1; None for all.
        role: such as ``front`` or ``back``; for photos of items that are stored.
    """

    photo: str | Path | bytes
    crop: tuple[float, float, float, float] | None = None
    role: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What is asked in one question; everything is optional, but something must be looked for.

    Args:
        photos: of one thing: files, bytes, or ``Part``.
        unlike: photos of what it should not look like.
        items, unlike_items: the same, by the ids of items.
        plus, minus: items whose looks are added, or taken away.
        palette: colours in place of the photos' own, such as ``red 70%, white``.
        words: what it is, such as ``red canvas shoe``.
        where: filters, such as ``{"colour": ["red"], "price": {"low": 10}}``.
        colour: how much colour counts against form, 0 to 1; None as the model has it.
        min_score: items below are left out.
        pooling: of several photos: ``mean``, ``best``, ``top2`` or ``centroid``; None takes the mean.
    """

    photos: Sequence[str | Path | bytes | Part] = ()
    unlike: Sequence[str | Path | bytes | Part] = ()
    items: Sequence[str] = ()
    unlike_items: Sequence[str] = ()
    plus: Sequence[str] = ()
    minus: Sequence[str] = ()
    palette: str | None = None
    words: str = ""
    where: Mapping[str, Any] = field(default_factory=dict)
    colour: float | None = None
    min_score: float | None = None
    pooling: str | None = None

    def facts(self) -> dict[str, Any]:
        """All but the photos, as the server takes it."""
        told: dict[str, Any] = {
            name: list(getattr(self, name)) for name in ("items", "unlike_items", "plus", "minus")
        }
        told["where"] = dict(self.where)
        return {
            **told,
            **{name: getattr(self, name) for name in ("palette", "words", "colour", "min_score", "pooling")},
        }


@dataclass(frozen=True, slots=True)
class SeenView:
    """A photo of an item, by the id that ``Client.thumbnail`` shows."""

    id: str
    role: str | None = None


@dataclass(frozen=True, slots=True)
class CatalogueItem:
    """An item of the catalogue."""

    id: str
    attributes: Attributes
    views: tuple[SeenView, ...]

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> CatalogueItem:
        """From the server's JSON."""
        return cls(told["id"], told["attributes"], _views(told))


@dataclass(frozen=True, slots=True)
class Answer:
    """One item that was found.

    Args:
        item: its id.
        score: higher is closer.
        verdict: ``same``, ``similar`` or ``far``; None where the score's meaning is not known.
        view: the view that met the query.
        query_photo: the number of the query's photo that it met.
        terms: what adds up to the score: form and colour, words, and what dislikes took.
        attributes, views: of the item.
    """

    item: str
    score: float
    verdict: str | None
    view: str
    query_photo: int
    terms: Mapping[str, float]
    attributes: Attributes
    views: tuple[SeenView, ...]


@dataclass(frozen=True, slots=True)
class Found(Sequence[Answer]):
    """The answers, best first, all of one version of the store.

    Args:
        answers: may be fewer than were asked for.
        probably_absent: whether the thing is probably not in the catalogue; None where nobody knows.
        confidence: the probabilities ``same``, ``other`` and ``absent``, the ``difficulty`` of the photo, and
            the ``verdict``; None where nobody knows.
        advice: the ``role`` of a further photo that would help; None where none would.
        model: fingerprint of the model that compared.
        store_version: that was searched.
        took_ms: in the server.
    """

    answers: tuple[Answer, ...]
    probably_absent: bool | None
    confidence: Mapping[str, Any] | None
    advice: Mapping[str, Any] | None
    model: str
    store_version: int
    took_ms: float

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Found:
        """From the server's JSON."""
        answers = tuple(
            Answer(
                match["item"],
                match["score"],
                match["verdict"],
                match["view"],
                match["query_photo"],
                match["terms"],
                match["attributes"],
                _views(match),
            )
            for match in told["matches"]
        )
        sure = told["probably_absent"], told["confidence"], told["advice"]
        return cls(answers, *sure, told["model"], told["store_version"], told["took_ms"])

    def __len__(self) -> int:
        return len(self.answers)

    @overload
    def __getitem__(self, index: int) -> Answer: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Answer, ...]: ...
    def __getitem__(self, index: int | slice) -> Answer | tuple[Answer, ...]:
        return self.answers[index]

    def __iter__(self) -> Iterator[Answer]:
        return iter(self.answers)


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the items that pass a filter; ``total`` pass it."""

    items: tuple[CatalogueItem, ...]
    total: int
    store_version: int

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Page:
        """From the server's JSON."""
        return cls(tuple(map(CatalogueItem.of, told["items"])), told["total"], told["store_version"])


@dataclass(frozen=True, slots=True)
class Stored:
    """An item that was stored; ``outcome`` is ``added``, ``replaced`` or ``unchanged``."""

    item: CatalogueItem
    outcome: str
    store_version: int

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Stored:
        """From the server's JSON."""
        return cls(CatalogueItem.of(told["item"]), told["outcome"], told["store_version"])


def _views(told: Mapping[str, Any]) -> tuple[SeenView, ...]:
    return tuple(SeenView(view["id"], view["role"]) for view in told["views"])
