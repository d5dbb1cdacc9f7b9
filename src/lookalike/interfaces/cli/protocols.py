"""The options that choose a protocol, shared by `evaluate` and `compare`."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from lookalike.errors import SettingsError
from lookalike.interfaces.cli.output import invoked

if TYPE_CHECKING:
    from lookalike.evaluation.outcome import Protocol
    from lookalike.evaluation.protocols import Selection

Verb = TypeVar("Verb", bound=Callable[..., None])

NAMES = ("leave-one-view-out", "query-gallery", "one-known-view", "view-gap", "classify", "sop", "in-shop")


def protocol(verb: Verb) -> Verb:
    """Options that choose a protocol."""
    for option in reversed(
        (
            click.option(
                "--protocol", "name", type=click.Choice(NAMES), default=None, help="What is asked of whom."
            ),
            click.option(
                "--query", default=None, metavar="ROLE|COLUMN=VALUE|@FILE", help="Views that are asked."
            ),
            click.option(
                "--gallery", default=None, metavar="ROLE|COLUMN=VALUE|@FILE", help="Views searched."
            ),
            click.option("--label", default=None, help="Column of the label to classify."),
            click.option(
                "--group", default="item", show_default=True, help="Column kept apart in classifying."
            ),
            click.option("--linear", is_flag=True, help="Classify by a linear probe instead of neighbours."),
            click.option(
                "--by", multiple=True, metavar="COLUMN", help="Every group's figure; may be repeated."
            ),
            click.option("--seed", default=0, show_default=True, help="Of everything random."),
        )
    ):
        verb = option(verb)
    return verb


def chosen(
    name: str | None,
    *,
    query: str | None,
    gallery: str | None,
    label: str | None,
    group: str,
    linear: bool,
    seed: int,
) -> Protocol:
    """The protocol that the options ask for; leave-one-view-out where they say nothing.

    Raises:
        SettingsError: the options do not fit together.
    """
    from lookalike.evaluation import protocols
    from lookalike.evaluation.classification import Classification
    from lookalike.evaluation.view_gap import ViewGap

    name = name or _implied(query, gallery, label)
    _check_belong(name, {"query-gallery": (query, gallery), "classify": (label, group != "item", linear)})
    if name == "query-gallery":
        if query is None or gallery is None:
            raise SettingsError(
                "query-gallery needs both --query and --gallery.",
                hint="For instance: --query back --gallery front",
            )
        return protocols.QueryGallery(_selection(query), _selection(gallery))
    if name == "classify":
        if label is None:
            raise SettingsError("classify needs --label.", hint="Name the column: --label category")
        return Classification(label=label, group=group, method="linear" if linear else "knn", seed=seed)
    makers: dict[str, Callable[[], Protocol]] = {
        "leave-one-view-out": protocols.LeaveOneViewOut,
        "one-known-view": lambda: protocols.OneKnownView(seed=seed),
        "view-gap": ViewGap,
        "sop": protocols.stanford_online_products,
        "in-shop": protocols.deepfashion_in_shop,
    }
    return makers[name]()


OPTIONS = {"query-gallery": ("--query", "--gallery"), "classify": ("--label", "--group", "--linear")}
"""The options that only one protocol heeds."""


def _check_belong(name: str, given: dict[str, tuple[str | bool | None, ...]]) -> None:
    """An option that the protocol would pass over is refused: the figure would not be what was asked for."""
    for protocol, values in given.items():
        unheeded = [option for option, value in zip(OPTIONS[protocol], values, strict=True) if value]
        if unheeded and name != protocol:
            raise SettingsError(
                f"{name} does not heed {' and '.join(unheeded)}.",
                hint=f"Leave it out, or choose --protocol {protocol}.",
            )


def command() -> str:
    """What the user typed, to be kept in the report."""
    return shlex.join(invoked())


def _implied(query: str | None, gallery: str | None, label: str | None) -> str:
    if query is not None or gallery is not None:
        return "query-gallery"
    return "leave-one-view-out" if label is None else "classify"


def _selection(text: str) -> Selection:
    """A role, COLUMN=VALUE, or @FILE with one photo a line."""
    from lookalike.evaluation.protocols import Selection

    if text.startswith("@"):
        path = Path(text[1:])
        try:
            names = path.read_text(encoding="utf-8").split("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(
                f"The list {path} cannot be read ({error}).", hint="Give a text file, one photo a line."
            ) from error
        return Selection(files=tuple(name.strip() for name in names if name.strip()))
    column, equals, value = text.partition("=")
    return Selection(column, value) if equals else Selection("role", text)
