"""Road networks and trips from TNTP, CSV and networkx; what is wrong in a file is said with its
line."""

from __future__ import annotations

import random
from pathlib import Path

import networkx as nx
import numpy as np
import pytest

import potentia as pt
from potentia.errors import InputError
from potentia.io import road_csv, road_games, tntp
from potentia.io.road_files import Demand

PUBLISHED = Path(__file__).resolve().parents[3] / "shared/data/tntp"
NET = """<NUMBER OF ZONES> 2
<NUMBER OF NODES> 4
<FIRST THRU NODE> 3
<NUMBER OF LINKS> 5
<TOLL FACTOR> 2
<DISTANCE FACTOR> 0.5
<ORIGINAL HEADER>~ \tInit node \tTerm node ;
<END OF METADATA>

~ \tinit\tterm\tcapacity\tlength\tfft\tb\tpower\tspeed\ttoll\ttype\t;
\t1\t3\t10\t4\t1\t0.15\t4\t0\t3\t1\t;
 1 4  20 0 2.5 0.15 2.5 0 0 1;
\t3\t2\t10\t0\t0\t0\t0\t0\t0\t1
3 4 0 0 1 0 4 0 0 1 ;

4\t2\t30\t0\t1\t1\t1\t0\t0\t1\t;
"""
TRIPS = """<NUMBER OF ZONES> 2
<TOTAL OD FLOW> 9.5
<END OF METADATA>

~ a comment
Origin \t1
    1 :    2.0;     2 :  6.5;
origin 2
1:1.0;
2 : 0.0 ;
"""


def demand_of(path: Path) -> Demand:
    """What a CSV file says of trips between the nodes 1, 2 and 3."""
    ring = road_csv.with_open_nodes(np.array([(1, 2), (2, 3), (3, 1)]),
                                    {name: np.ones(3) for name in road_csv.LINKS[2:]})
    return road_csv.read_demand(path, ring)


def written(place: Path, text: str, name: str = "a_net.tntp") -> Path:
    path = place / name
    path.write_text(text)
    return path


