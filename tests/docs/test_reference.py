"""The reference pages are made from the code; run with REMAKE_DOCS=1 to write them anew."""

from __future__ import annotations

import copy
import os
from pathlib import Path

import click

from lookalike.interfaces.cli.app import VERBS, cli

WIDTH = 78
"""Columns of a help text, whatever terminal the tests run in."""
PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "cli.md"


def cli_page() -> str:
    """Every verb's own help, one after the other."""
    context = click.Context(cli, info_name="lookalike", terminal_width=WIDTH, **cli.context_settings)
    parts = [
        "# Command line",
        "Made from the verbs' own help. Exit status: 0 done; 1 done, but some photos could not be used; 2 an "
        "error that you can mend, told with its next step; 130 after Ctrl-C.",
        "```text\n" + cli.get_help(context).rstrip() + "\n```",
    ]
    for verb in VERBS:
        command = cli.get_command(context, verb)
        assert command is not None
        command = copy.copy(command)
        command._help_option = None  # another test may have called the verb by itself, without -h
        inner = click.Context(command, info_name=verb, parent=context, terminal_width=WIDTH)
        parts.append(f"## {verb}\n\n```text\n{command.get_help(inner).rstrip()}\n```")
    return "\n\n".join(parts) + "\n"


def test_the_page_of_the_command_line_is_what_the_verbs_say():
    if os.environ.get("REMAKE_DOCS"):
        PAGE.write_text(cli_page())
    assert PAGE.read_text() == cli_page(), "run REMAKE_DOCS=1 make test"


def test_every_option_of_every_verb_is_explained():
    context = click.Context(cli, info_name="lookalike")
    for verb in VERBS:
        command = cli.get_command(context, verb)
        assert command is not None
        assert command.help, verb
        for option in command.params:
            if isinstance(option, click.Option) and option.name != "help":
                assert option.help, f"{verb} {option.opts[0]} has no help"
