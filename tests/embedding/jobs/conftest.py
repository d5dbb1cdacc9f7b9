"""A job over a small drawn catalogue, and the model that is quickest to open."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.embedding.jobs.s3_stand_in import s3_server

from lookalike.embedding.jobs.job import Job, job_of


def job_for(source: str | Path, folder: str | Path, **sections: dict[str, Any]) -> Job:
    """A job by the descriptor, two items of three views to a shard; sections may be given."""
    values: dict[str, dict[str, Any]] = {
        "photos": {"source": str(source)},
        "model": {"name": "descriptor"},
        "out": {"folder": str(folder), "views_per_shard": 6},
    }
    for name, section in sections.items():
        values[name] = {**values.get(name, {}), **section}
    return job_of(values)


@pytest.fixture
def s3(monkeypatch):
    """An object store on loopback, with keys in the environment."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with s3_server() as objects:
        yield objects
