"""Which column of a table says what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace

from lookalike.errors import CatalogueError

_USUAL: dict[str, str] = {
    "path": "path image_path photo_path file_path filepath img_path image photo picture file filename "
    "file_name image_file image_name img image_link image_url photo_url url src",
    "item": "item_id item product_id product article_id article style_colour_id sku asin handle group_id id",
    "role": "role view view_role viewpoint pose shot angle_name view_type",
    "category": "category product_category product_type category_name class_name label class type",
    "azimuth": "azimuth_deg azimuth azimuth_degrees",
    "elevation": "elevation_deg elevation elevation_degrees",
    "crop": "crop bbox bounding_box box",
}
_CORNERS = (
    ("left", "top", "right", "bottom"),
    ("x_min", "y_min", "x_max", "y_max"),
    ("xmin", "ymin", "xmax", "ymax"),
    ("x1", "y1", "x2", "y2"),
    ("x_1", "y_1", "x_2", "y_2"),
)


@dataclass(frozen=True, kw_only=True)
class Columns:
    """The columns of a table by what they say; None: found by the usual names.

    Args:
        path: where the photo is (path, image, file, filename, ...).
        item: which item it shows (item_id, product_id, sku, id, ...).
        role: how it is seen (role, view, pose, ...).
        category: what kind of item it is (category, product_type, label, class, ...).
        azimuth, elevation: angles in degrees.
        crop: the part that shows the item: one column with "left,top,right,bottom", or four columns
            joined by commas. Shares of width and height where all are at most 1, else pixels.
    """

    path: str | None = None
    item: str | None = None
    role: str | None = None
    category: str | None = None
    azimuth: str | None = None
    elevation: str | None = None
    crop: str | None = None

    def found_in(self, names: Iterable[str], *, table: str) -> Columns:
        """The columns as they are called in this table: those asked for, and those found by usual names.

        Raises:
            CatalogueError: a column asked for is not there, or no column holds paths.
        """
        there = list(names)
        asked = {field.name: getattr(self, field.name) for field in fields(self)}
        for what, name in asked.items():
            if name is not None:
                _require(name, what, there, table)
        usual = {what: name or _usual(what, there) for what, name in asked.items()}
        found = replace(self, **usual)
        if found.path is None:
            raise CatalogueError(
                f"{table}: no column holds the photos' paths; there are: {', '.join(there)}.",
                hint="Name it: --path-column NAME, or Columns(path='NAME').",
            )
        return found

    def said(self) -> set[str]:
        """The columns whose content the catalogue's nouns hold, so that they are no attributes."""
        crops = self.crop.split(",") if self.crop else []
        return {name for name in (self.path, self.item, self.azimuth, self.elevation, *crops) if name}


def plain(name: str) -> str:
    """A column's name in the form that usual names have.

    >>> plain(" Image-Link ")
    'image_link'
    """
    return name.strip().lower().replace("-", "_").replace(" ", "_")


def _usual(what: str, there: list[str]) -> str | None:
    by_plain = {plain(name): name for name in reversed(there)}
    for name in _USUAL[what].split():
        if name in by_plain:
            return by_plain[name]
    if what == "crop":
        for corners in _CORNERS:
            if all(corner in by_plain for corner in corners):
                return ",".join(by_plain[corner] for corner in corners)
    return None


def _require(name: str, what: str, there: list[str], table: str) -> None:
    wanted = name.split(",") if what == "crop" and name not in there else [name]
    for each in wanted:
        if each not in there:
            raise CatalogueError(
                f"{table}: there is no column {each!r} (for {what}); there are: {', '.join(there)}.",
                hint="Choose one of these columns.",
            )
