"""Adds and deletes while others search: every answer is of one version, and sees what was acknowledged."""

from __future__ import annotations

import threading

from tests.conftest import drawn_photo, encoded
from tests.interfaces.http.conftest import opened, picture

from lookalike.interfaces.settings import ServeSettings

CHANGES, SEARCHERS = 24, 3


def test_every_answer_during_changes_is_of_one_version(tmp_path):
    with opened(tmp_path / "store", ServeSettings(decoders=2, deadline_s=60.0, refresh_s=0.05)) as client:
        content: dict[int, set[str]] = {}
        answers: list[tuple[int, set[str], int]] = []
        done = threading.Event()

        def note() -> int:
            page = client.get("/v1/items", params={"limit": 200}).json()
            content[page["store_version"]] = {item["id"] for item in page["items"]}
            return page["store_version"]

        acknowledged = [note()]

        def look() -> None:
            while not done.is_set():
                least = acknowledged[-1]
                body = {"items": ["thing/05"], "k": 200}
                told = client.post("/v1/search", json=body).json()
                answers.append((told["store_version"], {match["item"] for match in told["matches"]}, least))

        searchers = [threading.Thread(target=look) for _ in range(SEARCHERS)]
        for searcher in searchers:
            searcher.start()
        photos = [encoded(drawn_photo(200 + number)) for number in range(4)]
        for number in range(CHANGES):
            name = f"new-{number % 4}"
            if number % 8 < 4:
                sent = [("photos", ("photo.png", photos[number % 4], "image/png"))]
                assert client.put(f"/v1/items/{name}", files=sent).status_code == 201
            else:
                assert client.delete(f"/v1/items/{name}").status_code == 204
            acknowledged.append(note())
        done.set()
        for searcher in searchers:
            searcher.join()
    assert len(answers) > SEARCHERS
    assert len({version for version, _, _ in answers}) > 1
    for version, items, least in answers:
        assert version >= least  # what was acknowledged before the search is seen by it
        assert items == content[version]


def test_what_an_add_acknowledges_is_found_by_the_next_search(tmp_path):
    with opened(tmp_path / "store", ServeSettings(decoders=1, deadline_s=60.0)) as client:
        for number in range(5):
            photo = encoded(drawn_photo(300 + number))
            sent = [("photos", ("photo.png", photo, "image/png"))]
            client.put(f"/v1/items/fresh-{number}", files=sent).raise_for_status()
            found = client.post("/v1/search", files=sent, data={"k": "1"}).json()["matches"][0]
            assert (found["item"], round(found["score"], 3)) == (f"fresh-{number}", 1)
        gone = client.post(
            "/v1/search",
            files=[("photos", ("p.png", picture(5), "image/png"))],
            data={"exclude": '["thing/05"]'},
        )
        assert "thing/05" not in {match["item"] for match in gone.json()["matches"]}
