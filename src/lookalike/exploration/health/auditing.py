"""All checks on a catalogue, in one report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from lookalike.catalogue.items import Catalogue
from lookalike.catalogue.photos import open_image
from lookalike.embedding.card import Block
from lookalike.errors import PhotoError
from lookalike.evaluation.evaluated import Evaluated
from lookalike.exploration.features import checked, unit_block
from lookalike.exploration.health.coverage import colour_variants, missing_roles
from lookalike.exploration.health.doubles import doubled_photos
from lookalike.exploration.health.findings import KINDS, Finding, HealthReport
from lookalike.exploration.health.labels import label_noise
from lookalike.exploration.health.measures import Looks, look_at
from lookalike.exploration.health.membership import strangers
from lookalike.exploration.health.neighbours import neighbours_of
from lookalike.exploration.health.quality import bad_photos
from lookalike.exploration.health.twins import twins
from lookalike.exploration.health.votes import all_votes
from lookalike.retrieval.failures import FailedPhoto

Progress = Callable[[int, int], None]


def audit(
    seen: Evaluated,
    *,
    blocks: Sequence[Block] = (),
    catalogue: Catalogue | None = None,
    failures: Sequence[FailedPhoto] = (),
    progress: Progress | None = None,
) -> HealthReport:
    """What is wrong with a catalogue, item by item.

    Args:
        seen: its photos with vectors.
        blocks: of the model's card: attributes are then judged by the block that tells them best, colours by
            the colour block.
        catalogue: the source; its photos that have no vector are tried, and listed where they are corrupt.
        failures: of the store: photos that could not be indexed.
        progress: told how many photos were looked at.

    Raises:
        ExplorationError: features that are not finite.
    """
    checked(seen.matrix)
    looks = look_at(seen.views, progress=progress)
    neighbours = neighbours_of(seen)
    parts = [neighbours_of(replace(seen, matrix=unit_block(seen.matrix, block))) for block in blocks]
    votes = all_votes(seen, [neighbours, *parts])
    bad = bad_photos(seen, looks)
    explained = {row for one in bad for row in one.rows}
    found: list[Finding] = [
        *(one for one in strangers(seen, neighbours, votes) if not explained.intersection(one.rows)),
        *twins(seen, neighbours, votes),
        *doubled_photos(seen, looks),
        *missing_roles(seen),
        *label_noise(seen, votes, bad=explained),
        *bad,
        *colour_variants(seen, looks),
        *corrupt(seen, catalogue, failures),
    ]
    order = {kind: number for number, kind in enumerate(KINDS)}
    found.sort(key=lambda one: (order[one.kind], -one.score, one.item))
    items = len({item.id for item in seen.items})
    return HealthReport(tuple(found), items, len(seen), tuple(_notes(seen, looks, len(votes))))


def corrupt(
    seen: Evaluated, catalogue: Catalogue | None, failures: Sequence[FailedPhoto]
) -> Iterator[Finding]:
    """Photos without a vector that cannot be read: those that the store remembers, those of a catalogue.

    Args:
        seen: what has vectors.
        catalogue: its photos that are not among those seen are tried; None for none.
        failures: of the store.
    """
    named = set()
    for one in failures:
        named.add((one.item, one.photo))
        yield Finding("corrupt", one.item, (one.photo,), 1.0, f"{one.reason}: {one.message}")
    known = {view.path for view in seen.views}
    for item, view in catalogue.views() if catalogue is not None else ():
        path = view.path.absolute() if view.path else None
        if path in known or view.path in known or (item.id, str(path)) in named:
            continue
        try:
            open_image(view.source, long_side_px=32, crop=view.crop)
        except PhotoError as error:
            yield Finding("corrupt", item.id, (view.name,), 1.0, f"{error.reason}: {error.message}")


def _notes(seen: Evaluated, looks: Looks, columns: int) -> Sequence[str]:
    notes = []
    if looks.failed:
        notes.append(f"{len(looks.failed)} photos could not be read any more and were not looked at.")
    if len(set(seen.codes.tolist())) == len(seen):
        notes.append("Every item has one photo: wrong photos and missing roles cannot be told.")
    if not columns:
        notes.append("No attribute is shared by enough items: labels were not checked.")
    return notes
