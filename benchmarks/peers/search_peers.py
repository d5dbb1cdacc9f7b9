"""Each way to the ten best items, as a peer: built from vectors, asked one query at a time, saved and opened.

A peer that knows views only is asked for so many views, which are grouped into items here (`Grouped`):
naively (ten views) or by over-fetch (a hundred). A peer that groups by itself is asked for groups.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

import numpy as np

from lookalike.retrieval.derived import read_derived, write_derived
from lookalike.retrieval.index.base import Index
from lookalike.retrieval.index.compressed import CompressedIndex
from lookalike.retrieval.index.exact import ExactIndex
from lookalike.retrieval.snapshot import Identity, Snapshot

K = 10


def items_of(snapshot: Snapshot) -> np.ndarray:
    """The item's number of each view."""
    return np.repeat(np.arange(len(snapshot)), np.diff(snapshot.starts))


class Peer(ABC):
    """One way to the best items."""

    package = ""
    settings = ""

    @abstractmethod
    def build(self, snapshot: Snapshot, folder: Path) -> None:
        """Take the vectors in."""

    @abstractmethod
    def items(self, query: np.ndarray) -> list[int]:
        """Numbers of the ten best items, best first; query of shape (width,)."""

    def save(self, folder: Path) -> None:  # noqa: B027 - some are on disk when built, or never
        """Put it on disk."""

    def opening(self, folder: Path) -> None:  # noqa: B027 - not all can be opened
        """Open what lies on disk, ready for a query."""


class Compressed(Peer):
    package = "lookalike"
    settings = "default code, all views of the candidates rescored"
    kind: type[Index] = CompressedIndex

    def build(self, snapshot: Snapshot, folder: Path) -> None:  # noqa: ARG002
        self.index, self.snapshot = self.kind(snapshot), snapshot

    def items(self, query: np.ndarray) -> list[int]:
        return [hit.place for hit in self.index.nearest([query[None]], K)[0]]


class Exact(Compressed):
    settings = "exact scan, best view of each item fused in"
    kind = ExactIndex

    def save(self, folder: Path) -> None:
        write_derived(folder, self.snapshot)

    def opening(self, folder: Path) -> None:
        known = self.snapshot
        identity = Identity(known.folder, known.store_id, known.version, known.fingerprint)
        found = read_derived(folder, identity)
        assert found is not None
        self.index = self.kind(found)
        self.items(np.asarray(found.matrix[0]))


class Grouped(Peer):
    """A peer that finds views; the first views of ten items are its items."""

    fetch = K

    def take_items(self, snapshot: Snapshot) -> None:
        self.item_of = items_of(snapshot)

    @abstractmethod
    def views(self, query: np.ndarray) -> np.ndarray:
        """Row numbers of the ``fetch`` nearest views, nearest first."""

    def items(self, query: np.ndarray) -> list[int]:
        return list(dict.fromkeys(self.item_of[self.views(query)].tolist()))[:K]


class Faiss(Grouped):
    package = "faiss"

    def __init__(self, kind: str, settings: str) -> None:
        self.kind, self.settings = kind, settings

    def build(self, snapshot: Snapshot, folder: Path) -> None:  # noqa: ARG002
        import faiss

        self.take_items(snapshot)
        matrix = np.ascontiguousarray(snapshot.matrix)
        width = matrix.shape[1]
        lists = max(64, int(len(matrix) ** 0.5))
        if self.kind == "flat":
            self.index = faiss.IndexFlatIP(width)
        elif self.kind == "hnsw":
            self.index = faiss.IndexHNSWFlat(width, 32, faiss.METRIC_INNER_PRODUCT)
            self.index.hnsw.efConstruction, self.index.hnsw.efSearch = 100, 128
        else:
            self.index = faiss.index_factory(
                width, f"IVF{lists},PQ{width // 2}x4fs,RFlat", faiss.METRIC_INNER_PRODUCT
            )
            self.index.train(matrix[: 100 * lists])
        self.index.add(matrix)
        self._set()

    def _set(self) -> None:
        import faiss

        if self.kind == "ivfpq":
            self.index.k_factor = 4
            faiss.extract_index_ivf(faiss.downcast_index(self.index).base_index).nprobe = 32

    def views(self, query: np.ndarray) -> np.ndarray:
        return self.index.search(query[None], self.fetch)[1][0]

    def save(self, folder: Path) -> None:
        import faiss

        faiss.write_index(self.index, str(folder / "index.faiss"))

    def opening(self, folder: Path) -> None:
        import faiss

        self.index = faiss.read_index(str(folder / "index.faiss"))
        self._set()
        self.views(np.ones(self.index.d, np.float32))


