"""The parts of a sent photo that a search tries beside the whole."""

from __future__ import annotations

from dataclasses import replace

from lookalike.interfaces.http.forms import SentPhoto
from lookalike.interfaces.http.problems import Problem
from lookalike.interfaces.http.service import Service
from lookalike.retrieval.parts.proposals import propose, within


def with_parts(service: Service, photos: list[SentPhoto], count: int, *, deadline: float) -> list[SentPhoto]:
    """The photo and parts of it that may frame its item.

    Raises:
        Problem: there is not exactly one photo.
        PhotoError: it cannot be used.
    """
    if not count:
        return photos
    if len(photos) != 1:
        raise Problem(422, f"parts: there are {len(photos)} photos.", "Send one photo to try parts of it.")
    (photo,) = photos
    embedder = service.model.embedder
    (decoded,) = service.decode(photos, deadline=deadline, size_px=embedder.card.size_px)
    found = propose(embedder, decoded, most=count)
    return [photo, *(replace(photo, crop=within(photo.crop, part.box)) for part in found)]
