"""A collection filled from a job's shards answers as one filled from a store."""

from __future__ import annotations

import pytest
from tests.embedding.jobs.conftest import job_for

import lookalike
from lookalike.embedding.jobs.running import run_job
from lookalike.embedding.jobs.shards import shard_name
from lookalike.errors import JobError

pytest.importorskip("pyarrow", reason="needs the cluster extra")
pytest.importorskip("milvus_lite", reason="needs the milvus extra")

from lookalike.retrieval.engines.collections import Milvus
from lookalike.retrieval.engines.loading import load
from lookalike.retrieval.engines.milvus import MilvusEngine
from lookalike.retrieval.engines.shards import shard_source


def test_shards_are_loaded_without_a_store_between_and_half_a_shard_is_refused(item_folder, tmp_path):
    run_job(job_for(item_folder, tmp_path / "out"))
    there = Milvus(str(tmp_path / "lite.db"), "shop")
    assert load(shard_source(str(tmp_path / "out")), there).written == 6
    assert load(shard_source(str(tmp_path / "out")), there).written == 0
    local = lookalike.index(item_folder, tmp_path / "store", model="descriptor")
    query = item_folder / "cups" / "item-1" / "1_back.png"
    found, wanted = MilvusEngine(there).search(query, 6), local.search(query, 6)
    assert [(one.item, one.score, one.path) for one in found] == [
        (one.item, one.score, one.path) for one in wanted
    ]
    half = tmp_path / "out" / shard_name(2)
    half.write_bytes(half.read_bytes()[:100])
    with pytest.raises(JobError, match="is not the file that the manifest names"):
        shard_source(str(tmp_path / "out"))
