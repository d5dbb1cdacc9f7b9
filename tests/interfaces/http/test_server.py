from __future__ import annotations

from lookalike.interfaces.http.facets import facets
from lookalike.retrieval.value_counts import ValueCounts


def test_stats_say_what_there_is_and_what_it_can_be_filtered_by(reader):
    stats = reader.get("/v1/stats").json()
    assert (stats["items"], stats["views"], stats["failed_photos"]) == (24, 48, 0)
    assert stats["blocks"] == ["colour", "shape"]
    assert stats["calibrated"] is True
    names = {facet["name"]: facet for facet in stats["attributes"]}
    assert {value["value"]: value["count"] for value in names["category"]["values"]} == {"cup": 12, "hat": 12}
    assert (names["price"]["low"], names["price"]["high"]) == (0, 34.5)
    assert "title" not in names


def test_an_attribute_that_all_items_share_or_none_shares_is_no_filter():
    items = [{"brand": "Acme", "title": f"Thing {number}", "size": number % 3} for number in range(30)]
    assert [facet["name"] for facet in facets(ValueCounts.of(items))] == ["size"]


def test_the_server_tells_how_it_is(reader):
    assert reader.get("/healthz").text == "ok\n"
    assert reader.get("/readyz").status_code in (200, 503)
    reader.get("/v1/items/nobody")
    text = reader.get("/metrics").text
    assert 'lookalike_requests_total{method="GET",route="/v1/items/{item:path}",status="404"}' in text
    assert "lookalike_items 24" in text


def test_the_page_and_its_parts_are_sent_and_refer_to_nobody_else(reader):
    page = reader.get("/")
    assert page.status_code == 200
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert page.headers["x-content-type-options"] == "nosniff"
    for part in ("app.js", "style.css", "icon.svg"):
        text = reader.get(f"/static/{part}").text.replace("http://www.w3.org/2000/svg", "")
        assert "http://" not in text
        assert "https://" not in text
    assert reader.get("/atlas").status_code == 404


def test_unknown_addresses_are_problems_too(reader):
    answer = reader.get("/v1/nothing")
    assert answer.status_code == 404
    assert answer.json()["hint"]
