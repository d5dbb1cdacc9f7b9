"""The route that says what goes with an item."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from lookalike.errors import StoreError
from lookalike.interfaces.http.contract import problems
from lookalike.interfaces.http.lookup import item_facts
from lookalike.interfaces.http.problems import Problem, not_found
from lookalike.interfaces.http.schemas import MOST_K, Item
from lookalike.interfaces.http.service import Served

router = APIRouter(prefix="/v1", tags=["search"])


class Companion(Item):
    """An item that goes with another."""

    score: float = Field(description="Higher goes better.")
    together: int = Field(description="In how many baskets both were.")


class Companions(BaseModel):
    """What goes with an item, best first."""

    companions: list[Companion]
    store_version: int


@router.get("/goes-with/{item:path}", response_model=Companions, responses=problems(401, 404, 422, 429, 503))
def goes_with(
    item: str,
    service: Served,
    k: Annotated[int, Query(ge=1, le=MOST_K, description="How many items.")] = 12,
) -> JSONResponse:
    """What goes with an item, by what was bought, worn or furnished together."""
    shelf = service.shelf
    if item not in shelf.snapshot.places:
        raise not_found(item)
    try:
        found = service.engine.goes_with(item, k)
    except StoreError as error:
        raise Problem(404, error.message, error.hint) from error
    told: list[dict[str, Any]] = []
    for one in found:
        known = shelf.item(one.item)
        if known is not None:
            told.append({**item_facts(known), "score": round(one.score, 6), "together": one.together})
    return JSONResponse({"companions": told, "store_version": shelf.snapshot.version})
