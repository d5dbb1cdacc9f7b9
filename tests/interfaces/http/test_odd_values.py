"""Whatever a program puts into a catalogue, the server can tell: JSON knows neither NaN nor half a letter."""

from __future__ import annotations

import json

import numpy as np
import pytest

from lookalike.catalogue.items import Item, View

from .conftest import picture

ODD = {
    "nan": float("nan"),
    "infinite": float("inf"),
    "nothing": None,
    "of_numpy": np.float32(2.5),
    "huge": 10**400,
    "nested": {"a": [1, float("nan")]},
    "half_a_letter": "\ud800",
}


@pytest.fixture
def told(writer):
    view = View(picture(70), azimuth_deg=float("nan"), attributes={"seen": float("-inf")})
    writer.app.state.service.engine.add(Item("odd", (view,), ODD))
    return writer


def test_an_item_with_odd_values_is_told_as_json(told):
    answer = told.get("/v1/items/odd")
    assert answer.status_code == 200
    attributes = json.loads(answer.content)["attributes"]
    assert attributes["of_numpy"] == 2.5
    assert attributes["half_a_letter"] == "\\ud800"
    assert not {"nan", "infinite", "nothing"} & attributes.keys()


@pytest.mark.parametrize("path", ["/v1/items?limit=100", "/v1/stats"])
def test_lists_and_counts_with_it_are_told(told, path):
    assert told.get(path).status_code == 200


def test_a_search_finds_it(told):
    answer = told.post("/v1/search", files=[("photos", ("a.png", picture(70), "image/png"))], data={"k": "3"})
    assert answer.status_code == 200
    assert answer.json()["matches"][0]["item"] == "odd"


@pytest.mark.parametrize("value", [2**53, 1e308, "", " a "], ids=repr)
def test_the_same_item_sent_again_is_the_same_whatever_its_values(writer, value):
    def send() -> tuple[int, str]:
        sent = {"attributes": json.dumps({"odd": value})}
        answer = writer.put(
            "/v1/items/odd", files=[("photos", ("a.png", picture(71), "image/png"))], data=sent
        )
        return answer.status_code, answer.json().get("outcome")

    assert send() == (201, "added")
    assert send() == (200, "unchanged")
