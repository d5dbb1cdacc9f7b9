from __future__ import annotations

from dataclasses import replace

import pytest
from tests.interfaces.http.conftest import filled_store
from tests.page.test_tour import CARD
from tests.retrieval.conftest import TinyEmbedder

from lookalike.interfaces.http.background import serving
from lookalike.interfaces.settings import ServeSettings
from lookalike.retrieval.engine import SearchEngine
from lookalike.retrieval.together.baskets import Baskets
from lookalike.retrieval.together.kept import keep_baskets


@pytest.fixture(scope="module")
def furnished(tmp_path_factory):
    """A server whose store knows that hat 4 goes with cup 7."""
    folder = tmp_path_factory.mktemp("furnished") / "store"
    embedder = TinyEmbedder()
    store = filled_store(folder, embedder)
    keep_baskets(folder, Baskets((("thing/04", "thing/07"),) * 5))
    with serving(SearchEngine(embedder, store), replace(ServeSettings(decoders=1), port=0)) as url:
        yield url


def test_an_item_shows_what_goes_with_it_and_leads_there(visit, furnished):
    page = visit(furnished)
    page.locator(CARD).first.wait_for()
    page.goto(f"{furnished}/?item=thing%2F04")
    page.locator(".goes-with button").first.wait_for()
    assert page.locator(".goes-with li").first.inner_text() == "Thing 7"
    page.locator(".goes-with button").first.click()
    page.get_by_role("heading", name="Thing 7", exact=True).and_(page.locator("#item-title")).wait_for()


def test_where_nobody_said_what_goes_together_the_page_says_nothing(visit, origin):
    page = visit(origin)
    page.locator(CARD).first.wait_for()
    with page.expect_response("**/v1/goes-with/**") as answer:
        page.goto(f"{origin}/?item=thing%2F04")
    assert answer.value.status == 404
    assert page.locator(".goes-with").is_hidden()
