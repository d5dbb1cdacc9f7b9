"""A store filled from shards is the store that indexing fills."""

from __future__ import annotations

import pytest
from tests.embedding.jobs.conftest import job_for

import lookalike
from lookalike.embedding.jobs.running import run_job
from lookalike.embedding.jobs.shards import shard_name
from lookalike.errors import FingerprintMismatch, JobError
from lookalike.retrieval.shard_loading import load_shards
from lookalike.retrieval.store import Store

pytest.importorskip("pyarrow", reason="SKIPPED FOR WANT OF PYARROW: pip install 'lookalike[cluster]'")


def test_a_loaded_store_ranks_as_an_indexed_one(item_folder, tmp_path):
    run_job(job_for(item_folder, tmp_path / "out"))
    load_shards(str(tmp_path / "out"), tmp_path / "loaded")
    indexed = lookalike.index(item_folder, tmp_path / "indexed", model="descriptor")
    query = item_folder / "cups" / "item-1" / "1_back.png"
    ours = lookalike.open(tmp_path / "loaded").search(query, k=6)
    theirs = indexed.search(query, k=6)
    assert [(one.item, one.score, one.path) for one in ours] == [(m.item, m.score, m.path) for m in theirs]


def test_indexing_the_same_photos_afterwards_embeds_nothing(item_folder, tmp_path):
    from lookalike.retrieval.indexing import index_catalogue
    from lookalike.retrieval.opening import open_for_indexing

    run_job(job_for(item_folder, tmp_path / "out"))
    load_shards(str(tmp_path / "out"), tmp_path / "store")
    store, embedder = open_for_indexing(tmp_path / "store")
    report = index_catalogue(lookalike.read_catalogue(item_folder), store, embedder)
    assert (report.embedded, report.unchanged) == (0, 6)


def test_photos_that_the_job_could_not_use_are_remembered_by_the_store(item_folder, tmp_path):
    bad = item_folder / "cups" / "item-1" / "1_back.png"
    bad.write_bytes(b"no photo")
    run_job(job_for(item_folder, tmp_path / "out"))
    load_shards(str(tmp_path / "out"), tmp_path / "store")
    assert [(one.photo, one.reason) for one in Store.open(tmp_path / "store").failures()] == [
        (str(bad), "not_a_photo")
    ]


def test_loading_twice_writes_nothing_the_second_time(item_folder, tmp_path):
    run_job(job_for(item_folder, tmp_path / "out"))
    first = load_shards(str(tmp_path / "out"), tmp_path / "store")
    again = load_shards(str(tmp_path / "out"), tmp_path / "store")
    assert (first.written, again.written) == (6, 0)


def test_an_unfinished_job_is_not_loaded(item_folder, tmp_path):
    run_job(job_for(item_folder, tmp_path / "out"))
    (tmp_path / "out" / "manifest.json").unlink()
    with pytest.raises(JobError, match="no job was finished"):
        load_shards(str(tmp_path / "out"), tmp_path / "store")


def test_half_a_shard_is_refused_and_what_was_loaded_stays(item_folder, tmp_path):
    run_job(job_for(item_folder, tmp_path / "out"))
    half = tmp_path / "out" / shard_name(2)
    whole = half.read_bytes()
    half.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(JobError, match="is not the file that the manifest names"):
        load_shards(str(tmp_path / "out"), tmp_path / "store")
    half.write_bytes(whole)
    assert load_shards(str(tmp_path / "out"), tmp_path / "store").written == 2


def test_a_store_of_another_model_is_refused(item_folder, tmp_path):
    run_job(job_for(item_folder, tmp_path / "out"))
    lookalike.index(item_folder, tmp_path / "store", model="pixels")
    with pytest.raises(FingerprintMismatch, match=r"descriptor.*pixels"):
        load_shards(str(tmp_path / "out"), tmp_path / "store")
