from __future__ import annotations

import numpy as np
import pytest
from tests.conftest import drawn_photo, encoded
from tests.interfaces.http.conftest import filled_store, picture
from tests.retrieval.conftest import TinyEmbedder

from lookalike.interfaces.answers import Ask, Part
from lookalike.interfaces.client import Client, ServerProblem
from lookalike.interfaces.http.background import serving
from lookalike.interfaces.settings import ServeSettings
from lookalike.retrieval.engine import SearchEngine

NEW, OTHER = encoded(drawn_photo(101)), encoded(drawn_photo(102))


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    embedder = TinyEmbedder()
    engine = SearchEngine(embedder, filled_store(tmp_path_factory.mktemp("client") / "store", embedder))
    with serving(engine, ServeSettings(port=0, decoders=1, token="secret", deadline_s=60.0)) as url:
        yield url


@pytest.fixture
def client(url):
    return Client(url, token="secret")


def test_a_photo_finds_its_item_with_the_view_that_met(client, tmp_path):
    photo = tmp_path / "photo.png"
    photo.write_bytes(picture(5, view=1))
    found = client.search(photo, k=3, where={"category": "cup"}, colour=0.4)
    assert (len(found), found[0].item, found[0].verdict) == (3, "thing/05", "same")
    assert {answer.attributes["category"] for answer in found} == {"cup"}
    assert [view.role for view in found[0].views if view.id == found[0].view] == ["back"]
    assert found.probably_absent is None
    assert found.model.startswith("tiny@")


def test_several_photos_and_parts_of_photos_can_be_asked(client):
    canvas = drawn_photo(0, size=(192, 160)).resize((384, 160))
    canvas.paste(drawn_photo(7, size=(192, 160)), (192, 0))
    photos = [Part(encoded(canvas), crop=(0.5, 0, 1, 1)), picture(9)]
    found = client.ask(Ask(photos=photos, pooling="best"), k=2)
    assert {(answer.item, answer.query_photo) for answer in found} == {("thing/07", 0), ("thing/09", 1)}
    assert client.search(picture(5), min_score=0.99999)[0].item == "thing/05"


def test_what_is_like_an_item_and_its_vectors_and_pictures(client):
    similar = client.similar("thing/05", k=4, where={"category": ["cup"]})
    assert len(similar) == 4
    assert "thing/05" not in {answer.item for answer in similar}
    vectors = client.embed([picture(1), picture(2)])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert client.thumbnail(similar[0].view, size_px=96)[:3] == b"\xff\xd8\xff"


def test_items_are_listed_added_changed_and_taken_out(client):
    page = client.items(where={"category": "hat"}, limit=5)
    assert (len(page.items), page.total) == (5, 12)
    assert client.add("a/new one", NEW, attributes={"price": 3}).outcome == "added"
    assert client.add("a/new one", NEW, attributes={"price": 3}).outcome == "unchanged"
    with pytest.raises(ServerProblem) as told:
        client.add("a/new one", OTHER)
    assert told.value.status == 409
    assert "PUT" in told.value.hint
    grown = client.add_photos("a/new one", Part(OTHER, role="back"))
    assert [view.role for view in grown.item.views] == [None, "back"]
    client.remove_photo("a/new one", grown.item.views[0].id)
    assert len(client.item("a/new one").views) == 1
    assert client.put("a/new one", [NEW]).outcome == "replaced"
    client.delete("a/new one")
    assert client.stats()["items"] == 24


def test_what_goes_wrong_is_told_with_the_next_step(url, client):
    with pytest.raises(ServerProblem) as told:
        client.search(b"no photo")
    assert (told.value.status, told.value.message) == (422, "This is not a photo.")
    with pytest.raises(ServerProblem) as told:
        Client(url).stats()
    assert told.value.status == 401
    with pytest.raises(ServerProblem) as told:
        Client("http://127.0.0.1:9", timeout_s=2).stats()
    assert (told.value.status, told.value.hint) == (0, "Check that `lookalike serve` runs.")
