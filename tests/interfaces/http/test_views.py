from __future__ import annotations

import io

from PIL import Image


def test_a_thumbnail_is_a_jpeg_of_our_own_and_may_be_kept(reader):
    view = reader.get("/v1/items/thing/05").json()["views"][0]["id"]
    answer = reader.get(f"/v1/views/{view}", params={"size": 40})
    image = Image.open(io.BytesIO(answer.content))
    assert image.format == "JPEG"
    assert max(image.size) == 96
    assert "immutable" in answer.headers["cache-control"]
    assert reader.get(f"/v1/views/{view}", params={"size": 40}).content == answer.content


def test_unknown_views_and_odd_sizes_are_refused(reader):
    view = reader.get("/v1/items/thing/05").json()["views"][0]["id"]
    assert reader.get("/v1/views/nothing").status_code == 404
    assert reader.get(f"/v1/views/{view}", params={"size": 99999}).status_code == 422
