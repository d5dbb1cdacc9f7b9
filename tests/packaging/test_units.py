"""What the container file and the systemd unit name is there: paths, commands, options, variables, times."""

from __future__ import annotations

import inspect
import json
import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from lookalike.embedding.runtime_choice import cache_folder
from lookalike.interfaces.cli.serve import serve
from lookalike.interfaces.http import serving
from lookalike.interfaces.http.server import healthz

ROOT = Path(__file__).resolve().parents[2]
CONTAINER = ROOT / "packaging" / "Containerfile"
UNIT = ROOT / "packaging" / "lookalike.service"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def steps() -> list[tuple[str, str]]:
    """(instruction, the rest) of each line of the container file."""
    lines = [line for line in CONTAINER.read_text().splitlines() if line and not line.startswith("#")]
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in lines]


def of(instruction: str) -> list[str]:
    return [rest for name, rest in steps() if name == instruction]


def unit() -> dict[str, str]:
    return dict(re.findall(r"^(\w+)=(.*)$", UNIT.read_text(), re.MULTILINE))


def check_command(words: list[str]) -> None:
    """A command line of ours: the script is declared, the verb known, each option one of the verb's."""
    script, verb, *options = words
    assert PROJECT["scripts"][Path(script).name] == "lookalike.interfaces.cli:main"
    assert verb == serve.name
    known = {name for parameter in serve.params for name in parameter.opts}
    assert {word for word in options if word.startswith("--")} <= known
    serve.make_context(verb, list(options), resilient_parsing=False)


def test_the_container_copies_only_what_exists_and_all_that_the_build_needs():
    copied = [name for line in of("COPY") for name in line.split()[:-1]]
    assert all((ROOT / name).exists() for name in copied)
    assert {"pyproject.toml", PROJECT["readme"], "src"} <= set(copied)


def test_the_container_installs_extras_that_exist_on_a_python_that_is_supported():
    (installed,) = [line for line in of("RUN") if "pip install" in line]
    extras = re.search(r"\.\[(.+?)\]", installed)[1].split(",")
    assert set(extras) <= set(PROJECT["optional-dependencies"])
    assert "serve" in extras
    minor = int(re.search(r"python:3\.(\d+)", of("FROM")[0])[1])
    assert minor >= int(re.search(r">=3\.(\d+)", PROJECT["requires-python"])[1])


def test_the_container_runs_a_command_of_ours_as_a_user_of_its_own_and_listens_where_it_says():
    (entry,), (volume,), (port,) = of("ENTRYPOINT"), of("VOLUME"), of("EXPOSE")
    words = json.loads(entry)
    check_command(words)
    assert volume in words
    assert {option.name: option.default for option in serve.params}["port"] == int(port)
    assert of("STOPSIGNAL") == ["SIGTERM"]
    assert any("useradd" in line and of("USER")[0] in line for line in of("RUN"))
    assert [name for name, _ in steps()].index("USER") < [name for name, _ in steps()].index("ENTRYPOINT")


def test_the_container_asks_a_route_that_answers():
    (check,) = of("HEALTHCHECK")
    asked = re.search(r"http://127\.0\.0\.1:(\d+)(/\w+)", check)
    assert (asked[1], asked[2]) == (of("EXPOSE")[0], f"/{healthz.__name__}")
    compile(shlex.split(check.removeprefix("CMD "))[2], "healthcheck", "exec")


def test_the_unit_runs_a_command_of_ours_in_its_own_folder_and_waits_until_it_has_answered():
    told = unit()
    words = shlex.split(told["ExecStart"])
    check_command(words)
    assert words[words.index("--store") + 1].startswith(f"/var/lib/{told['StateDirectory']}/")
    assert int(told["TimeoutStopSec"]) > serving.DRAIN_S
    assert told["Environment"] == f"LOOKALIKE_CACHE=/var/cache/{told['CacheDirectory']}"
    assert told["EnvironmentFile"].startswith("-/")  # without it: loopback, no token


def test_both_name_variables_that_the_server_reads():
    variables = {option.envvar for option in serve.params}
    variables |= set(re.findall(r"LOOKALIKE_\w+", inspect.getsource(cache_folder)))
    for file in (CONTAINER, UNIT):
        assert set(re.findall(r"LOOKALIKE_\w+", file.read_text())) <= variables


def test_systemd_finds_nothing_to_say_of_the_unit(tmp_path):
    verifier = shutil.which("systemd-analyze")
    if verifier is None:
        pytest.skip("SKIPPED FOR WANT OF SYSTEMD: systemd-analyze verifies the unit where it is installed")
    there = tmp_path / "lookalike"
    there.write_text("#!/bin/sh\n")
    there.chmod(0o755)
    copy = tmp_path / UNIT.name
    copy.write_text(UNIT.read_text().replace(shlex.split(unit()["ExecStart"])[0], str(there)))
    verified = subprocess.run(
        [verifier, "verify", "--man=no", copy], capture_output=True, text=True, check=False
    )
    told = [line for line in verified.stderr.splitlines() if UNIT.name in line or "Unknown" in line]
    assert (verified.returncode, told) == (0, [])
