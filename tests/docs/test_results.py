"""Results that are kept name no place of the machine they were measured on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

RESULTS = Path(__file__).resolve().parents[2] / "benchmarks" / "results"
PLACE = re.compile(r"^(?:[\w.]+=)?(?:[A-Z]:)?[/\\][\w.-]+[/\\][\w./\\-]+$")


def strings(kept: Any) -> Iterator[str]:
    """Every string in a result."""
    if isinstance(kept, dict):
        for name, value in kept.items():
            yield name
            yield from strings(value)
    elif isinstance(kept, list):
        for value in kept:
            yield from strings(value)
    elif isinstance(kept, str):
        yield kept


def test_places_are_known_from_names():
    assert PLACE.match("backbone.weights=/home/someone/data/model.onnx")
    assert PLACE.match("/home/someone/photos")
    assert not PLACE.match("backbone.weights=../shared/data/model.onnx")
    assert not PLACE.match("photos/s, images/s")


@pytest.mark.parametrize("file", sorted(RESULTS.glob("*.json")), ids=lambda file: file.stem)
def test_no_result_names_a_place_of_its_machine(file):
    assert [text for text in strings(json.loads(file.read_text())) if PLACE.match(text)] == []
