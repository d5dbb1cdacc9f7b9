"""The reference pages are made from the code; run with REMAKE_DOCS=1 to write them anew."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator
from pathlib import Path

import click

from lookalike.interfaces.cli.app import cli

WIDTH = 78
"""Columns of a help text, whatever terminal the tests run in."""
PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "cli.md"


def verb_contexts(context: click.Context) -> Iterator[click.Context]:
    """Every verb, each followed by its own sub-commands."""
    group = context.command
    assert isinstance(group, click.Group)
    for verb in group.list_commands(context):
        command = group.get_command(context, verb)
        assert command is not None
        command = copy.copy(command)
        command._help_option = None  # another test may have called the verb by itself, without -h
        inner = click.Context(command, info_name=verb, parent=context, terminal_width=WIDTH)
        yield inner
        if isinstance(command, click.Group):
            yield from verb_contexts(inner)


def cli_page() -> str:
    """Every verb's own help, one after the other, with those of its sub-commands."""
    context = click.Context(cli, info_name="lookalike", terminal_width=WIDTH, **cli.context_settings)
    parts = [
        "# Command line",
        "Made from the verbs' own help. Exit status: 0 done; 1 done, but some photos could not be used; 2 an "
        "error that you can mend, told with its next step; 130 after Ctrl-C.",
        "```text\n" + cli.get_help(context).rstrip() + "\n```",
    ]
    for inner in verb_contexts(context):
        depth = "#" * (1 + inner.command_path.count(" "))
        name = inner.command_path.removeprefix("lookalike ")
        parts.append(f"{depth} {name}\n\n```text\n{inner.command.get_help(inner).rstrip()}\n```")
    return "\n\n".join(parts) + "\n"


def test_the_page_of_the_command_line_is_what_the_verbs_say():
    if os.environ.get("REMAKE_DOCS"):
        PAGE.write_text(cli_page())
    assert PAGE.read_text() == cli_page(), "run REMAKE_DOCS=1 make test"


def test_every_option_of_every_verb_is_explained():
    context = click.Context(cli, info_name="lookalike")
    for inner in verb_contexts(context):
        assert inner.command.help, inner.command_path
        for option in inner.command.params:
            if isinstance(option, click.Option) and option.name != "help":
                assert option.help, f"{inner.command_path} {option.opts[0]} has no help"


def test_the_page_has_the_sub_commands_too():
    shown = {inner.command_path for inner in verb_contexts(click.Context(cli, info_name="lookalike"))}
    assert {"lookalike upgrade switch", "lookalike milvus search", "lookalike index"} <= shown
