"""The runtimes report nothing to their makers."""

import os
import subprocess
import sys

import pytest

from lookalike.embedding.model_folder import write_model
from lookalike.embedding.sessions import openvino_is_installed
from lookalike.embedding.untrained import SIZE_PX, untrained_model

PROGRAM = """
import sys
from pathlib import Path
from lookalike.embedding.runtime import open_model
open_model(Path(sys.argv[1]), runtime=sys.argv[2])
print([name for name in sys.modules if name.startswith("openvino_telemetry")])
"""


@pytest.mark.parametrize("runtime", ["onnxruntime", "openvino"])
def test_a_model_is_opened_without_any_note_of_the_machine_or_reporter(tmp_path, runtime):
    if runtime == "openvino" and not openvino_is_installed():
        pytest.skip("SKIPPED FOR WANT OF openvino")
    from tests.embedding.test_runtime import CARD

    assert CARD.size_px == SIZE_PX
    write_model(tmp_path / "net", CARD, untrained_model(1))
    home = tmp_path / "home"
    home.mkdir()
    # where tests run by themselves (CI), the runtimes would be silent of their own accord
    silent = ("CI", "ORT_", "XDG_", "GITHUB_", "GITLAB_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(silent)}
    kept |= {"HOME": str(home), "LOOKALIKE_CACHE": str(tmp_path / "cache")}
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path / "net"), runtime],
        env=kept,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip() == "[]"
    assert [path.name for path in home.rglob("*") if path.is_file()] == []
