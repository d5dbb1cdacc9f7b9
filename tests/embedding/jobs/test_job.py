"""A job file is a frozen record: what it does not know is an error."""

from __future__ import annotations

import pytest

from lookalike.embedding.jobs.job import Engine, job_of, read_job
from lookalike.errors import JobError

LEAST = {"photos": {"source": "photos"}, "out": {"folder": "vectors"}}


def test_the_least_job_names_photos_and_a_folder():
    job = job_of(LEAST)
    assert job.engine == Engine()
    assert job.model.name == "default"


@pytest.mark.parametrize(
    ("section", "values", "told"),
    [
        ("photo", {"source": "x"}, "no section 'photo'"),
        ("engine", {"nome": "ray"}, "no key of \\[engine\\] 'nome'"),
        ("engine", {"threads": "two"}, "Give a value of type int"),
        ("engine", {"threads": -1}, "at least"),
        ("out", {"folder": ""}, "does not say \\[out\\] folder"),
        ("out", {"folder": "v", "views_per_shard": 0}, "at least 1"),
    ],
)
def test_what_a_job_does_not_know_is_an_error(section, values, told):
    with pytest.raises(JobError, match=told):
        job_of({**LEAST, section: values})


def test_a_file_that_is_no_toml_is_told(tmp_path):
    (tmp_path / "job.toml").write_text("[photos\n")
    with pytest.raises(JobError, match="no TOML"):
        read_job(tmp_path / "job.toml")
    with pytest.raises(JobError, match="cannot be read"):
        read_job(tmp_path / "none.toml")
