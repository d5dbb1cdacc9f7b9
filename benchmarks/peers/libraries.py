"""Vector libraries as peers: FAISS, hnswlib, usearch. They know views, not items."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.peers.case import Case
from benchmarks.peers.search_peers import Grouped

EFFORTS = (128, 256, 512, 1024)


class Faiss(Grouped):
    package = "faiss-cpu"
    batches = True
    index: Any

    def make(self, width: int, views: int) -> Any:  # noqa: ARG002
        """The empty index."""
        import faiss

        return faiss.IndexFlatIP(width)

    settings = "exact"

    def build(self, case: Case, folder: Path) -> None:
        import faiss

        matrix = np.ascontiguousarray(case.snapshot.matrix)
        index = self.make(matrix.shape[1], len(matrix))
        if not index.is_trained:
            index.train(matrix[np.random.default_rng(0).permutation(len(matrix))[:100_000]])
        index.add(matrix)
        faiss.write_index(index, str(folder / "index.faiss"))

    def open(self, case: Case, folder: Path) -> None:  # noqa: ARG002
        import faiss

        self.index = faiss.read_index(str(folder / "index.faiss"))

    def views(self, questions: np.ndarray) -> np.ndarray:
        return self.index.search(questions, self.fetch)[1]


class FaissHnsw(Faiss):
    settings = "M 32, efConstruction 100, float32"
    efforts = EFFORTS

    def make(self, width: int, views: int) -> Any:  # noqa: ARG002
        import faiss

        index = faiss.IndexHNSWFlat(width, 32, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction = 100
        return index

    def take(self, effort: int) -> None:
        self.index.hnsw.efSearch = effort


class FaissIvfPq(Faiss):
    settings = "IVF of sqrt(n) lists, PQ of 128x4 bits fast scan, the best refined in float32 (k_factor 4)"
    efforts = (8, 16, 32, 64, 128, 256)

    def make(self, width: int, views: int) -> Any:
        import faiss

        lists = max(64, int(views**0.5))
        return faiss.index_factory(width, f"IVF{lists},PQ{width // 2}x4fs,RFlat", faiss.METRIC_INNER_PRODUCT)

    def take(self, effort: int) -> None:
        import faiss

        self.index.k_factor = 4
        faiss.extract_index_ivf(faiss.downcast_index(self.index.base_index)).nprobe = effort


class Hnswlib(Grouped):
    package = "hnswlib"
    settings = "M 32, ef_construction 100, float32"
    efforts, batches = EFFORTS, True
    index: Any

    def build(self, case: Case, folder: Path) -> None:
        import hnswlib

        matrix = case.snapshot.matrix
        index = hnswlib.Index("ip", matrix.shape[1])
        index.init_index(len(matrix), ef_construction=100, M=32)
        index.add_items(np.ascontiguousarray(matrix), num_threads=1)
        index.save_index(str(folder / "index.hnsw"))

    def open(self, case: Case, folder: Path) -> None:
        import hnswlib

        self.index = hnswlib.Index("ip", case.snapshot.width)
        self.index.load_index(str(folder / "index.hnsw"))

    def take(self, effort: int) -> None:
        self.index.set_ef(effort)

    def views(self, questions: np.ndarray) -> np.ndarray:
        threads = 1 if len(questions) == 1 else -1
        return self.index.knn_query(questions, self.fetch, num_threads=threads)[0].astype(np.int64)


class Usearch(Grouped):
    package = "usearch"
    settings = "connectivity 32, expansion_add 100, float16"
    efforts, batches = EFFORTS, True
    index: Any

    def build(self, case: Case, folder: Path) -> None:
        from usearch.index import Index as Native

        matrix = np.ascontiguousarray(case.snapshot.matrix)
        index = Native(ndim=matrix.shape[1], metric="ip", dtype="f16", connectivity=32, expansion_add=100)
        index.add(np.arange(len(matrix)), matrix, threads=1)
        index.save(str(folder / "index.usearch"))

    def open(self, case: Case, folder: Path) -> None:  # noqa: ARG002
        from usearch.index import Index as Native

        self.index = Native.restore(str(folder / "index.usearch"))

    def take(self, effort: int) -> None:
        self.index.expansion_search = effort

    def views(self, questions: np.ndarray) -> np.ndarray:
        if len(questions) == 1:
            return self.index.search(questions[0], self.fetch, threads=1).keys[None].astype(np.int64)
        return self.index.search(questions, self.fetch, threads=0).keys.astype(np.int64)
