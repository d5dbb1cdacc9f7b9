"""Feature maps of a convolutional ONNX model: its own last layers, seen through its own head."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookalike.catalogue.photos import Photo
from lookalike.embedding.entrances import find_entrance, find_output
from lookalike.embedding.maps.feature_maps import Array, FeatureMaps, Place, no_maps
from lookalike.embedding.maps.graph import Graph, read_graph, with_outputs
from lookalike.embedding.maps.pooling import Tail, find_tail
from lookalike.embedding.model_source import read_source
from lookalike.embedding.quiet import load_onnxruntime
from lookalike.embedding.runtime import ModelEmbedder
from lookalike.embedding.sessions import OnnxRuntimeSession

ALIKE = 0.999
"""Least cosine between a part of the vector and the sum over cells, for the two to be the same."""


class ModelMaps:
    """Gives the maps of photos; always in ONNX Runtime and float32.

    Args:
        session: the model, its maps among its outputs.
        tail: which of its values are maps, and what they are pooled to.
        heads: for each map what a unit in a bin of the pool adds to the vector,
            shape (bins, bins, channels, width).
        base: what the model adds by itself, shape (width,).
        place: of the sum in the embedder's vector.
    """

    def __init__(
        self, session: OnnxRuntimeSession, tail: Tail, heads: Sequence[Array], base: Array, place: Place
    ) -> None:
        self._session, self._tail, self._heads, self._base = session, tail, heads, base
        self.place = place

    def maps(self, photos: Sequence[Photo]) -> FeatureMaps:
        """See `Mapper.maps`."""
        seen = [self._session.values(photo.pixels[None], self._tail.maps) for photo in photos]
        layers = tuple(
            np.concatenate([_seen_through(head, each[number]) for each in seen])
            for number, head in enumerate(self._heads)
        )
        activations = tuple(
            np.concatenate([np.asarray(each[number], np.float32).transpose(0, 2, 3, 1) for each in seen])
            for number in range(len(self._heads))
        )
        return FeatureMaps(layers, self._base, self.place, activations)


def _seen_through(head: Array, maps: NDArray[Any]) -> Array:
    """What each cell of a map adds to the vector, shape (1, side, side, width)."""
    bins, side = head.shape[0], maps.shape[2]
    cells = side // bins
    tiles = maps[0].reshape(maps.shape[1], bins, cells, bins, cells).transpose(1, 3, 2, 4, 0)
    added = tiles.reshape(bins, bins, cells * cells, -1) @ head / (cells * cells)
    laid = added.reshape(bins, bins, cells, cells, -1).transpose(0, 2, 1, 3, 4)
    return np.asarray(laid.reshape(1, side, side, -1), np.float32)


def open_model_maps(embedder: ModelEmbedder) -> ModelMaps:
    """The maps of a model, found in its graph by where it pools.

    Raises:
        EmbedderError: the model has no file, no pool over a learnt map, or its vector is no sum over one.
    """
    card, source = embedder.card, embedder.source
    if source is None:
        raise no_maps(card.name, "it has no model file")
    _, model, ports = read_source(source.path, features=source.features, scaling=source.scaling)
    output = find_output(ports, asked=source.features, where=str(source.path)).name
    graph = read_graph(model)
    tail = find_tail(graph, output)
    if tail is None:
        raise no_maps(card.name, "its graph averages no convolution's map")
    entrance, _ = find_entrance(ports, where=str(source.path))
    wanted = [*tail.maps, *tail.pools, tail.vector]
    session = OnnxRuntimeSession(with_outputs(model, wanted), card, entrance=entrance, output=output)
    noise = np.random.default_rng(0).integers(0, 256, (card.size_px, card.size_px, 3), np.uint8)
    *found, raw = session.values(noise[None], wanted)
    maps, pools = found[: len(tail.maps)], found[len(tail.maps) :]
    heads, base = _heads(graph, tail, pools)
    layers = [_seen_through(head, each) for head, each in zip(heads, maps, strict=True) if _fits(head, each)]
    total = base + sum(layer.sum(axis=(0, 1, 2)) for layer in layers)
    if len(layers) < len(heads) or _cosine(np.asarray(total), raw.ravel()) < ALIKE:
        raise no_maps(card.name, "its vector is no sum over the cells of a map")
    content = (0, 0, card.size_px, card.size_px)
    vector = embedder.encode([Photo(noise, content, card.size_px, card.size_px)])[0]
    return ModelMaps(session, tail, heads, base, _place(embedder, vector, np.asarray(total, np.float32)))


def _fits(head: Array, maps: NDArray[Any]) -> bool:
    return maps.ndim == 4 and maps.shape[2] == maps.shape[3] and maps.shape[2] % head.shape[0] == 0


def _heads(graph: Graph, tail: Tail, pools: Sequence[NDArray[Any]]) -> tuple[list[Array], Array]:
    """The tail as matrices: it is linear, so its answers to unit vectors say everything."""
    onnxruntime = load_onnxruntime()

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 4
    session = onnxruntime.InferenceSession(
        graph.part(tail.pools, [tail.vector]), options, providers=["CPUExecutionProvider"]
    )
    feed = {name: np.zeros_like(pool) for name, pool in zip(tail.pools, pools, strict=True)}

    def answer() -> Array:
        return np.asarray(session.run(None, feed)[0], np.float32).reshape(-1).copy()

    base, heads = answer(), []
    for name in tail.pools:
        flat, rows = feed[name].reshape(-1), []
        for index in range(flat.size):
            flat[index] = 1
            rows.append(answer() - base)
            flat[index] = 0
        heads.append(_laid(np.stack(rows), feed[name].shape))
    return heads, base


def _laid(rows: Array, shape: tuple[int, ...]) -> Array:
    """Answers to units of a pool (1, channels, bins, bins) or (1, channels), by bin and channel."""
    bins = shape[2] if len(shape) == 4 else 1
    return np.ascontiguousarray(rows.reshape(shape[1], bins, bins, -1).transpose(1, 2, 0, 3))


def _place(embedder: ModelEmbedder, vector: Array, total: Array) -> Place:
    """The part of the embedder's vector that the sum over cells is.

    Raises:
        EmbedderError: no part is.
    """
    card = embedder.card
    places = [Place(block.start, block.stop, block.weight) for block in card.blocks]
    for place in (*places, Place(0, card.width, 1.0)):
        part = vector[place.start : place.stop]
        if len(part) == len(total) and _cosine(part, total) > ALIKE:
            return place
    raise no_maps(card.name, "its vector is no sum over the cells of a map")


def _cosine(one: NDArray[Any], other: NDArray[Any]) -> float:
    return float(one @ other / max(float(np.linalg.norm(one) * np.linalg.norm(other)), 1e-12))
