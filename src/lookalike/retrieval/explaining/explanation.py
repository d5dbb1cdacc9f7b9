"""A match explained: the two photos that met, with the places that agree."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lookalike.catalogue.photos import Photo, read_photo
from lookalike.embedding.embedder import Embedder
from lookalike.errors import StoreError
from lookalike.retrieval.engine import SearchEngine
from lookalike.retrieval.explaining.agreement import Agreement, explainer_of
from lookalike.retrieval.pictures import Look, look_of
from lookalike.retrieval.query import QueryPhoto, weigh_colour
from lookalike.retrieval.records import StoredView
from lookalike.retrieval.snapshot import Snapshot


@dataclass(frozen=True, eq=False)
class Explanation:
    """Why an item was found.

    Args:
        item: its id.
        view: the view of it that fits the photo best.
        look: the photo that was asked.
        agreement: what the two have in common, and where.
    """

    item: str
    view: StoredView
    look: Look
    agreement: Agreement

    @property
    def view_look(self) -> Look:
        """The catalogue's photo as it was compared."""
        return look_of(self.view)

    def to_dict(self) -> dict[str, Any]:
        """The explanation as JSON has it; heat is 0 to 1, row by row over the photo (or its crop)."""
        return {
            "item": self.item,
            "view": self.view.id,
            "path": str(self.view.path),
            "role": self.view.role,
            **agreement_facts(self.agreement),
        }

    def save(self, out: str | Path) -> Path:
        """Draw it as a picture (``.png``) or as a page that stands alone (``.html``).

        Raises:
            SettingsError: another ending, or the file cannot be written.
        """
        from lookalike.retrieval.explaining.drawing import draw_explanation

        return draw_explanation(self, Path(out))

    def _repr_html_(self) -> str:
        from lookalike.retrieval.explaining.drawing import explanation_fragment

        return explanation_fragment(self)


def agreement_facts(agreement: Agreement) -> dict[str, Any]:
    """An agreement as JSON has it."""
    return {
        "score": round(agreement.score, 6),
        "method": agreement.method,
        "shares": {kind: round(share, 4) for kind, share in agreement.shares.items()},
        "places": [
            {
                "photo": [round(share, 4) for share in place.first],
                "view": [round(share, 4) for share in place.second],
                "likeness": round(place.likeness, 4),
            }
            for place in agreement.places
        ],
        "photo_heat": np.round(agreement.first.on_photo, 3).tolist(),
        "view_heat": np.round(agreement.second.on_photo, 3).tolist(),
    }


def explain(
    engine: SearchEngine,
    photo: str | Path | bytes | QueryPhoto,
    item: str | None = None,
    *,
    colour: float | None = None,
) -> Explanation:
    """Why an item is like a photo.

    Args:
        engine: whose model and store are asked.
        photo: a file, bytes, or a part of one.
        item: to explain, by id; by default the best match.
        colour: the dial, as in the search.

    Raises:
        QueryError: there is no such item, or the dial cannot be followed.
        PhotoError: the photo, or the item's, cannot be read.
        StoreError: the store is empty.
    """
    asked = photo if isinstance(photo, QueryPhoto) else _query_photo(photo)
    serving = engine.serving
    decoded = read_photo(asked.source, size_px=serving.embedder.card.size_px, crop=asked.crop)
    snapshot = serving.index.snapshot
    wanted = item if item is not None else engine.search(asked, k=1, colour=colour)[0].item
    found, agreement = explained(serving.embedder, snapshot, decoded, wanted, colour=colour)
    return Explanation(wanted, found, Look(asked.source, asked.crop), agreement)


def explained(
    embedder: Embedder,
    snapshot: Snapshot,
    photo: Photo,
    item: str,
    *,
    view: int | None = None,
    colour: float | None = None,
) -> tuple[StoredView, Agreement]:
    """As ``explain``, for a photo that was decoded already.

    Args:
        embedder, snapshot: that belong together.
        photo: decoded for the embedder.
        item: id of the item.
        view: which of its views; by default the one that fits best.
        colour: the dial.

    Raises:
        QueryError: there is no such item, or the dial cannot be followed.
        PhotoError: the item's photo cannot be read any more.
        StoreError: the store is empty.
    """
    if not len(snapshot):
        raise StoreError("The store has no items.", hint="Fill it: lookalike index PHOTOS --store STORE")
    place = snapshot.place(item)
    number = _closest(embedder, snapshot, photo, place, colour) if view is None else view
    chosen = snapshot.item(place).views[number]
    other = read_photo(chosen.path, size_px=embedder.card.size_px, crop=chosen.crop)
    return chosen, explainer_of(embedder).agreement(photo, other, colour=colour)


def _query_photo(photo: str | Path | bytes) -> QueryPhoto:
    return QueryPhoto(photo if isinstance(photo, bytes) else Path(photo))


def _closest(embedder: Embedder, snapshot: Snapshot, photo: Photo, place: int, colour: float | None) -> int:
    vector = embedder.encode([photo])[0]
    if colour is not None:
        vector = weigh_colour(vector, embedder.card, colour)
    return int(np.argmax(snapshot.vectors(place) @ vector))
