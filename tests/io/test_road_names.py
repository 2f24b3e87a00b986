"""Nodes that are called by any names: in files, in graphs, and in what the game says of them."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import numpy as np
import pytest

import potentia as pt

LINKS = "from,to,free_flow_time,capacity\nA,1.0,1,1\n1.0,B C,1,1\nA,B C,3,\nB C,A,1,\n"
TRIPS = "from,to,trips\nA,B C,900\nB C,A,100\n"


def read(place: Path, links: str, trips: str, **options) -> pt.RoutingGame:
    (place / "town.csv").write_text(links)
    (place / "trips.csv").write_text(trips)
    return pt.io.read_csv(place / "town.csv", place / "trips.csv", **options)


def test_names_are_kept(tmp_path: Path) -> None:
    game = read(tmp_path, LINKS, TRIPS)
    assert game.node_names == ("A", "1.0", "B C")
    assert game.links.tolist() == [[1, 2], [2, 3], [1, 3], [3, 1]]
    assert game.trips.origin.tolist() == [1, 3]


@pytest.mark.parametrize("names", [("1", "2", "3"), ("0", "-7", "3000000000"),
                                   ("1", "B", "3"), ("1" * 30, "2", "3"), ("1.0", "2.0", "3.0")])
def test_names_of_every_kind_give_the_same_game(names: tuple, tmp_path: Path) -> None:
    table = dict(zip(("A", "1.0", "B C"), names, strict=True))

    def renamed(text: str) -> str:
        head, *rows = text.splitlines()
        return "\n".join([head, *(",".join(table.get(cell, cell) if k < 2 else cell for k, cell in
                                           enumerate(row.split(","))) for row in rows)])

    game = read(tmp_path, renamed(LINKS), renamed(TRIPS))
    whole = all(name.lstrip("-").isdigit() and len(name) < 19 for name in names)
    assert bool(game.node_names) != whole
    if whole:
        first = np.array([int(name) for name in names])
        np.testing.assert_array_equal(game.links, first[[[0, 1], [1, 2], [0, 2], [2, 0]]])
    else:
        assert game.node_names == names
    assert sorted(game.trips.count.tolist()) == [100, 900]
    assert np.isfinite(game.relative_gap(game.initial_profile("uniform", None)))


def test_a_whole_number_is_one_node_however_it_is_written(tmp_path: Path) -> None:
    game = read(tmp_path, "from,to,free_flow_time\n01,+2,1\n", "from,to,trips\n1,02,1000\n")
    assert (game.links.tolist(), game.node_names) == ([[1, 2]], ())


def test_changes_and_charges_take_names(tmp_path: Path) -> None:
    game = read(tmp_path, LINKS, TRIPS)
    fewer = game.without(("A", "B C"))
    assert (len(fewer.links), fewer.node_names) == (3, game.node_names)
    more = game.joined(("B C", "new"), pt.link_costs.bpr(1, 1), toll=2.0)
    assert more.node_names[more.links[-1][1] - 1] == "new"
    np.testing.assert_array_equal(game.tolled({("A", "1.0"): 5.0}).tolls, [5, 0, 0, 0])
    assert game.tolled([1.0, 0, 0, 0]).untolled().node_names == game.node_names
    closed = read(tmp_path, LINKS, TRIPS, closed=["1.0"])
    assert np.asarray(closed.closed).tolist() == [2]


def test_games_and_runs_are_saved_with_names(tmp_path: Path) -> None:
    game = read(tmp_path, LINKS, TRIPS)
    pt.io.save_game(game, tmp_path / "game.npz")
    again = pt.io.load_game(tmp_path / "game.npz")
    assert isinstance(again, pt.RoutingGame)
    assert again.node_names == game.node_names
    result = pt.solve(game, pt.rules.AdaptiveINPG(), initial="uniform", max_iterations=3,
                      progress=False)
    pt.save(result, tmp_path / "run")
    assert pt.load(tmp_path / "run").game.node_names == game.node_names


REFUSED = {
    "an unknown origin": (LINKS, TRIPS.replace("\nA,", "\nD,"),
                          "trips.csv, line 2: from is 'D', which no link touches"),
    "a slip": (LINKS, TRIPS.replace("\nA,B C", "\nA,B c"), "did you mean 'B C'"),
    "another way to write it": (LINKS.replace("A", "2"), TRIPS.replace("A", "2.0"),
                                "line 2: from is '2.0', which no link touches"),
    "a pair twice": (LINKS, TRIPS + "A,B C,1\n", "line 4: trips from A to B C are there twice"),
    "no way": (LINKS.replace("B C,A,1,", "A,1.0,1,"), TRIPS,
               "destination A cannot be reached from origin B C"),
}


@pytest.mark.parametrize(("links", "trips", "message"), REFUSED.values(), ids=REFUSED)
def test_errors_call_nodes_by_name(links: str, trips: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(pt.InputError, match=message) as caught:
        read(tmp_path, links, trips)
    assert "\n" not in str(caught.value)


def test_what_rounding_loses_is_told_by_name(tmp_path: Path,
                                             caplog: pytest.LogCaptureFixture) -> None:
    read(tmp_path, LINKS, TRIPS, n_agents=3)
    assert "100 % of those from B C to A, the most of any pair" in caplog.text


def test_links_that_are_not_there_are_named(tmp_path: Path) -> None:
    game = read(tmp_path, LINKS, TRIPS)
    with pytest.raises(pt.InputError, match=r"there is no link \('1.0', 'A'\) \(from, to\)"):
        game.without(("1.0", "A"))
    with pytest.raises(pt.InputError, match="there is no node 'b c'; did you mean 'B C'"):
        game.tolled({("A", "b c"): 1.0})
    with pytest.raises(pt.InputError, match=r"there is no node 1; did you mean '1\.0'"):
        game.without((1, 3))


@pytest.mark.parametrize(("names", "message"), [
    (["A", "A"], "node_names has the name 'A' twice"),
    (["A"], "node 2 has no name: .* nodes 1 to 1"),
    (["A", 2], "node_names holds 2, but names are text"),
    (["A", "B\n"], "names are text on one line")])
def test_names_that_are_none(names: list, message: str) -> None:
    with pytest.raises(pt.InputError, match=message):
        pt.RoutingGame.from_links([(1, 2)], pt.link_costs.bpr(1, 1), [(1, 2, 3)], node_names=names)


@pytest.mark.parametrize(("nodes", "names"), [
    ((0, -1, 2**40), ()), (("a", "b", "c"), ("a", "b", "c")),
    ((1, "2", (0, 1)), ("1", "2", "(0, 1)")), ((True, 0, 2.5), ("True", "0", "2.5")),
    ((frozenset(), "x\ny", 1), ("frozenset()", "x y", "1"))])
def test_graphs_of_any_nodes(nodes: tuple, names: tuple) -> None:
    first, second, third = nodes
    graph = nx.MultiDiGraph()
    for start, end in ((first, second), (second, third), (first, third)):
        graph.add_edge(start, end, free_flow_time=1.0, capacity=10.0)
    game = pt.io.from_networkx(graph, {(first, third): 1000, (first, first): 3})
    assert game.node_names == names
    assert game.trips.count.tolist() == [1000]
    if not names:
        assert game.links.tolist() == [[first, second], [first, third], [second, third]]
    fewer = game.without(tuple(names[k] for k in (0, 2)) if names else (first, third))
    assert len(fewer.links) == 2


@pytest.mark.parametrize("alike", [("h", "h "), (1, "1"), ("a  b", "a b"), (2.5, "2.5")])
def test_nodes_that_read_alike_are_refused(alike: tuple) -> None:
    one, other = alike
    graph = nx.DiGraph([(one, "x", {"free_flow_time": 1.0}), (other, "x", {"free_flow_time": 1.0})])
    with pytest.raises(pt.InputError, match=r"the graph has the nodes .* and .*, which read alike"):
        pt.io.from_networkx(graph, {(one, "x"): 1})
    names = [str(one), str(other)]
    with pytest.raises(pt.InputError, match="node_names has the name"):
        pt.RoutingGame.from_links([(1, 2)], pt.link_costs.bpr(1, 1), [(1, 2, 3)], node_names=names)


def test_closed_nodes_are_named(tmp_path: Path) -> None:
    """A name alone is one node, not the nodes of its letters."""
    assert read(tmp_path, LINKS, TRIPS, closed="B C").closed.tolist() == [3]
    for nodes, why in (("AB", "there is no node 'AB'"), (5, "there is no node 5"),
                       (["A", "D"], "there is no node 'D'")):
        with pytest.raises(pt.InputError, match=why):
            read(tmp_path, LINKS, TRIPS, closed=nodes)


def test_graphs_that_are_wrong(caplog: pytest.LogCaptureFixture) -> None:
    graph = nx.DiGraph([("a", "b", {"free_flow_time": 1.0}), ("b", "b", {})])
    assert len(pt.io.from_networkx(graph, {("a", "b"): 1}).links) == 1
    assert "an edge of the graph leads from a node to itself: it is left out" in caplog.text
    for trips, message in (({("a", "c"): 1}, "node 'c' of the trips is on no edge"),
                           ({("a", "b"): -1}, "trips from 'a' to 'b' is -1, but it must not be"),
                           ({("a", "b"): "x"}, "trips from 'a' to 'b' is 'x', not a number"),
                           ({("a", "b"): 0}, "no trips between different nodes")):
        with pytest.raises(pt.InputError, match=message):
            pt.io.from_networkx(graph, trips)
    edge = graph.edges["a", "b"]
    for capacity, told in ((0, "is 0"), (-2.0, "is -2"), (float("nan"), "is nan")):
        edge["capacity"] = capacity
        with pytest.raises(pt.InputError, match=f"capacity of the edge a -> b {told}, but it must"):
            pt.io.from_networkx(graph, {("a", "b"): 1})
    edge["capacity"] = float("inf")
    assert np.isnan(pt.io.from_networkx(graph, {("a", "b"): 1}).capacities).all()
    for graph_given, trips, told in ((5, {}, "graph is 5, but a graph of networkx"),
                                     (graph, [1], r"trips is \[1\], but a mapping"),
                                     (graph, {"ab": 1}, "trips has the key 'ab', but"),
                                     (graph, {1: 1}, r"trips has the key 1, but \(origin")):
        with pytest.raises(pt.InputError, match=told):
            pt.io.from_networkx(graph_given, trips)
    with pytest.raises(pt.InputError, match="the graph has no edges"):
        pt.io.from_networkx(nx.DiGraph([("b", "b")]), {("a", "b"): 1})
