"""Networks from a source to a sink: numbering, and what is refused."""

from __future__ import annotations

import networkx as nx
import pytest

from potentia import InputError
from potentia.games.graphs import dag, layered

DIAMOND = [("s", "a"), ("s", "b"), ("a", "t"), ("b", "t")]

REFUSED = {
    "a cycle": ([*DIAMOND, ("b", "c"), ("c", "b")], "s", "t",
                r"graph has the cycle 'b' -> 'c' -> 'b', but"),
    "an edge back to the source": ([*DIAMOND, ("b", "s")], "s", "t",
                                   r"graph has the cycle 's' -> 'b' -> 's'"),
    "a node that leads to itself": ([*DIAMOND, ("a", "a")], "s", "t",
                                    r"graph has the cycle 'a' -> 'a'"),
    "a dead end": ([*DIAMOND, ("a", 7)], "s", "t",
                   r"node 7 is a dead end: no edge leaves it.*sink 't'"),
    "a sink out of reach": ([("s", "a"), ("b", "t")], "s", "t",
                            r"the sink 't' cannot be reached from the source 's'"),
    "a node out of reach": ([*DIAMOND, ("x", "t")], "s", "t",
                            r"node 'x' cannot be reached from the source 's'"),
    "an edge out of the sink": ([*DIAMOND, ("t", "s")], "s", "t",
                                r"the edge 't' -> 's' leaves the sink"),
    "no such source": (DIAMOND, "S", "t", r"source is 'S', but the graph has no such node"),
    "no such sink": (DIAMOND, "s", "T", r"sink is 'T', but the graph has no such node"),
    "a list for a node": (DIAMOND, ["s"], "t",
                          r"source is \['s'\], but the graph has no such node"),
    "no source given": (DIAMOND, None, "t", r"graph needs source=, the name of a node"),
    "no sink given": (DIAMOND, "s", None, r"graph needs sink=, the name of a node"),
    "source and sink the same": (DIAMOND, "s", "s", r"source and sink are both 's'"),
    "an edge given twice": ([*DIAMOND, ("s", "b")], "s", "t",
                            r"graph has the edge 's' -> 'b' twice"),
    "parallel edges": (nx.MultiDiGraph([*DIAMOND, ("a", "t")]), "s", "t",
                       r"graph has the edge 'a' -> 't' twice"),
    "an undirected graph": (nx.Graph(DIAMOND), "s", "t", r"graph is undirected"),
    "no edges": ([], "s", "t", r"graph has no edges"),
    "an edge of three nodes": ([("s", "a", "t")], "s", "t",
                               r"graph\[0\] is \('s', 'a', 't'\), but an edge is a pair"),
    "an edge as text": (["st"], "s", "t", r"graph\[0\] is 'st', but an edge is a pair"),
    "a node that cannot be a name": ([("s", {})], "s", "t",
                                     r"graph\[0\] is \('s', \{\}\), but an edge is a pair"),
    "text": ("s-t", "s", "t", r"graph is 's-t', but it must be"),
    "a number": (3, "s", "t", r"graph is 3, but it must be"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_networks_are_refused_by_name(case: str) -> None:
    graph, source, sink, message = REFUSED[case]
    with pytest.raises(InputError, match=message) as caught:
        dag(graph, source, sink)
    assert "\n" not in str(caught.value)


def test_an_isolated_node_of_a_networkx_graph_is_seen() -> None:
    graph = nx.DiGraph(DIAMOND)
    graph.add_node("alone")
    with pytest.raises(InputError, match="node 'alone' is a dead end"):
        dag(graph, "s", "t")


def test_nodes_are_numbered_so_that_edges_lead_forward() -> None:
    network = dag([("c", "t"), ("s", "c"), ("s", "a"), ("a", "c"), ("a", "t"), ("s", "t")], "s",
                  "t")
    assert network.nodes == ("s", "a", "c", "t")
    assert network.successors.tolist() == [[1, 2, 3], [2, 3, -1], [3, -1, -1], [-1, -1, -1]]


def test_ties_keep_the_given_order() -> None:
    assert dag([("s", "b"), ("s", "a"), ("a", "t"), ("b", "t")], "s",
               "t").nodes == ("s", "b", "a", "t")


def test_a_networkx_graph_and_its_edges_are_one_network() -> None:
    given, listed = dag(nx.DiGraph(DIAMOND), "s", "t"), dag([list(edge) for edge in DIAMOND], "s",
                                                            "t")
    assert given.nodes == listed.nodes
    assert given.successors.tolist() == listed.successors.tolist()


def test_the_layered_network_of_the_paper() -> None:
    network = layered(2, 2)
    assert network.nodes == ("s", "1.1", "1.2", "2.1", "2.2", "t")
    assert network.successors.tolist() == [[1, 2], [3, 4], [3, 4], [5, -1], [5, -1], [-1, -1]]


@pytest.mark.parametrize(("layers", "width", "message"), [
    (0, 2, r"layers is 0, but it must be at least 1"),
    (2, 0, r"width is 0, but it must be at least 1"),
    (1.5, 2, r"layers is 1\.5, not a whole number")])
def test_layers_and_width_are_whole_and_positive(layers: object, width: object,
                                                 message: str) -> None:
    with pytest.raises(InputError, match=message):
        layered(layers, width)


def test_one_layer_of_one_node_is_a_line() -> None:
    assert layered(1, 1).successors.tolist() == [[1], [2], [-1]]


@pytest.mark.parametrize("edge", [("s", None), (None, "t"), ("s", ([],)), ("s", [])])
def test_nodes_are_hashable_names(edge: tuple) -> None:
    with pytest.raises(InputError,
                       match=r"graph\[1\] is .*an edge is a pair \(node, next node\) of names"):
        dag([("s", "t"), edge], "s", "t")
