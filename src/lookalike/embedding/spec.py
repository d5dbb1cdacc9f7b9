"""What was asked for in an embedder's name and options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from lookalike.errors import EmbedderError

MOST_SIDE_PX = 2048


@dataclass(frozen=True, slots=True)
class EmbedderSpec:
    """An embedder's name, taken apart: ``kind:detail?key=value&key=value``, and how to run it.

    Args:
        kind: entry in the table of known embedders.
        detail: what stands behind the colon: an architecture, a folder.
        settings: ``weights`` (a safetensors file, or ``none``) and ``size`` (pixels) for networks.
        running: options of the runtime that were given.
    """

    kind: str
    detail: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    running: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Kind and detail, as they were asked for."""
        return f"{self.kind}:{self.detail}" if self.detail else self.kind

    @property
    def untrained(self) -> bool:
        """Whether random weights were asked for."""
        return self.settings.get("weights") == "none"

    @property
    def weights(self) -> Path | None:
        """The weight file that was given."""
        given = self.settings.get("weights", "none")
        return None if given == "none" else Path(given).expanduser()

    @property
    def size_px(self) -> int | None:
        """The side of the photo that was asked for.

        Raises:
            EmbedderError: it is no number from 1 to 2048.
        """
        if "size" not in self.settings:
            return None
        written = self.settings["size"]
        if not written.isdecimal() or not 1 <= int(written) <= MOST_SIDE_PX:
            raise EmbedderError(
                f"size={written} is no photo size.", hint=f"Give pixels, 1 to {MOST_SIDE_PX}."
            )
        return int(written)

    def only(self, *, settings: tuple[str, ...] = (), running: tuple[str, ...] = ()) -> None:
        """Refuse whatever this embedder would not follow.

        Raises:
            EmbedderError: naming the first such option.
        """
        for given, understood in ((self.settings, settings), (self.running, running)):
            for key in given:
                if key not in understood:
                    raise EmbedderError(
                        f"{self.name} has no option {key!r}.",
                        hint=f"It understands: {', '.join(understood) or 'none'}.",
                    )


def take_apart(name: str, *, running: Mapping[str, Any]) -> EmbedderSpec:
    """Read an embedder's name.

    >>> spec = take_apart("timm:resnet34?weights=none&size=64", running={})
    >>> spec.kind, spec.detail, spec.untrained, spec.size_px
    ('timm', 'resnet34', True, 64)

    Raises:
        EmbedderError: the settings after the question mark are not ``key=value`` pairs.
    """
    stem, _, query = name.partition("?")
    kind, _, detail = stem.partition(":")
    try:
        # A plus sign or percent sign in a path stands for itself.
        settings = dict(parse_qsl(query.replace("%", "%25").replace("+", "%2B"), strict_parsing=bool(query)))
    except ValueError as error:
        raise EmbedderError(
            f"{name!r}: {query!r} are no settings.", hint="Write NAME?key=value&key=value."
        ) from error
    return EmbedderSpec(kind, detail, settings, running)
