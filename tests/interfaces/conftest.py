from __future__ import annotations

import pytest

from lookalike.interfaces.cli import main


@pytest.fixture
def run(capsys):
    """Run a command line; gives (exit status, standard output, standard error)."""

    def typed(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return int(end.value.code or 0), captured.out, captured.err

    return typed
