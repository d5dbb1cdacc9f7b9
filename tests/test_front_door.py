"""The package's front door: what is on it, what it costs to open, and who may import whom."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import lookalike

ROOT = Path(__file__).resolve().parents[1]
HEAVY = ("torch", "openvino", "onnxruntime", "PIL", "rich", "pyarrow", "fastapi", "sklearn", "matplotlib")


def modules_after(code: str) -> set[str]:
    """The modules that a fresh interpreter has loaded after running ``code``."""
    listing = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules, sep='\\n')"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return set(listing.split())


def test_nothing_enters_or_leaves_the_front_door_unnoticed():
    assert list(lookalike.__all__) == (ROOT / "docs" / "public_names.txt").read_text().split()


def test_every_name_on_the_front_door_opens():
    for name in lookalike.__all__:
        assert getattr(lookalike, name).__doc__, name


def test_type_checkers_see_every_name_of_the_front_door(tmp_path: Path):
    script = tmp_path / "shop.py"
    script.write_text(
        "import lookalike\n" + "".join(f"lookalike.{name}.lost\n" for name in lookalike.__all__)
    )
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--cache-dir",
        str(ROOT / ".mypy_cache"),
        str(script),
    ]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout
    assert "does not explicitly export" not in told
    assert told.count('has no attribute "lost"') == len(lookalike.__all__)


def test_importing_the_package_loads_nothing_heavy():
    assert not modules_after("import lookalike") & {*HEAVY, "numpy"}


def test_the_help_loads_no_runtime_and_no_verb():
    loaded = modules_after(
        "from lookalike.interfaces.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit as end:\n    assert end.code in (0, None)"
    )
    assert not loaded & {*HEAVY, "numpy", "lookalike.interfaces.cli.index"}


def test_the_changelog_begins_with_the_version_of_the_code():
    versions = re.findall(r"^## (\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert versions[0] == lookalike.__version__


def test_the_readme_is_short_and_shows_the_two_commands():
    readme = (ROOT / "README.md").read_text()
    assert len(readme.splitlines()) <= 150
    assert "make demo" in readme
    assert "make test" in readme


def test_every_error_says_what_to_do_next():
    from lookalike import errors

    tree = [error for error in vars(errors).values() if isinstance(error, type)]
    drawn = (errors.__doc__ or "").split()
    for error in tree:
        assert issubclass(error, errors.LookalikeError)
        assert error.__name__ in drawn, f"{error.__name__} is not in the tree drawn in errors.py"
