"""`lookalike info`: what a store, a catalogue or a model is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lookalike.errors import SettingsError, UnknownEmbedder
from lookalike.interfaces.cli import options
from lookalike.interfaces.cli.output import show

if TYPE_CHECKING:
    from lookalike.retrieval.store import Store

SHOWN = 12
"""Entries of a list or table that are printed."""

ONE_LINE = 80
"""Letters of a list's entries that still go on one line."""


@click.command()
@click.argument("subject", required=False)
@click.option(
    "--store", type=click.Path(path_type=Path, file_okay=False), default=None, help="Folder of a store."
)
@click.option("--check", is_flag=True, help="Read the whole store and say whether it is sound.")
@click.option("--items", "ids", is_flag=True, help="Print the ids of the store's items, one a line.")
@options.catalogue
@options.as_json
def info(
    subject: str | None,
    store: Path | None,
    check: bool,
    ids: bool,
    reading: options.Reading,
    as_json: bool,
) -> None:
    """Say what SUBJECT is: a store, a catalogue (folder or table), or the name or folder of a model."""
    from lookalike.retrieval.store import holds_store

    path = Path(subject) if subject is not None else None
    if ids:
        found = _ids(store or path)
        show(found, "\n".join(found), as_json=as_json)
        return
    if store is not None or (path is not None and holds_store(path)):
        facts = _store(store or Path(str(subject)), check=check)
    elif path is None:
        raise click.UsageError("Name a store, a catalogue or a model: lookalike info SUBJECT.")
    elif path.exists() and not _is_model(path):
        facts = _catalogue(path, reading)
    else:
        facts = _model(str(subject))
    show(facts, _as_lines(facts), as_json=as_json)


def _is_model(path: Path) -> bool:
    return path.suffix == ".onnx" or (path / "card.json").is_file()


def _ids(folder: Path | None) -> list[str]:
    from lookalike.retrieval.store import Store

    if folder is None:
        raise click.UsageError("Name the store: lookalike info --store STORE --items.")
    with Store.open(folder, read_only=True) as opened, opened.lookup() as lookup:
        return lookup.ids()


def _store(folder: Path, *, check: bool) -> dict[str, Any]:
    from lookalike.retrieval.store import Store

    with Store.open(folder, read_only=True) as opened:
        if check:
            opened.check()
        counts = opened.counts()
        return {
            "store": str(folder),
            "items": counts.items,
            "views": counts.views,
            "photos": counts.photos,
            "failed_photos": [f"{one.photo}: {one.message}" for one in opened.failures()],
            "version": opened.version,
            "model": opened.model,
            "fingerprint": opened.fingerprint,
            **_calibration(opened),
            **_index(opened),
            **({"sound": True} if check else {}),
        }


def _calibration(store: Store) -> dict[str, Any]:
    """Whether scores have a meaning in this store, and since which score an item is called the same."""
    from lookalike.retrieval.confidence.kept import kept_calibration

    known = kept_calibration(store)
    if known is None:
        return {"calibrated": False}
    return {
        "calibrated": True,
        "same_from": round(known.same_from, 4),
        "far_below": round(known.far_below, 4),
        "learned_from": f"{known.trials} views of {known.items} items, each left out and searched for",
    }


def _index(store: Store) -> dict[str, Any]:
    """What is known of the compressed index, where the store is large enough to have one."""
    from lookalike.retrieval.index.choosing import kept_figures

    found = kept_figures(store.home, store.version)
    if found is None:
        return {}
    return {
        "index": f"compressed ({found.kind})",
        "item_recall_at_10": round(found.recall, 4),
        "measured_on": f"{found.queries} views asked for other items; {found.reach} views are rescored",
    }


def _catalogue(path: Path, reading: options.Reading) -> dict[str, Any]:
    catalogue = reading.read(path)
    return {
        "catalogue": str(path),
        "items": len(catalogue),
        "views": catalogue.view_count,
        "items_by_views": dict(sorted(catalogue.by_view_count().items())),
        "items_by_category": dict(catalogue.by_category().most_common()),
        "oddities": [str(oddity) for oddity in catalogue.oddities],
    }


def _model(name: str) -> dict[str, Any]:
    from lookalike.embedding.zoo import open_embedder

    try:
        facts: dict[str, Any] = json.loads(open_embedder(name).card.to_json())
    except UnknownEmbedder as error:
        raise SettingsError(
            f"{name!r} is no store, no catalogue, and no model's name.", hint=error.hint
        ) from error
    return facts


def _as_lines(facts: dict[str, Any]) -> str:
    """A line a fact, and a line for each entry of a list or table, up to a dozen."""
    return "\n".join(line for name, value in facts.items() for line in _lines(name.replace("_", " "), value))


def _lines(name: str, value: Any) -> list[str]:
    if isinstance(value, bool):
        value = "yes" if value else "no"
    if isinstance(value, dict):
        value = [f"{key or '(none)'}: {count}" for key, count in value.items()]
    if not isinstance(value, list):
        return [f"{name:<18} {value}"]
    entries = [_entry(one) for one in value[:SHOWN]]
    if sum(map(len, entries)) < ONE_LINE and len(value) <= SHOWN:
        return [f"{name:<18} {', '.join(entries) or '-'}"]
    more = [f"... {len(value) - SHOWN} more (--json lists all)"] if len(value) > SHOWN else []
    return [f"{name:<18} {len(value)}", *(f"{'':<18} {entry}" for entry in (*entries, *more))]


def _entry(one: Any) -> str:
    """An entry of a list: a block of a model as its columns and weight, a figure or a text as it is."""
    if isinstance(one, dict):
        return " ".join(f"{key} {_entry(value)}" for key, value in one.items())
    return f"{one:.4g}" if isinstance(one, float) else str(one)
