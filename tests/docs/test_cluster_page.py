"""The page on clusters is run as it is written, on this machine."""

from __future__ import annotations

import re
import tomllib

import pytest

from lookalike.embedding.jobs.job import job_of
from tests.docs.test_written import ROOT, follow

PAGE = ROOT / "docs" / "how-to" / "cluster.md"


def test_the_page_on_clusters_can_be_followed_to_its_end(tmp_path, monkeypatch):
    pytest.importorskip("pyarrow", reason="SKIPPED FOR WANT OF PYARROW: pip install 'lookalike[cluster]'")
    monkeypatch.chdir(tmp_path)
    whole, *others = re.findall(r"^```toml\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    (tmp_path / "job.toml").write_text(whole)
    assert follow(PAGE) == 5
    assert (tmp_path / "vectors" / "manifest.json").is_file()
    for block in others:  # sections that a reader puts into the same file
        job_of({"photos": {"source": "x"}, "out": {"folder": "y"}, **tomllib.loads(block)})
