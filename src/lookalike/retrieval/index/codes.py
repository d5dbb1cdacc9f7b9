"""The ways to compress vectors, by name; each is a FAISS index, and all but one are scanned whole.

``pq``: product quantisation of pairs of coordinates in the fast-scan layout (Jégou et al. 2011; André et al.
2017), half a byte a pair. ``binary``: one bit a coordinate (RaBitQ, Gao and Long 2024). ``sq8``: one byte a
coordinate. ``pca64`` and the like: the 64 directions that hold most of the vectors' products, then ``pq``.
``first64``: the first 64 coordinates, then ``pq``, for models whose vectors nest (Matryoshka, Kusupati et
al. 2022). ``lists``: views parted among centroids, and how each is off its own as ``pq``; only the lists
nearest to a question are scanned (Jégou et al. 2011, IVFADC), how many is measured.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookalike.errors import MissingExtra, SettingsError

DEFAULT = "pq"
PLAIN = {"pq": "PQ{half}x4fs", "binary": "RaBitQfs", "sq8": "SQ8", "lists": "IVF{lists},PQ{half}x4fs"}
NARROWED = re.compile(r"(pca|first)([1-9][0-9]*)")

FEWEST_TRAINED = 1024
"""Fewer views teach no codes worth the name."""

TRAINED_ON = 65_536
ADDED_AT_ONCE = 1 << 16

Matrix = NDArray[np.float32]


def built(matrix: Matrix, kind: str, rng: np.random.Generator) -> Any:
    """The compressed vectors, in the order of the matrix; None where they are too few to learn codes from.

    Raises:
        MissingExtra: FAISS is not installed.
        SettingsError: there is no such kind, or the vectors are not that wide.
    """
    width = even(matrix[:1]).shape[1]
    check_kind(kind, width)
    if len(matrix) < FEWEST_TRAINED:
        return None
    try:
        import faiss
    except ImportError as error:
        raise MissingExtra("Searching compressed vectors", extra="scale") from error
    sample = even(matrix[np.sort(rng.permutation(len(matrix))[:TRAINED_ON])])
    narrowed = NARROWED.fullmatch(kind)
    if narrowed:
        narrow = _narrowing(faiss, sample, narrowed[1], int(narrowed[2]))
        codes = faiss.IndexPreTransform(narrow, _plain(faiss, int(narrowed[2]), "pq"))
    else:
        codes = _plain(faiss, width, kind, lists=lists_for(len(matrix)))
    train(faiss, codes, sample)
    for start in range(0, len(matrix), ADDED_AT_ONCE):
        codes.add(even(matrix[start : start + ADDED_AT_ONCE]))
    return codes


def train(faiss: Any, codes: Any, sample: Matrix) -> None:
    """Learn the codes, in one thread: two win a tenth of a second, and lose twenty where others work, too."""
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        codes.train(sample)
    finally:
        faiss.omp_set_num_threads(threads)


def check_kind(kind: str, width: int) -> None:
    """Refuse a name that is none, or a width that the vectors do not have.

    Raises:
        SettingsError: naming those that there are.
    """
    narrowed = NARROWED.fullmatch(kind)
    if kind in PLAIN or (narrowed and int(narrowed[2]) % 2 == 0 and int(narrowed[2]) < width):
        return
    raise SettingsError(
        f"There are no codes named {kind!r} for vectors of {width} coordinates.",
        hint=f"Choose one of: {', '.join(PLAIN)}, pcaN, firstN, with an even N below the width.",
    )


def even(vectors: Matrix) -> Matrix:
    """The vectors with an even number of coordinates."""
    odd = vectors.shape[1] % 2
    return np.ascontiguousarray(np.pad(vectors, ((0, 0), (0, odd))) if odd else vectors, np.float32)


def lists_for(views: int) -> int:
    """Among how many lists so many views are parted."""
    return int(views**0.5)


def lists_of(codes: Any) -> int:
    """Among how many lists the codes are parted; 0 where they are scanned whole."""
    return int(getattr(codes, "nlist", 0))


def nearest_rows(codes: Any, vectors: Matrix, reach: int, *, probes: int = 0) -> NDArray[np.int64]:
    """The rows of the nearest codes, nearest first, -1 where there are fewer; shape (vectors, reach).

    Args:
        probes: how many lists are scanned, where there are any.
    """
    if not lists_of(codes):
        return np.asarray(codes.search(even(vectors), reach)[1])
    import faiss

    parameters: Any = faiss.SearchParametersIVF
    some = parameters(nprobe=max(1, min(probes, lists_of(codes))))
    return np.asarray(codes.search(even(vectors), reach, params=some)[1])


def _plain(faiss: Any, width: int, kind: str, *, lists: int = 0) -> Any:
    name = PLAIN[kind].format(half=width // 2, lists=lists)
    return faiss.index_factory(width, name, faiss.METRIC_INNER_PRODUCT)


def _narrowing(faiss: Any, sample: Matrix, how: str, width: int) -> Any:
    """The linear map to fewer coordinates.

    Nothing is centred: products are to be kept, and a shift would add a term that differs by view.
    """
    whole = sample.shape[1]
    if how == "first":
        rows = np.eye(width, whole, dtype=np.float32)
    else:
        _, directions = np.linalg.eigh((sample.T @ sample).astype(np.float64))
        rows = np.ascontiguousarray(directions[:, ::-1][:, :width].T, np.float32)
    narrow = faiss.LinearTransform(whole, width, False)
    faiss.copy_array_to_vector(rows.ravel(), narrow.A)
    narrow.is_trained = True
    return narrow
