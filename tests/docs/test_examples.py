"""The notebooks are run, cell by cell, as a reader would; so is the Python of the page on serving."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

import lookalike
from tests.conftest import drawn_photo, encoded
from tests.docs.test_written import BLOCK

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
NOTEBOOKS = sorted(EXAMPLES.glob("*.ipynb"))


def run(cell: str, known: dict[str, object], *, where: str) -> object:
    """Run a cell; what its last line gives, as a notebook shows it."""
    tree = ast.parse(cell)
    shown = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, where, "exec"), known)
    if shown is None:
        return None
    value = eval(compile(ast.Expression(shown.value), where, "eval"), known)
    drawn = getattr(value, "_repr_html_", None)
    return drawn() if drawn else repr(value)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=[path.name for path in NOTEBOOKS])
def test_a_notebook_runs_to_its_end(notebook):
    cells = json.loads(notebook.read_text())["cells"]
    known: dict[str, object] = {}
    shown = [
        run("".join(cell["source"]), known, where=f"{notebook.name}:{number}")
        for number, cell in enumerate(cells)
        if cell["cell_type"] == "code"
    ]
    assert any("<img" in str(what) for what in shown)  # the ranking is drawn


def test_notebooks_are_kept_without_outputs():
    assert NOTEBOOKS
    for notebook in NOTEBOOKS:
        for cell in json.loads(notebook.read_text())["cells"]:
            assert not cell.get("outputs"), notebook.name


def test_the_python_of_the_page_on_serving_runs(item_folder, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    lookalike.index(item_folder, "store")
    (tmp_path / "photo.jpg").write_bytes(encoded(drawn_photo(77), "JPEG"))
    page = (ROOT / "docs" / "how-to" / "serve.md").read_text()
    (code,) = (body for language, body in BLOCK.findall(page) if language == "python")
    exec(compile(code, "serve.md", "exec"), {})
    assert capsys.readouterr().out.endswith("my-own\n")