class Hnswlib(Grouped):
    package = "hnswlib"
    settings = "M 16, ef_construction 100, ef 128"

    def build(self, snapshot: Snapshot, folder: Path) -> None:  # noqa: ARG002
        import hnswlib

        self.take_items(snapshot)
        matrix = np.ascontiguousarray(snapshot.matrix)
        self.index = hnswlib.Index("ip", matrix.shape[1])
        self.index.init_index(len(matrix), ef_construction=100, M=16)
        self.index.add_items(matrix, num_threads=1)
        self.index.set_ef(128)

    def views(self, query: np.ndarray) -> np.ndarray:
        return self.index.knn_query(query, self.fetch, num_threads=1)[0][0]

    def save(self, folder: Path) -> None:
        self.index.save_index(str(folder / "index.hnsw"))

    def opening(self, folder: Path) -> None:
        import hnswlib

        self.index = hnswlib.Index("ip", self.index.dim)
        self.index.load_index(str(folder / "index.hnsw"))
        self.index.set_ef(128)
        self.views(np.ones(self.index.dim, np.float32))


class Usearch(Grouped):
    package = "usearch"
    settings = "f16, connectivity 16, expansion_add 100, expansion_search 128"

    def build(self, snapshot: Snapshot, folder: Path) -> None:  # noqa: ARG002
        from usearch.index import Index as Native

        self.take_items(snapshot)
        matrix = np.ascontiguousarray(snapshot.matrix)
        self.index = Native(
            ndim=matrix.shape[1],
            metric="ip",
            dtype="f16",
            connectivity=16,
            expansion_add=100,
            expansion_search=128,
        )
        self.index.add(np.arange(len(matrix)), matrix, threads=1)

    def views(self, query: np.ndarray) -> np.ndarray:
        return self.index.search(query, self.fetch, threads=1).keys.astype(np.int64)

    def save(self, folder: Path) -> None:
        self.index.save(str(folder / "index.usearch"))

    def opening(self, folder: Path) -> None:
        from usearch.index import Index as Native

        self.index = Native.restore(str(folder / "index.usearch"))
        self.index.expansion_search = 128
        self.views(np.ones(self.index.ndim, np.float32))


class Lance(Grouped):
    package = "lancedb"
    settings = "IVF_HNSW_SQ, one partition, M 20, ef_construction 100, ef 128, refined 4x"

    def build(self, snapshot: Snapshot, folder: Path) -> None:
        import lancedb
        import pyarrow as pa

        self.take_items(snapshot)
        matrix = np.ascontiguousarray(snapshot.matrix)
        width = matrix.shape[1]
        vectors = pa.FixedSizeListArray.from_arrays(pa.array(matrix.reshape(-1)), width)
        table = pa.table({"row": np.arange(len(matrix)), "vector": vectors})
        self.table = lancedb.connect(str(folder / "lance")).create_table("views", table)
        self.table.create_index(
            metric="dot", index_type="IVF_HNSW_SQ", num_partitions=1, m=20, ef_construction=100
        )

    def views(self, query: np.ndarray) -> np.ndarray:
        found = (
            self.table.search(query)
            .metric("dot")
            .nprobes(1)
            .ef(max(128, 4 * self.fetch))
            .refine_factor(4)
            .limit(self.fetch)
        )
        return found.select(["row", "_distance"]).to_arrow()["row"].to_numpy()

    def opening(self, folder: Path) -> None:
        import lancedb

        self.table = lancedb.connect(str(folder / "lance")).open_table("views")
        self.views(np.ones(256, np.float32))


