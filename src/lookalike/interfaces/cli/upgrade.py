"""`lookalike upgrade`: change a store's model beside the one that answers, compare, switch, go back."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from lookalike.interfaces.cli import options
from lookalike.interfaces.cli.output import command, show, tell
from lookalike.interfaces.cli.progress import progress_bar
from lookalike.retrieval.upgrade.following import Followed
from lookalike.retrieval.upgrade.upgrading import UpgradeState, VersionState

MISSING_SHOWN = 20

without_missing = click.option(
    "--without-missing", is_flag=True, help="Go on though photos are gone; their views stay behind."
)


@click.group()
def upgrade() -> None:
    """Change the model of a store without fear: the old one answers until you switch.

    start fills a second version (again: goes on where it was stopped), compare says what changes, switch
    makes the new one answer, rollback the old one again, drop deletes what does not answer.
    """


@upgrade.command(short_help="Embed all photos with another model, beside.")
@options.store
@click.option("--model", required=True, metavar="NAME_OR_FOLDER", help="The new embedder.")
@options.as_json
def start(store: Path, model: str, as_json: bool) -> None:
    """Embed all photos with another model into a second version; the store is used meanwhile as ever."""
    from lookalike.embedding.zoo import open_embedder
    from lookalike.retrieval.opening import lasting_name
    from lookalike.retrieval.upgrade.upgrading import Upgrade

    work = Upgrade(store)
    with progress_bar("embedding") as advance:
        done = work.start(open_embedder(model), lasting_name(model), progress=advance)
    _told(done, f"Next: {command('upgrade', 'compare', '--store', store)}", as_json=as_json)
    if done.missing:
        raise click.exceptions.Exit(1)


@upgrade.command(short_help="Say which versions there are, and which answers.")
@options.store
@options.as_json
def status(store: Path, as_json: bool) -> None:
    """Say which version answers, how far the prepared one has come, and which can be gone back to."""
    from lookalike.retrieval.upgrade.upgrading import Upgrade

    state = Upgrade(store).state()
    show(asdict(state), _as_lines(state), as_json=as_json)


@upgrade.command(short_help="Ask both versions the same: what changes?")
@options.store
@click.option("-k", default=10, show_default=True, help="How many items are compared.")
@click.option("--queries", default=1000, show_default=True, help="How many views are asked at most.")
@click.option("--seed", default=0, show_default=True, help="Of the sample and the intervals.")
@click.option(
    "--out", type=click.Path(path_type=Path), default=None, help="Write a page with photo strips: .html."
)
@options.as_json
def compare(store: Path, k: int, queries: int, seed: int, out: Path | None, as_json: bool) -> None:
    """Ask both versions the same: how much changes, is the right item found more often, what got worse."""
    from lookalike.evaluation.upgrade import compare_versions
    from lookalike.retrieval.upgrade.upgrading import Upgrade

    serving, other = Upgrade(store).both()
    found = compare_versions(serving, other, k=k, queries=queries, seed=seed)
    if out is not None:
        from lookalike.exploration.upgrade_page import write_upgrade_page

        tell(f"drawn: {write_upgrade_page(found, out)}")
    following = f"Next: {command('upgrade', 'switch', '--store', store)}"
    show(found.to_dict(), f"{found.to_text()}\n{following}", as_json=as_json)


@upgrade.command(short_help="Answer with the prepared version.")
@options.store
@without_missing
@options.as_json
def switch(store: Path, without_missing: bool, as_json: bool) -> None:
    """Answer with the prepared version; running servers follow within seconds."""
    from lookalike.retrieval.upgrade.upgrading import Upgrade

    with progress_bar("catching up") as advance:
        done = Upgrade(store).switch(without_missing=without_missing, progress=advance)
    back = command("upgrade", "rollback", "--store", store)
    _told(done, f"{store} answers with the new model.\nBack: {back}", as_json=as_json)


@upgrade.command(short_help="Answer with the version from before.")
@options.store
@without_missing
@options.as_json
def rollback(store: Path, without_missing: bool, as_json: bool) -> None:
    """Answer with the version that answered before, with what was added since."""
    from lookalike.retrieval.upgrade.upgrading import Upgrade

    with progress_bar("catching up") as advance:
        done = Upgrade(store).rollback(without_missing=without_missing, progress=advance)
    _told(done, f"{store} answers with the model from before.", as_json=as_json)


@upgrade.command()
@options.store
@options.as_json
def drop(store: Path, as_json: bool) -> None:
    """Delete all versions but the one that answers."""
    from lookalike.retrieval.upgrade.upgrading import Upgrade

    freed = Upgrade(store).drop()
    show({"freed_bytes": freed}, f"{freed / 1e6:,.1f} MB freed.", as_json=as_json)


def _told(done: Followed, text: str, *, as_json: bool) -> None:
    for one in done.missing[:MISSING_SHOWN]:
        tell(f"missing: {one.photo}: {one.reason}: {one.message}")
    if len(done.missing) > MISSING_SHOWN:
        tell(f"missing: and {len(done.missing) - MISSING_SHOWN} more (--json lists all)")
    lines = (
        f"{done.items} items written, {done.removed} removed; {done.embedded} photos embedded, "
        f"{len(done.missing)} missing, in {done.seconds:.1f} s.\n{text}"
    )
    show(asdict(done), lines, as_json=as_json)


def _as_lines(state: UpgradeState) -> str:
    named = (("answers", state.serving), ("prepared", state.prepared), ("before", state.before))
    return "\n".join(f"{name:<9} {_line(version)}" for name, version in named)


def _line(version: VersionState | None) -> str:
    if version is None:
        return "-"
    behind = f", {version.behind} items to catch up with" if version.behind else ""
    return (
        f"{version.fingerprint} ({version.model}): {version.items:,} items, {version.views:,} views, "
        f"{version.size_bytes / 1e6:,.1f} MB{behind}"
    )
