from __future__ import annotations

import base64
import csv
import io
import json
import re
import shutil

import numpy as np
import pytest
from PIL import Image
from tests.conftest import drawn_photo, encoded

from lookalike.catalogue.items import View
from lookalike.errors import ExplorationError
from lookalike.exploration.atlas.laying import lay_out
from lookalike.exploration.atlas.page import atlas_page, facts_of, write_atlas
from lookalike.exploration.atlas.sprites import ACROSS, Sprites, make_sprites
from lookalike.exploration.palette import DARK
from lookalike.exploration.projection import MapSettings

PCA = MapSettings("pca")
NONE = Sprites((), 32, ())


@pytest.fixture
def photographed(make_seen):
    """Twelve drawn photos of six items in two categories, one item with a name that means harm."""
    views = [View(encoded(drawn_photo(row)), role="front" if row % 2 else "back") for row in range(12)]
    names = [f"item-{row // 2}" for row in range(10)] + ["</script><b onx=1>"] * 2
    rng = np.random.default_rng(0)
    return make_seen(
        np.repeat(np.eye(2, 6), 6, axis=0) + rng.normal(0, 0.1, (12, 6)), names, views=views,
        attributes=[{"category": ("cups", "hats")[row // 6], "price": row // 2 + 0.5} for row in range(12)],
    )  # fmt: skip


def test_an_atlas_can_be_coloured_by_cluster_category_role_and_scores(photographed):
    atlas = lay_out(photographed, PCA, k=2)
    assert list(atlas.columns)[:3] == ["cluster", "category", "role"]
    assert set(atlas.scores) == {"spread of the item's views", "price"}
    assert len(set(atlas.columns["cluster"])) == 2


def test_the_table_of_an_atlas_has_a_line_a_photo(photographed, tmp_path):
    atlas = lay_out(photographed, PCA, k=2)
    with atlas.to_csv(tmp_path / "atlas.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 12
    assert float(rows[3]["x"]) == pytest.approx(atlas.points[3, 0], abs=1e-3)
    assert rows[3]["category"] == "cups"


def test_the_picture_of_an_atlas_takes_a_column_and_dark_paper(photographed, tmp_path):
    atlas = lay_out(photographed, PCA, k=2)
    with Image.open(atlas.to_png(tmp_path / "a.png", column="category", theme=DARK)) as picture:
        assert sum(picture.convert("RGB").getpixel((1, 1))) < 100
    with pytest.raises(ExplorationError, match="no column 'size'"):
        atlas.to_png(tmp_path / "b.png", column="size")


def test_the_page_needs_nothing_else_and_leaves_names_as_text(photographed):
    page = atlas_page(lay_out(photographed, PCA, k=2), make_sprites(photographed.views), title="<My> shop")
    assert "https://" not in page
    assert "http://" not in page
    assert page.count("</script>") == 2
    assert "<title>&lt;My&gt; shop</title>" in page
    data = json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1])
    assert data["items"][-1] == "</script><b onx=1>"


def test_the_page_holds_the_map_within_one_square(photographed):
    facts = facts_of(lay_out(photographed, PCA, k=2), NONE)
    points = np.frombuffer(base64.b64decode(facts["points"]), "<f4").reshape(-1, 2)
    assert np.abs(points).max() == pytest.approx(1)
    assert np.frombuffer(base64.b64decode(facts["item"]), "<i4").tolist()[:4] == [0, 0, 1, 1]


def test_each_photo_has_its_tile_and_one_that_is_gone_a_grey_one():
    colours = [(200, 30, 30), (30, 200, 30)]
    views = [View(encoded(Image.new("RGB", (20, 20), colour))) for colour in colours] + [View(b"nothing")]
    sprites = make_sprites(views, tile_px=16)
    sheet = Image.open(io.BytesIO(base64.b64decode(sprites.sheets[0].partition(",")[2]))).convert("RGB")
    assert sheet.size == (ACROSS * 16, 16)
    middles = [sheet.getpixel((16 * place + 8, 8)) for place in range(3)]
    assert middles[0][0] > 150 > middles[0][1]
    assert middles[1][1] > 150 > middles[1][0]
    assert sprites.gone == (2,)


def test_one_photo_has_an_atlas(make_seen, tmp_path):
    seen = make_seen([[1.0, 0.0]], ["alone"], views=[View(encoded(drawn_photo(0)))])
    assert write_atlas(lay_out(seen, MapSettings()), tmp_path / "atlas.html").stat().st_size > 10_000


@pytest.mark.browser
def test_the_atlas_zooms_searches_and_selects_in_a_real_browser(photographed, tmp_path):
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("SKIPPED FOR WANT OF A BROWSER: chromium is not installed")
    from playwright.sync_api import sync_playwright

    page_path = write_atlas(lay_out(photographed, PCA, k=2), tmp_path / "atlas.html")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1000, "height": 700})
        troubles: list[str] = []
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto(page_path.as_uri())
        page.wait_for_selector("#legend button")
        page.fill("#search", "hats")
        page.locator("#chosen-count", has_text="6 photos").wait_for()
        page.press("#search", "Enter")
        page.click("#clear")
        page.click("#whole")
        box = page.locator("#map").bounding_box()
        corners = [
            (5, 5),
            (box["width"] - 5, 5),
            (box["width"] - 5, box["height"] - 5),
            (5, box["height"] - 5),
        ]
        page.click("#lasso")
        page.mouse.move(box["x"] + corners[0][0], box["y"] + corners[0][1])
        page.mouse.down()
        for x, y in corners[1:]:
            page.mouse.move(box["x"] + x, box["y"] + y, steps=3)
        page.mouse.up()
        page.locator("#chosen-count", has_text="12 photos").wait_for()
        with page.expect_download() as download:
            page.click("#csv")
        lines = download.value.path().read_text().splitlines()
        page.click("#theme")
        page.select_option("#colour", "price")
        browser.close()
    assert len(lines) == 13
    assert troubles == []
