"""Databases within the process as peers: LanceDB and chroma know views, Qdrant and Milvus Lite group them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.peers.case import Case, K
from benchmarks.peers.search_peers import Grouped, Peer

ADDED_AT_ONCE = 5_000


def parts(case: Case) -> Iterator[tuple[range, np.ndarray]]:
    """Row numbers and vectors, some thousand at a time."""
    matrix = case.snapshot.matrix
    for start in range(0, len(matrix), ADDED_AT_ONCE):
        part = np.ascontiguousarray(matrix[start : start + ADDED_AT_ONCE])
        yield range(start, start + len(part)), part


class Lance(Grouped):
    package = "lancedb"
    settings = "IVF_HNSW_SQ, one partition, M 20, ef_construction 100, refined 4x"
    efforts = (128, 256, 512)
    table: Any
    effort = 128

    def build(self, case: Case, folder: Path) -> None:
        import lancedb
        import pyarrow as pa

        matrix = np.ascontiguousarray(case.snapshot.matrix)
        vectors = pa.FixedSizeListArray.from_arrays(pa.array(matrix.reshape(-1)), matrix.shape[1])
        rows = pa.table({"row": np.arange(len(matrix)), "vector": vectors})
        table = lancedb.connect(str(folder / "lance")).create_table("views", rows)
        table.create_index(
            metric="dot", index_type="IVF_HNSW_SQ", num_partitions=1, m=20, ef_construction=100
        )

    def open(self, case: Case, folder: Path) -> None:  # noqa: ARG002
        import lancedb

        self.table = lancedb.connect(str(folder / "lance")).open_table("views")

    def take(self, effort: int) -> None:
        self.effort = effort

    def views(self, questions: np.ndarray) -> np.ndarray:
        return np.stack([self._nearest(question) for question in questions])

    def _nearest(self, question: np.ndarray) -> np.ndarray:
        found = self.table.search(question).metric("dot").nprobes(1).ef(max(self.effort, 4 * self.fetch))
        found = found.refine_factor(4).limit(self.fetch).select(["row", "_distance"])
        return found.to_arrow()["row"].to_numpy()


class Chroma(Grouped):
    package = "chromadb"
    settings = "HNSW, M 16, ef_construction 100, ef_search 128"
    kept: Any

    def build(self, case: Case, folder: Path) -> None:
        self.open(case, folder)
        for rows, part in parts(case):
            self.kept.add(ids=[str(row) for row in rows], embeddings=part)

    def open(self, case: Case, folder: Path) -> None:  # noqa: ARG002
        import chromadb

        client = chromadb.PersistentClient(
            str(folder / "chroma"), settings=chromadb.Settings(anonymized_telemetry=False)
        )
        how: Any = {"hnsw": {"space": "ip", "ef_construction": 100, "ef_search": 128, "max_neighbors": 16}}
        self.kept = client.get_or_create_collection("views", configuration=how, embedding_function=None)

    def views(self, questions: np.ndarray) -> np.ndarray:
        found = self.kept.query(query_embeddings=list(questions), n_results=self.fetch, include=[])
        return np.array(found["ids"]).astype(np.int64)


class Qdrant(Peer):
    package = "qdrant-client"
    settings = "local mode in memory (on disk it commits each point by itself), exact, query_points_groups"
    client: Any

    def build(self, case: Case, folder: Path) -> None:
        self.open(case, folder)

    def open(self, case: Case, folder: Path) -> None:  # noqa: ARG002
        from qdrant_client import QdrantClient, models

        self.client = QdrantClient(":memory:")
        size = models.VectorParams(size=case.snapshot.width, distance=models.Distance.DOT)
        self.client.create_collection("views", size)
        for rows, part in parts(case):
            payload = [{"item": int(item)} for item in case.item_of[rows.start : rows.stop]]
            self.client.upload_collection("views", vectors=part, payload=payload, ids=list(rows))

    def items(self, questions: np.ndarray) -> list[list[int]]:
        found = [
            self.client.query_points_groups("views", "item", query=question, limit=K, group_size=1)
            for question in questions
        ]
        return [[int(group.id) for group in one.groups] for one in found]


class Milvus(Peer):
    package = "milvus-lite"
    settings = "FLAT, grouped by item (group_by_field)"
    client: Any

    def build(self, case: Case, folder: Path) -> None:
        from pymilvus import DataType, MilvusClient

        client = MilvusClient(str(folder / "milvus.db"))
        schema = client.create_schema(auto_id=False)
        schema.add_field("row", DataType.INT64, is_primary=True)
        schema.add_field("item", DataType.INT64)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=case.snapshot.width)
        params = client.prepare_index_params()
        params.add_index("vector", index_type="FLAT", metric_type="IP")
        client.create_collection("views", schema=schema, index_params=params)
        for rows, part in parts(case):
            items = case.item_of[rows.start : rows.stop].tolist()
            client.insert(
                "views",
                [
                    {"row": row, "item": item, "vector": vector}
                    for row, item, vector in zip(rows, items, part.tolist(), strict=True)
                ],
            )
        client.flush("views")
        client.close()

    def open(self, case: Case, folder: Path) -> None:  # noqa: ARG002
        from pymilvus import MilvusClient

        self.client = MilvusClient(str(folder / "milvus.db"))
        self.client.load_collection("views")

    def items(self, questions: np.ndarray) -> list[list[int]]:
        found = self.client.search(
            "views", questions.tolist(), limit=K, group_by_field="item", output_fields=["item"]
        )
        return [[int(hit["entity"]["item"]) for hit in one] for one in found]