def test_policies_left_to_us_are_by_type_until_they_are_too_many(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By destination only where costs allow it."""
    def policies(power: float) -> str:
        (tmp_path / "links.csv").write_text(f"from,to,free_flow_time,capacity,power\n"
                                            f"1,2,1,1,{power}\n2,3,1,1,4\n1,3,2,1,4\n")
        (tmp_path / "trips.csv").write_text("from,to,trips\n1,3,4\n2,3,1\n")
        return pt.io.read_csv(tmp_path / "links.csv", tmp_path / "trips.csv",
                              policies="auto").policies

    assert policies(4) == "type"
    monkeypatch.setattr(road_games, "MOST_ROWS", 5)
    assert [policies(4), policies(5.5), policies(9.5)] == ["destination", "destination", "type"]


def test_a_network_is_read_whatever_its_blanks(tmp_path: Path) -> None:
    roads = tntp.read_network(written(tmp_path, NET))
    assert roads.links.tolist() == [[1, 3], [1, 4], [3, 2], [3, 4], [4, 2]]
    assert (roads.n_zones, roads.n_nodes, roads.first_through) == (2, 4, 3)
    np.testing.assert_array_equal(roads.power, [4, 2.5, 0, 4, 1])
    np.testing.assert_array_equal(roads.free_flow_time, [1, 2.5, 0, 1, 1])
    np.testing.assert_array_equal(roads.toll, [3, 0, 0, 0, 0])
    np.testing.assert_array_equal(roads.length, [4, 0, 0, 0, 0])
    assert (roads.toll_factor, roads.length_factor) == (2, 0.5)


def test_trips_within_a_zone_are_told_apart(tmp_path: Path) -> None:
    demand = tntp.read_trips(written(tmp_path, TRIPS), 2)
    assert (demand.origin.tolist(), demand.destination.tolist(),
            demand.trips.tolist()) == ([1, 2], [2, 1], [6.5, 1.0])
    assert demand.intrazonal == 2.0


def test_the_game_of_two_files(tmp_path: Path) -> None:
    net, trips = written(tmp_path, NET + "", "town_net.tntp"), written(
        tmp_path, TRIPS.replace("origin 2\n1:1.0;\n2 : 0.0 ;\n", "").replace("9.5", "8.5"),
        "town_trips.tntp")
    game = pt.io.read_tntp(net, trips, n_agents=13)
    assert (game.name, game.n_agents, float(game.weight)) == ("town", 13, 0.5)
    assert game.links.tolist() == [[1, 3], [1, 4], [3, 2], [3, 4], [4, 2]]
    assert np.isfinite(game.relative_gap(game.initial_profile("uniform", None)))
    assert pt.io.read_tntp(net, trips).n_agents == 1300         # 200 times as many as trips


def test_demand_that_is_dropped_or_moved_is_a_warning(tmp_path: Path,
                                                      caplog: pytest.LogCaptureFixture) -> None:
    """Python shows warnings unless told otherwise; a demand that the agents divide is no news."""
    trips = TRIPS.replace("origin 2\n1:1.0;\n2 : 0.0 ;\n", "").replace("9.5", "8.5")
    pt.io.read_tntp(written(tmp_path, NET, "town_net.tntp"),
                    written(tmp_path, trips, "town_trips.tntp"), n_agents=13)
    graph = nx.DiGraph([(0, 2, {"free_flow_time": 1.0}), (1, 2, {"free_flow_time": 1.0})])
    for n_agents in (4, 3):
        pt.io.from_networkx(graph, {(0, 2): 1.0, (1, 2): 1.0}, n_agents=n_agents)
    assert [(record.levelname, record.message) for record in caplog.records] == [
        ("WARNING", "2 trips end in the zone where they begin, and use no road"),
        ("WARNING", "the demand is rounded to 3 agents: 17 % of all trips are moved (0.333 of 2), "
                    "and 33.3 % of those from 0 to 2, the most of any pair; an agent is 0.6667 "
                    "vehicles; n_agents=4 would move none")]


def test_a_total_that_does_not_fit_is_told(tmp_path: Path,
                                           caplog: pytest.LogCaptureFixture) -> None:
    tntp.read_trips(written(tmp_path, TRIPS.replace("9.5", "9.55")))
    assert "sum to 9.5, but <TOTAL OD FLOW> is 9.55" in caplog.text


NETWORKS = {
    "an empty file": ("", "is empty"),
    "another format": ('{"rewards": []}',
                       r"is not a network in TNTP format: it does not begin with metadata"),
    "a binary file": ("PK\x03\x04\0\0", "is no text file: it holds NUL bytes"),
    "trips for a network": (
        TRIPS, "is not a network in TNTP format: its metadata lacks <NUMBER OF LINKS>"),
    "no end of the metadata": (NET.replace("<END OF METADATA>", ""),
                               "does not begin with metadata"),
    "a truncated file": (NET[:NET.index("3 4 0 0")], r"line 13: the file ends after 3 of 5 links"),
    "too many links": (NET + "1 3 1 1 1 1 1 1 1 1;\n",
                       r"line 17: there are 6 links, but the metadata says 5"),
    "a row too short": (NET.replace("3 4 0 0 1 0 4 0 0 1", "3 4 0 0 1 0 4 0 0"),
                        r"line 14: there are 9 columns, but 10 were expected: init node, .*, type"),
    "text for a number": (NET.replace("2.5 0.15 2.5", "2.5 x 2.5"),
                          r"line 12: b is 'x', but a number was expected"),
    "a negative capacity": (NET.replace(" 1 4  20", " 1 4 -20"),
                            r"line 12: capacity is -20, but it must not be neg"),
    "no capacity": (NET.replace(" 1 4  20", " 1 4 0"),
                    r"line 12: capacity is 0, but it must be positive where b is"),
    "a capacity that is no number": (NET.replace(" 1 4  20", " 1 4 nan"),
                                     r"line 12: capacity is nan, .*finite"),
    "an infinite time": (NET.replace("20 0 2.5", "20 0 inf"), r"line 12: free-flow time is inf"),
    "a node that is none": (NET.replace("3 4 0 0 1", "3 5 0 0 1"),
                            r"line 14: term node is 5, but .* 1 to 4"),
    "a tag twice": (NET.replace("<NUMBER OF NODES> 4", "<NUMBER OF NODES> 4\n<number of nodes> 4"),
                    r"line 3: <number of nodes> is there twice"),
    "a number of nodes that is none": (NET.replace("<NUMBER OF NODES> 4", "<NUMBER OF NODES> four"),
                                       r"line 2: <NUMBER OF NODES> is 'four', but a whole number"),
}
TABLES = {
    "a network for trips": (
        NET, r"is not a table of trips in TNTP format: its metadata has <NUMBER OF LINKS>"),
    "another number of zones": (TRIPS.replace("ZONES> 2", "ZONES> 3"),
                                r"line 1: there are 3 zones, .* network has 2"),
    "a zone that is none": (TRIPS.replace("2 :  6.5", "7 :  6.5"),
                            r"line 7: destination is 7, .* numbers 1 to 2"),
    "an origin that is none": (TRIPS.replace("origin 2", "origin 9"),
                               r"line 8: origin is 9, but .* 1 to 2"),
    "an origin twice": (TRIPS.replace("origin 2", "origin 1"), r"line 8: origin 1 is there twice"),
    "a pair twice": (TRIPS.replace("1 :    2.0", "2 :    2.0"),
                     r"line 7: destination 2 of origin 1 is there twice"),
    "no origin": (TRIPS.replace("Origin \t1\n", ""),
                  r"line 6: trips begin without a line 'Origin NUMBER'"),
    "a negative number": (TRIPS.replace("6.5", "-6.5"),
                          r"line 7: trips from 1 to 2 is -6.5, but it must not be neg"),
    "an entry that is none": (TRIPS.replace("2 :  6.5", "2 6.5"),
                              r"line 7: '2  6.5' is no entry|line 7: '2 6.5'"),
    "no trips": (TRIPS[:TRIPS.index("Origin")], r"the file ends without any trips"),
    "trips within zones only": (TRIPS.replace("6.5", "0").replace("1:1.0", "1:0"),
                                "has no trips between different"),
}


@pytest.mark.parametrize(("read", "text", "message"), [
    *((tntp.read_network, *case) for case in NETWORKS.values()),
    *((lambda path: tntp.read_trips(path, 2), *case) for case in TABLES.values())],
    ids=[*NETWORKS, *TABLES])
def test_what_is_wrong_is_named_with_its_line(read, text: str, message: str,
                                              tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read(written(tmp_path, text))
    assert "a_net.tntp" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("read", [tntp.read_network, tntp.read_trips, tntp.read_flows,
                                  tntp.read_nodes,
                                  road_csv.read_links, demand_of])
def test_files_that_are_none(read, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        read(tmp_path / "nothing")
    with pytest.raises(InputError, match="cannot read"):
        read(tmp_path)


@pytest.mark.parametrize("read", [tntp.read_network, tntp.read_trips, road_csv.read_links,
                                  tntp.read_nodes])
def test_damaged_files_are_read_or_refused(read, tmp_path: Path) -> None:
    draw = random.Random(0)
    whole = (NET if read in (tntp.read_network, tntp.read_nodes) else TRIPS
             if read is tntp.read_trips else LINKS)
    for trial in range(300):
        text = list(whole[:draw.randrange(len(whole))] if trial % 2 else whole)
        for _ in range(trial % 5):
            if text:
                text[draw.randrange(len(text))] = draw.choice("~;:<>-9.e \n\tx,\"é")
        path = written(tmp_path, "".join(text))
        assert "a_net.tntp" in refusal(read, path)


def refusal(read, path: Path) -> str:
    """Why `path` is refused; its name if it is read."""
    try:
        read(path)
    except InputError as error:
        return str(error)
    return path.name


LINKS = """from,to,free_flow_time,capacity,toll
1,2,10,5,
2,3,1.5,,2
1,3,4,2,0
"""


def test_plain_csv(tmp_path: Path) -> None:
    links, trips = written(tmp_path, LINKS,
                           "town.csv"), written(tmp_path, "from,to,trips\n1,3,4\n2,3,1\n", "t.csv")
    roads = road_csv.read_links(links)
    np.testing.assert_array_equal(roads.b, [0.15, 0, 0.15])
    game = pt.io.read_csv(links, trips)
    np.testing.assert_array_equal(game.tolls, [0, 2, 0])
    assert (game.name, game.n_agents, float(game.weight)) == ("town", 1000, 0.005)
    profile = game.initial_profile("uniform", None)
    assert game.link_flows(profile).sum() == pytest.approx(2 + 3 + 2)


@pytest.mark.parametrize(("text", "message"), [
    ("a,b\n1,2\n",
     r"line 1: the column 'from' is missing; the first row names the columns: "
     r"from,to,free_flow_time"),
    ("from,to,free_flow_time\n", r"line 1: the file ends after the names"),
    ("from,to,free_flow_time\n1,2\n", r"line 2: there are 2 columns, but 3 were expected"),
    ("from,to,free_flow_time\n1,1,3\n", r"line 2: the link leads from a node to itself"),
    ("from,to,free_flow_time\n1,,3\n", r"line 2: to is '', but a node was expected"),
    ("from,to,free_flow_time,capacity\n1,2,3,0\n",
     r"line 2: capacity is 0, but it must be positive")])
def test_csv_that_is_wrong(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        road_csv.read_links(written(tmp_path, text))


def test_a_graph_of_networkx() -> None:
    graph = nx.Graph(name="ring")
    graph.add_edge(1, 2, free_flow_time=1.0, capacity=2.0)
    graph.add_edge(2, 3, free_flow_time=1.0)
    graph.add_edge(1, 3, free_flow_time=5.0)
    game = pt.io.from_networkx(graph, {(1, 3): 4, (3, 2): 2.0})
    assert (game.name, game.n_agents, len(game.links)) == ("ring", 1200, 6)
    graph.add_edge(3, 4)
    with pytest.raises(InputError, match=r"the edge 3 -> 4 has no attribute 'free_flow_time'"):
        pt.io.from_networkx(graph, {(1, 3): 4})
    with pytest.raises(InputError, match="node 5 of the trips is on no edge"):
        pt.io.from_networkx(nx.Graph([("a", 1, {"free_flow_time": 1})]), {(1, 5): 4})


@pytest.mark.skipif(not PUBLISHED.exists(),
                    reason="the published networks are not beside the project")
def test_the_published_files_are_the_built_in_networks() -> None:
    read = pt.io.read_tntp(PUBLISHED / "SiouxFalls_net.tntp", PUBLISHED / "SiouxFalls_trips.tntp",
                           n_agents=3606)
    built = pt.games.make("sioux-falls")
    np.testing.assert_array_equal(read.links, built.links)
    np.testing.assert_allclose(read.costs.coefficients, built.costs.coefficients, rtol=1e-15)
    np.testing.assert_array_equal(read.trips.count, built.trips.count)
    braess = pt.io.read_tntp(PUBLISHED / "Braess_net.tntp", PUBLISHED / "Braess_trips.tntp")
    np.testing.assert_allclose(braess.costs.coefficients[np.lexsort(braess.links.T)], pt.games.make(
        "braess").costs.coefficients[np.lexsort(np.asarray(pt.games.make("braess").links).T)],
                               atol=1e-7)
    assert len(tntp.read_nodes(PUBLISHED / "SiouxFalls_node.tntp")) == 24
    links, volume, cost = tntp.read_flows(PUBLISHED / "SiouxFalls_flow.tntp")
    assert volume @ cost == pytest.approx(7_480_225.34, rel=1e-8)
    assert len(links) == 76


def test_a_run_on_roads_of_ones_own_is_saved_and_loaded(tmp_path: Path) -> None:
    game = pt.RoutingGame.from_links([(1, 2), (2, 3), (1, 3), (3, 1)],
                                     pt.link_costs.bpr([1, 1, 3, 1], 2.0, power=1.5),
                                     [(1, 3, 4), (2, 1, 1)], weight=0.5, closed=[2], name="mine")
    result = pt.solve(game, pt.rules.INPG(step_size=0.1), initial="uniform", max_iterations=3,
                      progress=False)
    pt.save(result, tmp_path / "run")
    again = pt.load(tmp_path / "run")
    np.testing.assert_array_equal(again.profile, result.profile)
    assert again.game.relative_gap(again.profile) == game.relative_gap(result.profile)
    pt.io.save_game(game, tmp_path / "mine.npz")
    assert repr(pt.io.load_game(tmp_path / "mine.npz")) == repr(game)
    own = pt.RoutingGame.from_links([(1, 2)], pt.link_costs.Function(lambda load: 1.0 + load, 1),
                                    [(1, 2, 3)])
    with pytest.raises(InputError, match="a Python function cannot be written"):
        pt.io.save_game(own, tmp_path / "own.npz")
