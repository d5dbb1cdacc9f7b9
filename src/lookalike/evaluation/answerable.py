"""Whether a catalogue can answer what is asked, told before any photo is embedded."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lookalike.catalogue.items import Catalogue
from lookalike.evaluation.evaluated import Evaluated
from lookalike.evaluation.outcome import Protocol


def check_answerable(catalogue: Catalogue, protocol: Protocol, *, by: Sequence[str] = ()) -> None:
    """Refuse a protocol or a column that the catalogue's items and views do not allow.

    Args:
        catalogue: whose views; none is decoded.
        protocol: what is asked of whom.
        by: columns that figures are given by.

    Raises:
        EvaluationError: as ``evaluate`` would, once every photo was embedded.
    """
    pairs = list(catalogue.views())
    seen = Evaluated(
        items=tuple(item for item, _ in pairs),
        views=tuple(view for _, view in pairs),
        ids=tuple(map(str, range(len(pairs)))),
        matrix=np.zeros((len(pairs), 1), np.float32),
        fingerprint="not embedded",
    )
    protocol.check(seen)
    for name in by:
        seen.column(name)
