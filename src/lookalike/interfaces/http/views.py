"""Thumbnails of the catalogue's views: pictures of our own making, never the bytes that came in."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response

from lookalike.errors import PhotoError
from lookalike.interfaces.http.contract import problems
from lookalike.interfaces.http.problems import Problem
from lookalike.interfaces.http.service import Served

router = APIRouter(prefix="/v1", tags=["views"])

SIZES_PX = (96, 160, 320, 480, 640, 960, 1280)

Size = Annotated[int, Query(ge=16, le=SIZES_PX[-1], description="Pixels of the long side, about.")]
_PICTURE: dict[int | str, dict[str, Any]] = {200: {"description": "A JPEG.", "content": {"image/jpeg": {}}}}


@router.get("/views/{view}", response_class=Response, responses={**_PICTURE, **problems(401, 404, 422)})
def thumbnail(view: str, service: Served, size: Size = 480) -> Response:
    """A small picture of a view, rounded up to one of a few sizes."""
    found = service.shelf.view(view)
    if found is None:
        raise Problem(404, f"There is no view {view!r}.", "GET /v1/items lists the items and their views.")
    size_px = next(step for step in SIZES_PX if step >= size)
    try:
        picture = service.thumbnails.of(view, found, size_px)
    except PhotoError as error:
        raise Problem(
            404,
            "The photo of this view cannot be read any more.",
            "Index the catalogue again.",
            facts={"reason": error.reason},
        ) from error
    lasting = {"Cache-Control": "private, max-age=604800, immutable", "ETag": f'"{view}-{size_px}"'}
    return Response(picture, media_type="image/jpeg", headers=lasting)
