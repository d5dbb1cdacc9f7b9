"""Collections in Milvus: one for each model's vectors, and the alias that says which of them answers."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from typing import Any

from lookalike.embedding.card import Card
from lookalike.errors import EngineError, MissingExtra

MOST_VIEWS = 16_384
"""The most that Milvus returns for one search."""

ROWS_AT_ONCE = 1_000
TIMEOUT_S = 30.0
FORMAT = "1"

_PREFIX = "lookalike."


class Milvus:
    """A Milvus at an address, and a catalogue's collections in it.

    Args:
        uri: of a server (``http://host:19530``), or a file's path for Milvus Lite.
        name: of the catalogue; its collections begin with it, and its alias is called so.
        token: where the server wants one.
        timeout_s: how long one request may take.

    Raises:
        MissingExtra: pymilvus is not installed.
        EngineError: nothing answers there, or the name is none.
    """

    def __init__(self, uri: str, name: str, *, token: str = "", timeout_s: float = TIMEOUT_S) -> None:
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,100}", name):
            raise EngineError(f"{name!r} is no name for Milvus.", hint="Use letters, digits and underscores.")
        self.uri, self.name = uri, name
        try:
            from pymilvus import MilvusClient
        except ImportError as error:
            raise MissingExtra("Searching on Milvus", extra="milvus") from error
        logging.getLogger("pymilvus").setLevel(logging.CRITICAL)  # what it says is told in our errors
        with self.told():
            self.client = MilvusClient(uri, token=token, timeout=timeout_s)

    @contextmanager
    def told(self) -> Iterator[None]:
        """Turn what Milvus reports into an ``EngineError`` that names the address."""
        from pymilvus.exceptions import MilvusException

        try:
            yield
        except MilvusException as error:
            raise EngineError(
                f"Milvus at {self.uri} does not answer as asked ({str(error.message)[:300]}).",
                hint="Check that it runs and can be reached; then run the same command again.",
            ) from error
        except (OSError, ValueError, RuntimeError) as error:  # a closed channel, a file of Lite's
            raise EngineError(
                f"Milvus at {self.uri} cannot be used ({error}).", hint="Check its address, or its file."
            ) from error

    def collection_for(self, fingerprint: str) -> str:
        """The name of the collection for a model's vectors."""
        return f"{self.name}_{blake2b(fingerprint.encode(), digest_size=6).hexdigest()}"

    def collections(self) -> list[str]:
        """All of the catalogue's, finished or not."""
        with self.told():
            names = self.client.list_collections()
        return sorted(name for name in names if re.fullmatch(rf"{self.name}_[0-9a-f]{{12}}", name))

    def answering(self) -> str | None:
        """The collection that the alias names; None where no load was ever finished."""
        from pymilvus.exceptions import MilvusException

        with self.told():
            self.client.list_collections()  # tells a server that is gone from an alias that is not there
            try:
                found = self.client.describe_alias(self.name)
            except MilvusException:
                return None
        return str(found["collection_name"])

    def switch(self, collection: str) -> None:
        """Make a collection answer, in one step."""
        before = self.answering()
        with self.told():
            if before is None:
                self.client.create_alias(collection, self.name)
            else:
                self.client.alter_alias(collection, self.name)

    def create(self, card: Card, model: str, *, index: Mapping[str, Any]) -> str:
        """The collection for a model, made where it is missing.

        Args:
            card: of the model.
            model: name or folder by which it can be opened.
            index: Milvus' own parameters; ``{"index_type": "FLAT"}`` is exact.
        """
        collection = self.collection_for(card.fingerprint)
        with self.told():
            if not self.client.has_collection(collection):
                indexes = self.client.prepare_index_params()
                indexes.add_index("vector", metric_type="IP", **index)
                facts = {"format": FORMAT, "model": model, "card": card.to_json(), "state": "loading"}
                self.client.create_collection(
                    collection,
                    schema=_schema(self.client, card.width),
                    index_params=indexes,
                    consistency_level="Strong",
                    properties={_PREFIX + key: value for key, value in facts.items()},
                )
        self.make_ready(collection)
        return collection

    def make_ready(self, collection: str) -> None:
        """Have a collection in memory; one whose maker was killed, or of a file opened anew, may not be."""
        with self.told():
            self.client.load_collection(collection)

    def facts(self, collection: str) -> dict[str, str]:
        """What is kept with a collection: model, card, state, columns.

        Raises:
            EngineError: it is not one of ours, or of a newer lookalike.
        """
        with self.told():
            properties = self.client.describe_collection(collection).get("properties", {})
        facts = {
            key[len(_PREFIX) :]: str(value) for key, value in properties.items() if key.startswith(_PREFIX)
        }
        if facts.get("format") != FORMAT or not {"model", "card", "state"} <= facts.keys():
            raise EngineError(
                f"The collection {collection} was not loaded by this lookalike.",
                hint="Choose another --name, or load it again.",
            )
        return facts

    def note(self, collection: str, facts: Mapping[str, str]) -> None:
        """Keep facts with a collection, beside those that it has."""
        with self.told():
            self.client.alter_collection_properties(
                collection, {_PREFIX + key: value for key, value in facts.items()}
            )

    def put(self, collection: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write rows in place of those of the same key."""
        with self.told():
            for start in range(0, len(rows), ROWS_AT_ONCE):
                self.client.upsert(collection, [dict(row) for row in rows[start : start + ROWS_AT_ONCE]])

    def delete(self, collection: str, condition: str) -> None:
        """Delete the rows that meet a condition."""
        with self.told():
            self.client.delete(collection, filter=condition)

    def query(self, collection: str, condition: str, fields: Sequence[str]) -> list[dict[str, Any]]:
        """All rows that meet a condition, whatever their number."""
        rows: list[dict[str, Any]] = []
        with self.told():
            asked = self.client.query_iterator(
                collection, batch_size=ROWS_AT_ONCE, filter=condition, output_fields=list(fields)
            )
            while batch := asked.next():
                rows += [dict(row) for row in batch]
            asked.close()
        return rows

    def count(self, collection: str, condition: str = "") -> int:
        """How many rows meet a condition; all of them without."""
        with self.told():
            (row,) = self.client.query(collection, filter=condition, output_fields=["count(*)"])
        return int(row["count(*)"])

    def drop(self, collection: str) -> None:
        """Delete a collection."""
        with self.told():
            self.client.drop_collection(collection)

    def close(self) -> None:
        """Let go of the connection."""
        self.client.close()


def columns_in(facts: Mapping[str, str]) -> dict[str, bool]:
    """The attributes that a collection can be filtered by (see ``columns_of``)."""
    columns: dict[str, bool] = json.loads(facts.get("columns", "{}"))
    return columns


def _schema(client: Any, width: int) -> Any:
    from pymilvus import DataType

    schema = client.create_schema(auto_id=False)
    schema.add_field("key", DataType.VARCHAR, max_length=64, is_primary=True)
    schema.add_field("item_key", DataType.INT64)
    schema.add_field("item", DataType.VARCHAR, max_length=4096)
    schema.add_field("position", DataType.INT64)
    schema.add_field("checksum", DataType.INT64)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=width)
    for name in ("view", "attributes", "source"):
        schema.add_field(name, DataType.VARCHAR, max_length=65_535)
    schema.add_field("facets", DataType.JSON)
    return schema
