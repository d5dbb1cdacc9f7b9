"""What a check finds: one line a finding, to be acted upon."""

from __future__ import annotations

import csv
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lookalike.atomic import write_atomically

KINDS: dict[str, str] = {
    "wrong_photo": "a photo that shows another item than its folder says",
    "same_item": "two items that are probably one",
    "same_photo": "the same photo in two items",
    "near_duplicate": "two nearly identical views in one item",
    "missing_role": "a view that most items have and this one lacks",
    "label_noise": "an attribute value that the most similar items contradict",
    "corrupt": "a photo that cannot be read",
    "too_small": "a photo much smaller than the others, or than can be judged",
    "blurred": "a photo without sharp edges",
    "dark": "an underexposed photo",
    "watermark": "faint writing over the background, as of a watermark",
    "off_palette": "a background unlike the rest of the catalogue",
    "colour_variants": "items of one style in several colours (no fault: a group to know of)",
}
"""Every kind of finding, the gravest first."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is probably wrong.

    Args:
        kind: a key of ``KINDS``.
        item: the item it is about.
        views: the photos it is about, as their names.
        score: how sure, 0 to 1; comparable within a kind.
        reason: what was seen, in words, with the numbers.
        rows: the same photos as rows of what was checked; empty for photos without a vector.
        others: further items that it concerns.
    """

    kind: str
    item: str
    views: tuple[str, ...]
    score: float
    reason: str
    rows: tuple[int, ...] = ()
    others: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The finding as JSON has it."""
        facts: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__ if name != "rows"}
        return {
            **facts,
            "score": round(self.score, 4),
            "views": list(self.views),
            "others": list(self.others),
        }


@dataclass(frozen=True)
class HealthReport:
    """All findings of a catalogue, the gravest kind first and the surest of a kind first.

    Args:
        findings: what was found.
        items, photos: how many were checked.
        notes: what could not be checked, and why.
    """

    findings: tuple[Finding, ...]
    items: int
    photos: int
    notes: tuple[str, ...] = ()

    def counts(self) -> dict[str, int]:
        """How many findings each kind has; kinds without one are there with 0."""
        found = Counter(finding.kind for finding in self.findings)
        return {kind: found[kind] for kind in KINDS}

    def of(self, kind: str) -> tuple[Finding, ...]:
        """The findings of a kind, surest first."""
        return tuple(finding for finding in self.findings if finding.kind == kind)

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON has it."""
        return {
            "items": self.items,
            "photos": self.photos,
            "counts": self.counts(),
            "notes": list(self.notes),
            "findings": [finding.to_dict() for finding in self.findings],
        }

    def to_csv(self, path: Path) -> Path:
        """A line a finding: kind, item, score, reason, photos, other items."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["kind", "item_id", "score", "reason", "views", "others"])
            for one in self.findings:
                views, others = " | ".join(one.views), " | ".join(one.others)
                writer.writerow([one.kind, one.item, f"{one.score:.4f}", one.reason, views, others])
        return path

    def to_json(self, path: Path) -> Path:
        """The whole report as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, json.dumps(self.to_dict(), indent=2, ensure_ascii=False))
        return path

    def to_text(self) -> str:
        """The counts, and the three surest findings of each kind, for a terminal."""
        lines = [f"{self.items} items, {self.photos} photos, {len(self.findings)} findings", ""]
        for kind, count in self.counts().items():
            lines.append(f"{count:>6}  {kind:<16} {KINDS[kind]}")
            lines += [f"{'':>8}{one.score:.2f}  {one.item}: {one.reason}" for one in self.of(kind)[:3]]
        return "\n".join([*lines, *self.notes])
