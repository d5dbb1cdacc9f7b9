"""What is written down is run: the tour and the README, command by command."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from lookalike.interfaces.cli import main

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```(console|python)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def steps(page: Path) -> list[tuple[str, str]]:
    """The page's commands and snippets in order: ("console", one command) or ("python", code)."""
    found = []
    for language, body in BLOCK.findall(page.read_text()):
        if language == "python":
            found.append((language, body))
        else:
            found += [(language, line[2:]) for line in body.splitlines() if line.startswith("$ ")]
    return found


def follow(page: Path) -> int:
    """Run all steps of a page in the present folder; how many there were."""
    known: dict[str, object] = {}
    for language, step in steps(page):
        if language == "python":
            exec(compile(step, str(page), "exec"), known)
            continue
        program, *arguments = shlex.split(step)
        if program == "lookalike":
            with pytest.raises(SystemExit) as end:
                main(arguments)
            assert end.value.code in (0, None), step
    return len(steps(page))


def test_the_tour_can_be_followed_to_its_end(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert follow(ROOT / "docs" / "tour.md") > 8
    assert (tmp_path / "result.html").stat().st_size > 1000
    shown = capsys.readouterr().out
    assert "leave-one-view-out" in shown
    assert "view gap" in shown


def test_the_readme_can_be_followed_to_its_end(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        main(["demo", "--out", "demo", "--items", "4", "--no-serve"])
    (tmp_path / "demo" / "catalogue").rename(tmp_path / "photos")
    (tmp_path / "demo" / "query.jpg").rename(tmp_path / "photo.jpg")
    assert follow(ROOT / "README.md") >= 3
