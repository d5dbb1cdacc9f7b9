from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter
from tests.conftest import drawn_photo, encoded

from lookalike.catalogue.items import Catalogue, Item, View
from lookalike.embedding.card import Block
from lookalike.errors import ExplorationError
from lookalike.exploration.health.auditing import audit
from lookalike.exploration.health.coverage import missing_roles
from lookalike.exploration.health.findings import KINDS
from lookalike.exploration.health.measures import blur_of, look
from lookalike.exploration.health.neighbours import neighbours_of, robust_z
from lookalike.exploration.health.page import write_health_page

SIDE = (200, 240)


def photos(count: int) -> list[Image.Image]:
    return [drawn_photo(seed, size=SIDE) for seed in range(count)]


def views_of(pictures, **facts) -> list[View]:
    return [View(encoded(picture, "JPEG", quality=90), **facts) for picture in pictures]


def kinds(report, kind: str) -> set[str]:
    return {finding.item for finding in report.of(kind)}


@pytest.fixture
def shop(make_seen):
    """Twelve items in two categories with a front and a back each; a function that makes it with changes."""

    def made(pictures=None, matrix=None, attributes=None, roles=None):
        pictures = pictures or photos(24)
        rng = np.random.default_rng(0)
        if matrix is None:
            category = np.repeat(np.eye(2, 40), 12, axis=0)
            own = np.repeat(np.eye(12, 40, 3), 2, axis=0)
            matrix = category + 0.8 * own + rng.normal(0, 0.02, (24, 40))
        roles = roles or ["front", "back"] * 12
        views = [
            View(encoded(picture, "JPEG", quality=90), role=role)
            for picture, role in zip(pictures, roles, strict=True)
        ]
        attributes = attributes or [{"category": ("cups", "hats")[row // 12]} for row in range(24)]
        return make_seen(
            matrix, [f"item-{row // 2:02d}" for row in range(24)], views=views, attributes=attributes
        )

    return made


def test_a_sound_catalogue_has_no_grave_finding(shop):
    report = audit(shop())
    for kind in ("wrong_photo", "same_item", "near_duplicate", "label_noise", "corrupt", "too_small", "dark"):
        assert report.of(kind) == (), kind


def test_a_photo_in_the_wrong_folder_is_named(shop):
    seen = shop()
    matrix = seen.matrix.copy()
    matrix[5] = matrix[20] + 0.01  # item-02's back shows item-10
    report = audit(shop(matrix=matrix))
    (finding,) = report.of("wrong_photo")
    assert finding.item == "item-02"
    assert finding.others == ("item-10",)
    assert finding.rows == (5,)


def test_two_folders_of_one_item_are_named_together(shop):
    matrix = shop().matrix.copy()
    matrix[6:8] = matrix[4:6] + np.random.default_rng(1).normal(0, 0.004, (2, 40))
    (finding,) = audit(shop(matrix=matrix)).of("same_item")
    assert {finding.item, *finding.others} == {"item-02", "item-03"}


def test_items_that_differ_in_an_attribute_are_not_one(shop):
    matrix = shop().matrix.copy()
    matrix[12:14] = matrix[10:12] + 0.001  # item-06 (a hat) looks like item-05 (a cup)
    assert audit(shop(matrix=matrix)).of("same_item") == ()


def test_a_recompressed_photo_in_another_item_and_one_in_the_same_are_told_apart(shop):
    pictures = photos(24)
    pictures[9] = pictures[2].resize((160, 192))
    pictures[15] = pictures[14].resize((180, 216))
    report = audit(shop(pictures))
    (across,) = report.of("same_photo")
    (within,) = report.of("near_duplicate")
    assert {across.item, *across.others} == {"item-01", "item-04"}
    assert within.item == "item-07"


def test_a_recoloured_photo_is_no_duplicate_but_a_variant(shop):
    pictures = photos(24)
    red, green, blue = pictures[2].split()
    pictures[9] = Image.merge("RGB", (blue, red, green))
    report = audit(shop(pictures))
    assert report.of("same_photo") == ()
    (style,) = report.of("colour_variants")
    assert {style.item, *style.others} == {"item-01", "item-04"}


def test_bad_photos_are_found_by_what_is_bad_about_them(shop):
    pictures = photos(24)
    pictures[0] = pictures[0].point(lambda value: value * 0.3)
    pictures[3] = pictures[3].resize((40, 48))
    tint = [round(value * share) for share in (1, 0.8, 0.55) for value in range(256)]
    pictures[8] = pictures[8].point(tint)
    report = audit(shop(pictures))
    assert kinds(report, "dark") == {"item-00"}
    assert kinds(report, "too_small") == {"item-01"}
    assert kinds(report, "off_palette") == {"item-04"}


def test_blur_grows_with_blurring_and_a_plain_surface_is_not_blurred():
    rng = np.random.default_rng(0)
    sharp = rng.random((120, 120)).astype(np.float32)
    soft = np.asarray(
        Image.fromarray((sharp * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(3)), np.float32
    )
    assert blur_of(sharp) < 0.3 < blur_of(soft / 255)
    assert blur_of(np.full((50, 50), 0.5, np.float32)) == 0


def drawn(change) -> int:
    """The marks found on a grey ground on which something was drawn."""
    picture = Image.new("RGB", SIDE, (230, 230, 230))
    change(ImageDraw.Draw(picture))
    return int(look(View(encoded(picture))).marks)


def test_faint_text_over_a_plain_ground_is_marks():
    assert drawn(lambda pen: None) == 0
    assert drawn(lambda pen: pen.text((10, 100), "SAMPLE SHOP", fill=(190, 190, 190), font_size=28)) >= 4


def test_thin_things_and_the_writing_on_a_thing_are_no_marks():
    def fence(pen: ImageDraw.ImageDraw) -> None:
        for left in range(30, 150, 12):
            pen.line((left, 60, left, 140), fill=(150, 150, 150), width=3)
        pen.line((30, 60, 138, 60), fill=(150, 150, 150), width=3)

    def label(pen: ImageDraw.ImageDraw) -> None:
        pen.rectangle((20, 40, 170, 150), fill=(40, 80, 160))
        pen.text((30, 80), "SAMPLE", fill=(90, 130, 210), font_size=28)

    assert drawn(fence) == drawn(label) == 0


def test_a_patterned_ground_is_no_writing():
    rng = np.random.default_rng(0)

    def pattern(pen: ImageDraw.ImageDraw) -> None:
        for left, top, width, height in rng.integers((4, 4, 1, 1), (190, 230, 9, 9), (300, 4)).tolist():
            pen.rectangle((left, top, left + width, top + height), fill=(200, 200, 200))

    assert drawn(pattern) == 0


def test_a_watermark_is_a_finding(shop):
    pictures = photos(24)
    pictures[5] = Image.new("RGB", SIDE, "white")
    pen = ImageDraw.Draw(pictures[5])
    pen.rectangle((60, 60, 140, 180), fill=(30, 90, 60))
    pen.text((4, 4), "MY OWN SHOP", fill=(200, 200, 200), font_size=22)
    assert kinds(audit(shop(pictures)), "watermark") == {"item-02"}


def test_a_value_that_all_neighbours_contradict_is_named(shop):
    attributes = [{"category": ("cups", "hats")[row // 12]} for row in range(24)]
    attributes[6] = attributes[7] = {"category": "hats"}
    (finding,) = audit(shop(attributes=attributes)).of("label_noise")
    assert finding.item == "item-03"
    assert "'cups'" in finding.reason


def test_a_column_is_judged_by_the_block_that_tells_it_best(shop):
    item = np.arange(24) // 2
    place = np.where(item < 6, 2 * item, 2 * (item - 6) + 1)  # by shape red and blue items alternate
    matrix = np.zeros((24, 4), np.float32)
    matrix[:, :2] = 0.9 * np.stack([np.cos(place / 10), np.sin(place / 10)], axis=1)
    matrix[np.arange(24), 2 + item // 6] = 0.05
    attributes = [{"colour": ("red", "blue")[row // 12]} for row in range(24)]
    attributes[6] = attributes[7] = {"colour": "blue"}
    seen = shop(matrix=matrix, attributes=attributes)
    assert audit(seen).of("label_noise") == ()
    (finding,) = audit(seen, blocks=(Block("shape", 0, 2, 0.9), Block("colour", 2, 4, 0.4))).of("label_noise")
    assert finding.item == "item-03"


def test_an_item_without_the_usual_view_is_named(shop):
    roles = ["front", "back"] * 12
    roles[7] = "side"
    (finding,) = audit(shop(roles=roles)).of("missing_role")
    assert finding.item == "item-03"
    assert "no back view" in finding.reason


def test_of_many_missing_views_the_most_usual_are_named(make_seen):
    items = ["whole"] * 10 + ["whole too"] * 10 + ["bare"] * 2
    views = [View(f"photo {row}".encode(), role=f"way {row % 10}") for row in range(22)]
    (finding,) = missing_roles(make_seen(np.eye(22), items, views=views))
    assert finding.item == "bare"
    assert finding.reason.startswith("no way 2 and no way 3 and no way 4 view")
    assert finding.reason.endswith("and 5 more are missing")


def test_an_item_with_a_photo_of_unknown_role_is_not_said_to_lack_one(shop):
    roles = ["front", "back"] * 12
    roles[7] = None
    assert audit(shop(roles=roles)).of("missing_role") == ()


def test_photos_that_cannot_be_read_are_listed_from_store_and_source(shop, tmp_path):
    seen = shop()
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff nothing more")
    source = Catalogue((Item("new", (View(broken),)),))
    (finding,) = audit(seen, catalogue=source).of("corrupt")
    assert finding.item == "new"
    assert finding.views == (str(broken),)


@pytest.mark.parametrize("count", [1, 2])
def test_a_catalogue_of_one_or_two_photos_gets_a_report(make_seen, count):
    seen = make_seen(np.eye(2)[:count], ["a", "b"][:count], views=views_of(photos(count)))
    report = audit(seen)
    assert report.photos == count
    assert any("one photo" in note for note in report.notes)


def test_identical_photos_are_doubles_and_nothing_breaks(make_seen):
    seen = make_seen(np.ones((4, 3)), ["a", "a", "b", "b"], views=views_of([drawn_photo(0, size=SIDE)] * 4))
    report = audit(seen)
    assert kinds(report, "near_duplicate") == {"a", "b"}
    assert kinds(report, "same_photo") == {"a"}
    assert report.of("same_photo")[0].score == 1


def test_features_that_are_not_finite_are_refused(shop):
    seen = shop()
    seen.matrix[3, 3] = np.nan
    with pytest.raises(ExplorationError, match="NaN"):
        audit(seen)


def test_neighbours_are_of_other_items_one_photo_each(make_seen):
    seen = make_seen([[1, 0], [1, 0.1], [1, 0.2], [1, 0.3], [0, 1]], ["a", "a", "b", "b", "c"])
    found = neighbours_of(seen)
    assert found.rows[0].tolist() == [2, 4]
    assert found.own[0] == pytest.approx(float(seen.matrix[0] @ seen.matrix[1]))
    assert np.isnan(found.own[4])


def test_a_catalogue_of_equal_values_has_no_outliers():
    assert np.abs(robust_z(np.ones(5))).max() == 0


def test_the_report_is_written_as_csv_json_and_a_page_of_its_own(shop, tmp_path):
    pictures = photos(24)
    pictures[0] = pictures[0].point(lambda value: value * 0.3)
    seen = shop(pictures)
    report = audit(seen)
    with report.to_csv(tmp_path / "h.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(report.findings)
    facts = json.loads(report.to_json(tmp_path / "h.json").read_text())
    assert set(facts["counts"]) == set(KINDS)
    page = write_health_page(report, seen, tmp_path / "h.html").read_text()
    assert "item-00" in page
    assert "data:image/jpeg" in page
    assert "http" not in page.replace("http-equiv", "")
