"""An item is looked for in a big photo, in its dialog."""

from __future__ import annotations

import re

import pytest
from PIL import Image
from tests.conftest import drawn_photo
from tests.page.test_tour import CARD

pytestmark = pytest.mark.browser


def test_an_item_is_marked_in_a_photo_that_is_chosen_in_its_dialog(visit, origin, tmp_path):
    scene = Image.new("RGB", (360, 260), "white")
    scene.paste(drawn_photo(5, size=(96, 80)), (230, 150))
    scene.save(tmp_path / "scene.png")
    page = visit(origin)
    page.locator(CARD).first.wait_for()
    page.goto(f"{origin}/?item=thing/05")
    page.get_by_role("button", name="Find it in a photo…").wait_for()
    with page.expect_response(re.compile("/v1/find")) as told:
        page.locator("#item input[type=file]").set_input_files(str(tmp_path / "scene.png"))
    count = len(told.value.json()["marks"])
    page.locator(".scene .part.won").wait_for()
    assert page.locator(".scene .part").count() == count
    assert "marked" in page.locator(".scene-place .facts").inner_text()


def test_a_file_that_is_no_photo_is_told_with_the_next_step(visit, origin, tmp_path):
    (tmp_path / "scene.png").write_text("no photo")
    page = visit(origin)
    page.goto(f"{origin}/?item=thing/05")
    page.get_by_role("button", name="Find it in a photo…").wait_for()
    with page.expect_response(re.compile("/v1/find")):
        page.locator("#item input[type=file]").set_input_files(str(tmp_path / "scene.png"))
    page.locator(".scene-place .facts", has_text="photo").wait_for()
    assert not page.locator(".scene .part").count()
