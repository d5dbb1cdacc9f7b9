"""Spatial re-ranking: do places of the photo have their like in the view that met it?

Each cell of a feature map on the item looks for the cell most like it in the other photo, both ways; the
mean likeness is the second opinion (a Chamfer similarity of local features, as in the late
interaction of ColBERT, arXiv 2004.12832, and in place of the geometric check of Philbin et al. 2007, which
a thing that turns about does not pass).
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lookalike.catalogue.photos import read_photo
from lookalike.embedding.embedder import Embedder
from lookalike.embedding.maps.feature_maps import Mapper, open_mapper
from lookalike.errors import QueryError
from lookalike.retrieval.explaining.correspondence import unit_cells
from lookalike.retrieval.index.rescoring import Scores
from lookalike.retrieval.query import QueryPhoto
from lookalike.retrieval.reranking.base import Reranker, Shortlist

Array = NDArray[np.float32]

SHARE = 0.1
"""Weight of the local likeness beside the score."""


class Spatial(Reranker):
    """Adds the likeness of places to the scores of the first ten.

    Args:
        embedder: whose feature maps are compared.
    """

    depth = 10

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    @cached_property
    def _mapper(self) -> Mapper:
        return open_mapper(self._embedder)

    def _scores(self, shortlist: Shortlist) -> Scores:
        views = [shortlist.snapshot.item(hit.place).views[hit.view] for hit in shortlist.hits]
        asked = sorted({hit.photo for hit in shortlist.hits})
        sources = [*(self._asked(shortlist, number) for number in asked)]
        sources += [QueryPhoto(view.path, view.crop) for view in views]
        size_px = self._embedder.card.size_px
        photos = [read_photo(each.source, size_px=size_px, crop=each.crop) for each in sources]
        cells, weights = unit_cells(self._mapper.maps(photos), photos)
        likeness = [
            likeness_of(cells, weights, asked.index(hit.photo), len(asked) + number)
            for number, hit in enumerate(shortlist.hits)
        ]
        return np.asarray(shortlist.scores + SHARE * np.array(likeness))

    def _asked(self, shortlist: Shortlist, number: int) -> QueryPhoto:
        known = shortlist.photos[number : number + 1]
        if not known or known[0].source == b"":
            raise QueryError(
                "Spatial re-ranking needs the query's photo, which is not at hand.",
                hint="Ask by a photo in Python or with `lookalike search`; a server keeps no photos.",
            )
        return known[0]


def likeness_of(cells: Array, weights: Array, one: int, other: int) -> float:
    """Mean over the cells of either photo of the best likeness in the other one, -1 to 1.

    Args:
        cells: unit features, shape (photos, cells, channels).
        weights: how much each cell is of the item, shape (photos, cells).
        one, other: numbers of the photos.
    """
    closeness = cells[one] @ cells[other].T
    there = closeness.max(axis=1) @ weights[one] / weights[one].sum()
    back = closeness.max(axis=0) @ weights[other] / weights[other].sum()
    return float(there + back) / 2
