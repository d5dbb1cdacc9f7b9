"""The client on why and where."""

from __future__ import annotations

import pytest
from tests.interfaces.http.conftest import picture
from tests.interfaces.test_client import client, url  # noqa: F401  (fixtures)

from lookalike.interfaces.client import Client, ServerProblem


def test_a_match_is_explained(client: Client):  # noqa: F811
    why = client.explain(picture(5), "thing/05")
    assert why.item == "thing/05"
    assert why.score == pytest.approx(1, abs=1e-3)
    assert why.photo_heat.ndim == why.view_heat.ndim == 2
    assert 0 <= why.photo_heat.min() <= why.photo_heat.max() <= 1
    assert all(0 <= share <= 1 for place in why.places for spot in place for share in spot)
    with pytest.raises(ServerProblem) as caught:
        client.explain(picture(5), "nobody")
    assert caught.value.status == 404


def test_an_item_is_found_in_a_scene(client: Client):  # noqa: F811
    (mark,) = client.find(picture(5), ["thing/05"], most=1)
    assert mark.item == "thing/05"
    assert len(mark.box) == 4
