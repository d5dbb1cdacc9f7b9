"""Where a convolutional model pools its maps, and how far what follows is linear.

Walking back from the vector, the first nodes that average a learnt map over the picture are the pools.
What lies between them and the last value that depends on them linearly is the **tail**: a sum over the
cells of the maps. Class activation maps rest on the same fact (Zhou et al., arXiv 1512.04150).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lookalike.embedding.maps.graph import Graph, Node

POOLS = frozenset({"GlobalAveragePool", "AveragePool", "ReduceMean"})
LINEAR = frozenset(
    {"Add", "Cast", "Concat", "Div", "Dropout", "Flatten", "Gather", "Gemm", "Identity", "MatMul", "Mul",
     "Reshape", "Slice", "Squeeze", "Sub", "Transpose", "Unsqueeze"}
)  # fmt: skip
"""Operators that are linear in one input while the others are fixed; two inputs only for those of `JOINS`."""
JOINS = frozenset({"Add", "Sub", "Concat"})


@dataclass(frozen=True, slots=True)
class Tail:
    """The linear end of a model.

    Args:
        maps: names of the maps that are pooled.
        pools: names of their averages, in the same order.
        vector: name of the last value that is linear in the averages.
    """

    maps: tuple[str, ...]
    pools: tuple[str, ...]
    vector: str


def find_tail(graph: Graph, output: str) -> Tail | None:
    """The pools before an output and the linear part after them; None where there is none."""
    learnt = _learnt(graph)
    pools = _pools(graph, output, learnt)
    if not pools:
        return None
    names = tuple(node.outputs[0] for node in pools)
    return Tail(tuple(node.inputs[0] for node in pools), names, _last_linear(graph, names))


def _learnt(graph: Graph) -> set[str]:
    """Values that a convolution went into."""
    found = set[str]()
    for node in graph.nodes:
        if node.kind == "Conv" or found.intersection(node.inputs):
            found.update(node.outputs)
    return found


def _pools(graph: Graph, output: str, learnt: set[str]) -> list[Node]:
    """Averaging nodes met first on the ways back from the output, in the graph's order."""
    seen, met, left = set[str](), set[str](), [output]
    while left:
        name = left.pop()
        if name in seen or name not in graph.makers:
            continue
        seen.add(name)
        node = graph.makers[name]
        if node.kind in POOLS and node.inputs[0] in learnt:
            met.add(node.outputs[0])
        else:
            left += node.inputs
    return [node for node in graph.nodes if met.intersection(node.outputs)]


def _last_linear(graph: Graph, pools: Sequence[str]) -> str:
    linear, last = set(pools), pools[-1]
    for node in graph.nodes:
        moving = [name for name in node.inputs if name and name not in graph.fixed]
        if node.kind not in LINEAR or not moving or not linear.issuperset(moving):
            continue
        if len(moving) > 1 and node.kind not in JOINS:
            continue
        if node.kind == "Div" and node.inputs[0] not in linear:
            continue
        linear.update(node.outputs)
        last = node.outputs[0]
    return last
