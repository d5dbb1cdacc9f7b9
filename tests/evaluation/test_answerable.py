"""What a catalogue cannot answer is told before a photo is embedded."""

from __future__ import annotations

from pathlib import Path

import pytest

from lookalike.catalogue.items import Catalogue, Item, View
from lookalike.errors import EvaluationError
from lookalike.evaluation.answerable import check_answerable
from lookalike.evaluation.classification import Classification
from lookalike.evaluation.protocols import LeaveOneViewOut, OneKnownView, QueryGallery, Selection
from lookalike.evaluation.view_gap import ViewGap

GONE = Path("there/is/no/such/photo.jpg")
ROLES = QueryGallery(Selection("role", "back"), Selection("role", "front"))


def items(count: int, *roles: str | None) -> Catalogue:
    """Items of photos that cannot even be read, in the given roles."""
    views = tuple(View(GONE, role=role) for role in roles)
    return Catalogue(tuple(Item(f"item-{n}", views, {"category": "cup"}) for n in range(count)))


@pytest.mark.parametrize(
    "protocol", [LeaveOneViewOut(), OneKnownView(), ROLES, ViewGap(), Classification("category")]
)
def test_every_protocol_tells_without_opening_a_photo_that_it_cannot_be_answered(protocol):
    with pytest.raises(EvaluationError):
        check_answerable(items(6, "front"), protocol)


@pytest.mark.parametrize("protocol", [LeaveOneViewOut(), OneKnownView(), ROLES, ViewGap()])
def test_what_can_be_answered_is_let_through(protocol):
    check_answerable(items(6, "front", "back"), protocol, by=["category"])


def test_a_column_that_nothing_has_is_refused_with_those_that_there_are():
    with pytest.raises(EvaluationError, match="'shop'") as caught:
        check_answerable(items(6, "front", "back"), LeaveOneViewOut(), by=["shop"])
    assert "category" in caught.value.hint
