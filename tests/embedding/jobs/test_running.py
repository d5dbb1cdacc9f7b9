"""A job: every photo once, whatever happens in between."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import numpy as np
import pytest
from tests.conftest import drawn_photo
from tests.embedding.jobs.conftest import job_for

from lookalike.catalogue.reading import read_catalogue
from lookalike.embedding.jobs import places, running, working
from lookalike.embedding.jobs.running import run_job
from lookalike.embedding.jobs.shards import matrix_of, read_shard, shard_name
from lookalike.embedding.pipeline import Embedded, embed_views
from lookalike.embedding.zoo import open_embedder
from lookalike.errors import FingerprintMismatch, JobError


def rows_of(out: Path) -> dict[tuple[str, int], np.ndarray]:
    """All vectors by item and position; one that stands twice is an error."""
    found: dict[tuple[str, int], np.ndarray] = {}
    for path in sorted((out / "shards").iterdir()):
        table, _ = read_shard(path.read_bytes(), where=path.name)
        for row, vector in zip(table.to_pylist(), matrix_of(table), strict=True):
            key = (row["item_id"], row["position"])
            assert key not in found
            found[key] = vector
    return found


def test_the_shards_hold_the_vectors_that_embedding_gives(item_folder, tmp_path):
    report = run_job(job_for(item_folder, tmp_path / "out"))
    assert (report.manifest.rows, report.manifest.bad, report.made) == (18, 0, 3)
    pairs = list(read_catalogue(item_folder).views())
    outcomes = list(embed_views((view for _, view in pairs), open_embedder("descriptor")))
    rows = rows_of(tmp_path / "out")
    assert len(rows) == len(pairs)
    places_of: dict[str, int] = {}
    for (item, _), outcome in zip(pairs, outcomes, strict=True):
        position = places_of.setdefault(item.id, 0)
        places_of[item.id] += 1
        assert isinstance(outcome, Embedded)
        np.testing.assert_array_equal(rows[item.id, position], outcome.vector)


def test_a_second_run_makes_nothing_and_leaves_every_byte(item_folder, tmp_path):
    job = job_for(item_folder, tmp_path / "out")
    run_job(job)
    before = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert run_job(job).made == 0
    assert {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()} == before


def test_bad_photos_are_listed_with_their_reason_and_the_rest_goes_on(item_folder, tmp_path):
    bad = item_folder / "cups" / "item-0" / "1_back.png"
    bad.write_bytes(b"no photo at all")
    report = run_job(job_for(item_folder, tmp_path / "out"))
    assert (report.manifest.rows, report.manifest.bad) == (17, 1)
    (line,) = (tmp_path / "out" / "bad.jsonl").read_text().splitlines()
    told = json.loads(line)
    assert told["path"] == str(bad)
    assert told["reason"] == "not_a_photo"
    assert (told["item_id"], told["position"]) not in rows_of(tmp_path / "out")


def test_a_full_disk_stops_the_job_with_a_clear_error_and_the_next_run_goes_on(
    item_folder, tmp_path, monkeypatch
):
    job = job_for(item_folder, tmp_path / "out")
    written = places.Folder.write

    def full(place: places.Folder, name: str, content: bytes) -> None:
        if name == shard_name(1):
            with places._told(name, "written"):
                raise OSError(errno.ENOSPC, "No space left on device")
        written(place, name, content)

    with monkeypatch.context() as patch:
        patch.setattr(places.Folder, "write", full)
        with pytest.raises(JobError, match="No space left") as told:
            run_job(job)
    assert "run the same job again" in told.value.hint
    assert not (tmp_path / "out" / "manifest.json").exists()
    assert not list((tmp_path / "out").rglob("*.part"))
    assert run_job(job).made == 2
    assert len(rows_of(tmp_path / "out")) == 18


def test_half_a_shard_is_named_and_alone_made_again(item_folder, tmp_path):
    job = job_for(item_folder, tmp_path / "out")
    run_job(job)
    half = tmp_path / "out" / shard_name(1)
    whole = half.read_bytes()
    half.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(JobError, match=r"shards/000001.parquet is damaged") as told:
        run_job(job)
    assert "Delete it" in told.value.hint
    half.unlink()
    assert run_job(job).made == 1
    assert half.read_bytes() == whole


def test_a_shard_of_another_plan_is_refused(item_folder, tmp_path):
    run_job(job_for(item_folder, tmp_path / "one"))
    drawn_photo(50).save(item_folder / "cups" / "item-0" / "9_new.png")
    job = job_for(item_folder, tmp_path / "two")
    run_job(job)
    (tmp_path / "two" / shard_name(0)).write_bytes((tmp_path / "one" / shard_name(0)).read_bytes())
    with pytest.raises(JobError, match="another plan"):
        run_job(job)


def test_a_folder_of_another_models_vectors_is_refused_naming_both(item_folder, tmp_path):
    run_job(job_for(item_folder, tmp_path / "out"))
    with pytest.raises(FingerprintMismatch, match=r"pixels.*descriptor"):
        run_job(job_for(item_folder, tmp_path / "out", model={"name": "pixels"}))


def test_a_worker_with_another_model_under_the_same_name_is_refused(item_folder, tmp_path, monkeypatch):
    other = open_embedder("pixels")
    monkeypatch.setattr(working, "_embedder", lambda *_: other)
    with pytest.raises(FingerprintMismatch, match="of this machine"):
        run_job(job_for(item_folder, tmp_path / "out"))


def test_a_folder_of_another_job_is_refused(item_folder, tmp_path):
    run_job(job_for(item_folder, tmp_path / "out"))
    with pytest.raises(JobError, match="another job"):
        run_job(job_for(item_folder / "cups", tmp_path / "out"))


def test_an_engine_that_dies_is_started_again_until_nothing_is_missing(item_folder, tmp_path, monkeypatch):
    class Dying(running.Engine):
        def make(self, order, numbers):
            yield numbers[0], working.make_shard(order, numbers[0])
            raise JobError("The cluster is gone.", hint="")

    monkeypatch.setattr(running, "open_engine", lambda _: Dying())
    assert run_job(job_for(item_folder, tmp_path / "out")).manifest.rows == 18


def test_an_engine_that_brings_nothing_is_not_asked_for_ever(item_folder, tmp_path, monkeypatch):
    class Idle(running.Engine):
        def make(self, order, numbers):
            return iter(())

    monkeypatch.setattr(running, "open_engine", lambda _: Idle())
    with pytest.raises(JobError, match="3 of 3 shards are missing"):
        run_job(job_for(item_folder, tmp_path / "out"))


def test_items_are_never_split_over_two_shards(item_folder, tmp_path):
    run_job(job_for(item_folder, tmp_path / "out", out={"views_per_shard": 4}))
    for path in (tmp_path / "out" / "shards").iterdir():
        table, _ = read_shard(path.read_bytes(), where=path.name)
        assert table.column("position").to_pylist() == [0, 1, 2]


def test_daft_on_this_machine_makes_the_same_shards(item_folder, tmp_path):
    pytest.importorskip("daft", reason="SKIPPED FOR WANT OF DAFT: pip install 'lookalike[cluster]'")
    run_job(job_for(item_folder, tmp_path / "local"))
    report = run_job(job_for(item_folder, tmp_path / "daft", engine={"name": "daft"}))
    assert report.manifest.rows == 18
    again = run_job(job_for(item_folder, tmp_path / "again", engine={"name": "daft"}))
    assert again.made == 3  # Daft takes its runner once a process
    for number in range(3):
        name = shard_name(number)
        assert (tmp_path / "daft" / name).read_bytes() == (tmp_path / "local" / name).read_bytes()
