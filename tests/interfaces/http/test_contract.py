"""Requests made up from the OpenAPI document, good and bad: each answer is one that it describes."""

from __future__ import annotations

import os
import unittest
from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance
from starlette.types import Receive, Scope, Send
from tests.interfaces.http.conftest import filled_store
from tests.retrieval.conftest import TinyEmbedder

from lookalike.interfaces.http.app import create_app
from lookalike.interfaces.settings import ServeSettings
from lookalike.retrieval.engine import SearchEngine

EXAMPLES = int(os.environ.get("LOOKALIKE_EXAMPLES", "8"))
"""Requests of each kind for each operation."""

OPERATIONS = 21


@pytest.fixture(scope="module")
def operations(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[APIOperation]]:
    embedder = TinyEmbedder()
    store = filled_store(tmp_path_factory.mktemp("contract") / "store", embedder)
    settings = ServeSettings(decoders=1, deadline_s=60.0, hosts=("testserver",))
    app = create_app(SearchEngine(embedder, store), settings)
    app.state.service.warm_up()

    async def kept_open(scope: Scope, receive: Receive, send: Send) -> None:
        """The app, which schemathesis would begin and end anew around each request."""
        if scope["type"] != "lifespan":
            await app(scope, receive, send)
            return
        for step in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{step}.complete"})

    described = schemathesis.openapi.from_asgi("/openapi.json", kept_open)
    yield [found.ok() for found in described.get_all_operations()]
    app.state.service.close()


def faults(operation: APIOperation, mode: GenerationMode) -> Iterator[str]:
    """What schemathesis finds: server errors, undescribed statuses, bodies and headers that do not fit."""

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def holds(case: Case) -> None:
        # That a body fits does not make random bytes a photo, nor random words the id of an item.
        case.call_and_validate(excluded_checks=[positive_data_acceptance])

    try:
        holds()
    except (Unsatisfiable, unittest.SkipTest):
        return  # nothing can be wrong with a request that holds nothing
    except (BaseExceptionGroup, Exception) as error:
        yield f"{operation.label}, {mode.value}: {error}"


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_schemathesis_finds_nothing(operations, mode):
    assert len(operations) == OPERATIONS
    found = [fault for operation in operations for fault in faults(operation, mode)]
    assert not found, "\n\n".join(found)
