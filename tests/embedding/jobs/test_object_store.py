"""Photos and shards in an object store, against a server of the test's own."""

from __future__ import annotations

import numpy as np
import pytest
from tests.embedding.jobs.conftest import job_for
from tests.embedding.jobs.test_running import rows_of

from lookalike.embedding.jobs.places import open_place
from lookalike.embedding.jobs.running import run_job
from lookalike.embedding.jobs.shards import read_shard, shard_name
from lookalike.errors import JobError
from lookalike.retrieval.shard_loading import load_shards
from lookalike.retrieval.store import Store

pa = pytest.importorskip("pyarrow", reason="SKIPPED FOR WANT OF PYARROW: pip install 'lookalike[cluster]'")


@pytest.fixture
def bucket(s3, item_folder):
    """The drawn catalogue as objects of s3://shop/photos."""
    for path in item_folder.rglob("*.png"):
        s3[f"shop/photos/{path.relative_to(item_folder).as_posix()}"] = path.read_bytes()
    s3["shop/photos/notes.txt"] = b"no photo"
    return s3


def stored(s3) -> dict[str, str]:
    return {"endpoint": s3.endpoint, "region": "us-east-1"}


def test_photos_and_shards_in_a_bucket_give_the_vectors_of_a_folder(bucket, item_folder, tmp_path):
    run_job(job_for(item_folder, tmp_path / "out"))
    job = job_for("s3://shop/photos", "s3://shop/vectors", storage=stored(bucket))
    report = run_job(job)
    assert (report.manifest.rows, report.manifest.bad, report.made) == (18, 0, 3)
    ours = rows_of(tmp_path / "out")
    for number in range(3):
        table, _ = read_shard(bucket[f"shop/vectors/{shard_name(number)}"], where="")
        for row in table.to_pylist():
            np.testing.assert_array_equal(row["vector"], ours.pop((row["item_id"], row["position"])))
    assert not ours
    assert run_job(job).made == 0


def test_roles_are_told_by_the_objects_names(bucket, tmp_path):
    run_job(job_for("s3://shop/photos", tmp_path / "out", storage=stored(bucket)))
    table, _ = read_shard((tmp_path / "out" / shard_name(0)).read_bytes(), where="")
    assert table.column("role").to_pylist()[:3] == ["front", "back", "side"]


def test_a_store_filled_from_a_bucket_answers(bucket, tmp_path):
    run_job(job_for("s3://shop/photos", "s3://shop/vectors", storage=stored(bucket)))
    from lookalike.embedding.jobs.job import Storage

    report = load_shards("s3://shop/vectors", tmp_path / "store", storage=Storage(**stored(bucket)))
    assert (report.items, report.views) == (6, 18)
    assert Store.open(tmp_path / "store").counts().photos == 18


def test_a_parquet_table_of_addresses_is_embedded_with_its_attributes(bucket, tmp_path):
    import pyarrow.parquet as pq

    names = [f"cups/item-0/{name}.png" for name in ("0_front", "1_back")] + ["hats/item-3/0_front.png"]
    table = {
        "item_id": ["a", "a", "b"],
        "path": [f"s3://shop/photos/{name}" for name in names],
        "price": [3, 3, 7],
    }
    pq.write_table(pa.table(table), tmp_path / "photos.parquet")
    run_job(job_for(tmp_path / "photos.parquet", tmp_path / "out", storage=stored(bucket)))
    found, _ = read_shard((tmp_path / "out" / shard_name(0)).read_bytes(), where="")
    assert found.column("item_id").to_pylist() == ["a", "a", "b"]
    assert found.column("item_attributes").to_pylist() == ['{"price": 3}', '{"price": 3}', '{"price": 7}']


def test_a_photo_that_is_not_in_the_bucket_is_listed_and_the_rest_goes_on(bucket, tmp_path):
    (tmp_path / "t.csv").write_text("item,path\na,cups/item-0/0_front.png\na,cups/item-0/none.png\n")
    job = job_for(
        tmp_path / "t.csv",
        tmp_path / "out",
        photos={"photos": "s3://shop/photos"},
        storage=stored(bucket),
    )
    manifest = run_job(job).manifest
    assert (manifest.rows, manifest.bad) == (1, 1)
    assert "s3://shop/photos/cups/item-0/none.png" in (tmp_path / "out" / "bad.jsonl").read_text()


def test_a_store_that_is_gone_stops_the_job_without_blaming_the_photos(bucket, tmp_path):
    job = job_for("s3://shop/photos", tmp_path / "out", storage=stored(bucket))
    plan_only = job_for("s3://shop/photos", tmp_path / "out", storage=stored(bucket))
    place = open_place("s3://shop/photos", plan_only.storage)
    assert len(list(place.names())) == 19
    read, bucket.down = place, True
    with pytest.raises(JobError, match="cannot be"):
        read.read("cups/item-0/0_front.png")
    with pytest.raises(JobError) as told:
        run_job(job)
    assert "run the same job again" in told.value.hint
    bucket.down = False
    assert run_job(job).manifest.rows == 18


def test_an_empty_prefix_is_told(bucket, tmp_path):
    with pytest.raises(JobError, match="holds no photos"):
        run_job(job_for("s3://shop/elsewhere", tmp_path / "out", storage=stored(bucket)))
