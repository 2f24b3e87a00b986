"""Directed acyclic networks that lead from a source to a sink, checked once.

Every walk from the source must end at the sink, whatever turns it takes: no cycle, no dead end, no
node that cannot be reached. Then the nodes have an order in which every edge leads forward, with
the source first and the sink last.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Hashable, Iterable

import networkx as nx
import numpy as np

from potentia.errors import InputError, shown, whole_number
from potentia.games.limits import short

MOST_EDGES = 1_000_000


@dataclasses.dataclass(frozen=True)
class Dag:
    """A checked network of V nodes, numbered so that edges lead forward.

    nodes: [V] names; node 0 is the source, node V-1 the sink; ties keep the order they were given
        in.
    successors: [V, D] numbers of the nodes that the edges of a node lead to, ascending; -1 where it
        has fewer than D, the largest out-degree.
    """

    nodes: tuple[Hashable, ...]
    successors: np.ndarray


def dag(graph: object, source: Hashable, sink: Hashable) -> Dag:
    """Check a network.

    graph: a directed networkx graph or a list of edges (node, next node); names are any hashable
    values.
    source, sink: names of the first and the last node.

    Raises InputError naming the nodes or edges at fault.
    """
    network = _network(graph)
    _check_ends(network, source, sink)
    _check_walks(network, source, sink)
    order = {node: index for index, node in enumerate(network)}
    nodes = tuple(nx.lexicographical_topological_sort(network, key=order.__getitem__))
    number = {node: index for index, node in enumerate(nodes)}
    successors = np.full((len(nodes), max(degree for _, degree in network.out_degree())), -1)
    for node, index in number.items():
        following = sorted(number[other] for other in network.successors(node))
        successors[index, :len(following)] = following
    return Dag(nodes, successors)


def layered(layers: int = 2, width: int = 2) -> Dag:
    """Source "s", `layers` layers of `width` nodes "layer.index", sink "t"; neighbours fully
    connected."""
    layers, width = whole_number(layers, "layers", 1), whole_number(width, "width", 1)
    number = (layers - 1) * width**2 + 2 * width
    if number > MOST_EDGES:
        raise InputError(f"{short(layers)} layers of {short(width)} nodes have {short(number)} "
                         f"edges, but joint states of more than {MOST_EDGES:,} cannot be listed")
    ranks = [["s"], *([f"{layer}.{index}" for index in range(1, width + 1)]
                      for layer in range(1, layers + 1)),
             ["t"]]
    edges = [(node, other) for rank, following in itertools.pairwise(ranks)
             for node in rank for other in following]
    return dag(edges, "s", "t")


def edge_name(node: Hashable, following: Hashable) -> str:
    """How messages write an edge."""
    return f"{node!r} -> {following!r}"


def _network(graph: object) -> nx.DiGraph:
    """Nodes and edges alone; parallel edges are refused, since a move is named by its two nodes."""
    network = nx.DiGraph()
    if isinstance(graph, nx.Graph):
        if not graph.is_directed():
            raise InputError(
                "graph is undirected, but agents move along directed edges (use networkx.DiGraph)")
        network.add_nodes_from(graph.nodes)
        edges = list(graph.edges())
    else:
        edges = _pairs(graph)
    for node, following in edges:
        if network.has_edge(node, following):
            raise InputError(
                f"graph has the edge {edge_name(node, following)} twice; put a node on one of them")
        network.add_edge(node, following)
    if not edges:
        raise InputError("graph has no edges")
    return network


def _pairs(graph: object) -> list[tuple[Hashable, Hashable]]:
    if isinstance(graph, str) or not isinstance(graph, Iterable):
        raise InputError(
            f"graph is {shown(graph)}, but it must be a networkx.DiGraph or a list of (node, next "
            f"node)")
    pairs = []
    for index, edge in enumerate(graph):
        if not isinstance(edge, tuple | list) or len(edge) != 2 or not all(map(_is_name, edge)):
            raise InputError(f"graph[{index}] is {shown(edge)}, but an edge is a pair (node, next "
                             f"node) of names that are hashable and not None")
        pairs.append((edge[0], edge[1]))
    return pairs


def _is_name(node: object) -> bool:
    """Tried out, since a tuple counts as Hashable whatever it holds."""
    try:
        hash(node)
    except TypeError:
        return False
    return node is not None


def _check_ends(network: nx.DiGraph, source: Hashable, sink: Hashable) -> None:
    for role, node in (("source", source), ("sink", sink)):
        if node is None:
            raise InputError(f"graph needs {role}=, the name of a node")
        if not isinstance(node, Hashable) or node not in network:
            raise InputError(f"{role} is {node!r}, but the graph has no such node")
    if source == sink:
        raise InputError(f"source and sink are both {source!r}, but they must differ")
    for following in network.successors(sink):
        raise InputError(
            f"the edge {edge_name(sink, following)} leaves the sink, but walks end there")


def _check_walks(network: nx.DiGraph, source: Hashable, sink: Hashable) -> None:
    if not nx.is_directed_acyclic_graph(network):
        cycle = [node for node, _ in nx.find_cycle(network)]
        raise InputError(
            f"graph has the cycle {' -> '.join(map(repr, [*cycle, cycle[0]]))}, but it must have "
            f"none")
    reached = nx.descendants(network, source)
    if sink not in reached:
        raise InputError(f"the sink {sink!r} cannot be reached from the source {source!r}")
    for node in network:
        if node != sink and not network.out_degree(node):
            raise InputError(
                f"node {node!r} is a dead end: no edge leaves it, and it is not the sink {sink!r}")
        if node != source and node not in reached:
            raise InputError(f"node {node!r} cannot be reached from the source {source!r}")