class Chroma(Grouped):
    package = "chromadb"
    settings = "HNSW, M 16, ef_construction 100, ef_search 128"

    def build(self, snapshot: Snapshot, folder: Path) -> None:
        self.take_items(snapshot)
        matrix = np.ascontiguousarray(snapshot.matrix)
        self._open(folder)
        for start in range(0, len(matrix), 5000):
            part = matrix[start : start + 5000]
            names = [str(row) for row in range(start, start + len(part))]
            self.views_of.add(ids=names, embeddings=part)

    def _open(self, folder: Path) -> None:
        import chromadb

        client = chromadb.PersistentClient(
            str(folder / "chroma"), settings=chromadb.Settings(anonymized_telemetry=False)
        )
        how: Any = {"hnsw": {"space": "ip", "ef_construction": 100, "ef_search": 128, "max_neighbors": 16}}
        self.views_of = client.get_or_create_collection("views", configuration=how, embedding_function=None)

    def views(self, query: np.ndarray) -> np.ndarray:
        found = self.views_of.query(query_embeddings=[query], n_results=self.fetch, include=[])
        return np.array(found["ids"][0], np.int64)

    def opening(self, folder: Path) -> None:
        self._open(folder)
        self.views(np.ones(256, np.float32))


class Qdrant(Peer):
    package = "qdrant-client"
    settings = "local mode in memory (exact), groups by item"

    def build(self, snapshot: Snapshot, folder: Path) -> None:  # noqa: ARG002
        from qdrant_client import QdrantClient, models

        self.client = QdrantClient(":memory:")
        matrix = np.ascontiguousarray(snapshot.matrix)
        items = items_of(snapshot).tolist()
        self.client.create_collection(
            "views", models.VectorParams(size=matrix.shape[1], distance=models.Distance.DOT)
        )
        self.client.upload_collection(
            "views", vectors=matrix, payload=[{"item": item} for item in items], ids=range(len(items))
        )

    def items(self, query: np.ndarray) -> list[int]:
        found = self.client.query_points_groups("views", "item", query=query, limit=K, group_size=1)
        return [int(group.id) for group in found.groups]


class Milvus(Peer):
    package = "milvus-lite"
    settings = "FLAT, grouped by item (group_by_field)"

    def build(self, snapshot: Snapshot, folder: Path) -> None:
        from pymilvus import DataType, MilvusClient

        matrix = np.ascontiguousarray(snapshot.matrix)
        items = items_of(snapshot).tolist()
        self.client = MilvusClient(str(folder / "milvus.db"))
        schema = self.client.create_schema(auto_id=False)
        schema.add_field("row", DataType.INT64, is_primary=True)
        schema.add_field("item", DataType.INT64)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=matrix.shape[1])
        params = self.client.prepare_index_params()
        params.add_index("vector", index_type="FLAT", metric_type="IP")
        self.client.create_collection("views", schema=schema, index_params=params)
        for start in range(0, len(matrix), 5000):
            part = matrix[start : start + 5000]
            rows = [
                {"row": start + at, "item": items[start + at], "vector": vector}
                for at, vector in enumerate(part.tolist())
            ]
            self.client.insert("views", rows)

    def items(self, query: np.ndarray) -> list[int]:
        found = self.client.search(
            "views", [query.tolist()], limit=K, group_by_field="item", output_fields=["item"]
        )
        return [int(hit["entity"]["item"]) for hit in found[0]]


def peers() -> dict[str, Peer]:
    """All of them by name."""
    hnsw, fast = "M 32, efConstruction 100, efSearch 128", "IVF, PQ 128x4 fast scan, nprobe 32, refined 4x"
    return {
        "lookalike, exact": Exact(),
        "lookalike, compressed": Compressed(),
        "FAISS Flat": Faiss("flat", "exact"),
        "FAISS HNSW": Faiss("hnsw", hnsw),
        "FAISS IVF-PQ": Faiss("ivfpq", fast),
        "hnswlib": Hnswlib(),
        "usearch": Usearch(),
        "LanceDB": Lance(),
        "chroma": Chroma(),
        "Qdrant, local": Qdrant(),
        "Milvus Lite": Milvus(),
    }
