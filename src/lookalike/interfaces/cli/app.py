"""The verbs' table, loaded one at a time, and what happens when something goes wrong."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from importlib import import_module
from types import FrameType

import click

from lookalike import __version__
from lookalike.errors import LookalikeError
from lookalike.interfaces.cli.interrupting import is_behind, kept_by

# verb -> (module that holds a click command of the same name, what `--help` says of it)
VERBS: dict[str, tuple[str, str]] = {
    "index": ("index", "Read a catalogue and embed what is new into a store."),
    "search": ("search", "Answer one or more photos with ranked items."),
    "find": ("find", "Mark where in a big photo an item is."),
    "explain": ("explain", "Say why an item is like a photo, with heat maps."),
    "categorise": ("categorise", "Say what kind of thing a photo shows, by a column of the catalogue."),
    "similar": ("similar", "Write the list of lookalikes of every item, as one table."),
    "goes-with": ("goes_with", "Say what goes with an item, by what was bought or worn together."),
    "embed": ("embed", "Write the vectors of a folder or table to an .npz file."),
    "job": ("job", "Embed a catalogue of any size into shards, here or on a cluster."),
    "load": ("load", "Fill a store from the shards of a finished job."),
    "info": ("info", "Say what a store, a catalogue or a model is."),
    "remove": ("remove", "Take items out of a store."),
    "evaluate": ("evaluate", "Measure how well the right items are found."),
    "calibrate": ("calibrate", "Learn what scores mean in a store, and how well that is known."),
    "compare": ("compare", "Measure several embedders on one catalogue, baselines beside them."),
    "explore": ("explore", "Lay a store out as a map: the atlas, one HTML file."),
    "cluster": ("cluster", "Group what lies together in a store, and name the groups."),
    "tune": ("tune", "Fit a model to a catalogue without a recipe; say whether it helped."),
    "audit": ("audit", "Find wrong, doubled, missing and bad photos, and doubtful attributes."),
    "train": ("train", "Train a model on a catalogue by a recipe, and measure it."),
    "quantise": ("quantise", "Make a model faster in int8, where that costs no recall."),
    "study": ("study", "Do the seed study on a catalogue, as one report."),
    "upgrade": ("upgrade", "Change a store's model: prepare, compare, switch, go back."),
    "milvus": ("milvus", "Search on Milvus, where a catalogue has outgrown one machine."),
    "serve": ("serve", "Serve the HTTP API and the page."),
    "demo": ("demo", "Do the whole job on the demo catalogue, or on your own."),
}

PURPOSES: dict[str, tuple[str, ...]] = {
    "Start": ("demo", "index", "serve", "info", "remove"),
    "Ask": ("search", "find", "explain", "categorise", "similar", "goes-with"),
    "Judge": ("evaluate", "compare", "calibrate"),
    "Look at the whole": ("explore", "cluster", "audit", "study"),
    "Better models": ("tune", "train", "quantise", "upgrade"),
    "Large catalogues, other programs": ("embed", "job", "load", "milvus"),
}
"""What the verbs are for, as `--help` lists them."""


KEPT = "What was done is kept: run the same command again to go on."
"""After Ctrl-C, of verbs that say nothing of their own."""


class LazyVerbs(click.Group):
    """A group that imports a verb only when it is asked for, so that `--help` is quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's signature)
        """All verbs, in the order of a first visit."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the verb's module and hand back its command."""
        if cmd_name not in VERBS:
            return None
        module = import_module(f"lookalike.interfaces.cli.{VERBS[cmd_name][0]}")
        command: click.Command = getattr(module, VERBS[cmd_name][0])
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """A verb that does not exist is answered with the one that was probably meant."""
        near = get_close_matches(args[0], VERBS, 1)
        if args[0] not in VERBS and near:
            ctx.fail(f"There is no verb {args[0]!r}. Do you mean {near[0]}?")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the verbs by what they are for, without importing them."""
        wide = max(map(len, VERBS))
        for purpose, verbs in PURPOSES.items():
            with formatter.section(purpose):
                formatter.write_dl([(verb.ljust(wide), VERBS[verb][1]) for verb in verbs])


class _Terminated(KeyboardInterrupt):
    """SIGTERM has come: work stops as it does for Ctrl-C, with whatever it holds put away."""


@contextmanager
def _sigterm_interrupts() -> Iterator[None]:
    """While it lasts SIGTERM is an exception, so that files, locks and worker processes are let go."""

    def stop(_: int, __: FrameType | None) -> None:
        raise _Terminated

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@click.group(cls=LazyVerbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="lookalike")
def cli() -> None:
    """Find the same item from any angle: a photo in, ranked items out."""


def _asked(error: click.ClickException, arguments: list[str] | None) -> str:
    """The command that an error is of: click does not know it where an option's values are too few."""
    if isinstance(error, click.UsageError) and error.ctx:
        return error.ctx.command_path
    verb = next(iter(sys.argv[1:] if arguments is None else arguments), "")
    return f"lookalike {verb}" if verb in VERBS else "lookalike"


def main(arguments: list[str] | None = None) -> None:
    """Run the command line.

    Exit status 0 when done, 2 for an error that the user can mend, 130 after Ctrl-C, 143 after SIGTERM.
    """
    try:
        with _sigterm_interrupts():
            code = cli.main(args=arguments, prog_name="lookalike", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.ClickException as error:
        click.echo(f"Error: {error.format_message()}", err=True)
        click.echo(f"  See: {_asked(error, arguments)} --help", err=True)
        sys.exit(2)
    except LookalikeError as error:
        click.echo(f"Error: {error.message}", err=True)
        click.echo(f"  {error.hint}", err=True)
        sys.exit(2)
    except (KeyboardInterrupt, click.Abort) as end:
        click.echo(f"Interrupted. {kept_by(end) or KEPT}", err=True)
        sys.exit(143 if is_behind(end, _Terminated) else 130)
    except BrokenPipeError:  # `lookalike ... | head`
        sys.stderr.close()
        sys.exit(0)
