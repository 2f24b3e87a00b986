"""Files as people have them: compressed, with tabs, loops, free links, columns of their own."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

import potentia as pt
from potentia.io import road_csv, tntp

LINKS = "from,to,free_flow_time,capacity,b\n1,2,10,5,0.15\n2,3,1.5,2,0.15\n1,3,4,2,0.15\n"
TRIPS = "from,to,trips\n1,3,1000\n"
NET = """<NUMBER OF ZONES> 2
<NUMBER OF NODES> 2
<NUMBER OF LINKS> 3
<END OF METADATA>
1 2 10 4 1 0.15 4 0 0 1 ;
2 2 10 2 2 0.15 4 0 0 1 ;
1 2 20 2 2 0.15 4 0 0 1 ;
"""
TABLE = "<NUMBER OF ZONES> 2\n<END OF METADATA>\nOrigin 1\n2 : 1000.0;\n"
NODES = "node x y\n1 0 0\n2 1 0\n"


def written(place: Path, text: str, name: str = "town.csv") -> Path:
    (place / name).write_bytes(gzip.compress(text.encode()) if name.endswith(".gz")
                               else text.encode())
    return place / name


def test_compressed_files_are_the_same(tmp_path: Path) -> None:
    game = pt.io.read_tntp(written(tmp_path, NET, "town_net.tntp.gz"),
                           written(tmp_path, TABLE, "t.tntp.gz"))
    assert (game.name, game.n_agents, len(game.links)) == ("town", 1000, 2)
    game = pt.io.read_csv(written(tmp_path, LINKS, "city.csv.gz"),
                          written(tmp_path, TRIPS, "t.csv.gz"))
    assert (game.name, game.n_agents, len(game.links)) == ("city", 1000, 3)
    assert len(tntp.read_nodes(written(tmp_path, NODES, "n.tntp.gz"))) == 2
    with pytest.raises(pt.InputError, match="line 2: free_flow_time is 'x'"):
        road_csv.read_links(written(tmp_path, LINKS.replace("10", "x"), "x.csv.gz"))


def test_a_compressed_file_that_is_cut_is_told(tmp_path: Path) -> None:
    whole = gzip.compress(LINKS.encode())
    for content in (whole[:-12], whole[:20], whole[:3], whole[:30] + b"x" + whole[31:]):
        (tmp_path / "a.csv.gz").write_bytes(content)
        with pytest.raises(pt.InputError, match=r"a\.csv\.gz is compressed, but damaged"):
            road_csv.read_links(tmp_path / "a.csv.gz")


def test_links_from_a_node_to_itself_are_left_out(tmp_path: Path,
                                                  caplog: pytest.LogCaptureFixture) -> None:
    roads = tntp.read_network(written(tmp_path, NET, "a.tntp"))
    assert roads.capacity.tolist() == [10, 20]
    assert "a.tntp, line 6 leads from a node to itself: it is left out" in caplog.text
    roads = road_csv.read_links(written(tmp_path, LINKS + "3,3,0,,\n4,4,1,,\n"))
    assert len(roads.links) == len(roads.toll) == 3
    assert "town.csv, line 5 leads from a node to itself: 2 such links are left out" in caplog.text
    with pytest.raises(pt.InputError, match="line 2: the link leads from a node to itself, and so"):
        road_csv.read_links(written(tmp_path, "from,to,free_flow_time\nA,A,1\nB,B,1\n"))


@pytest.mark.parametrize(("time", "capacity", "b"), [
    ("4", "inf", "0.15"), ("4", "Infinity", "1"), ("4", "0", "0"), ("0", "0", "0.15"),
    ("4", "inf", "0")])
def test_free_links(time: str, capacity: str, b: str, tmp_path: Path) -> None:
    """The load does not matter on them."""
    plain = written(tmp_path, LINKS.replace("4,2,0.15", f"{time},{capacity},{b}"))
    public = written(tmp_path, NET.replace("20 2 2 0.15", f"{capacity} 2 {time} {b}"), "a.tntp")
    for roads in (road_csv.read_links(plain), tntp.read_network(public)):
        assert (roads.b[-1], roads.free_flow_time[-1]) == (0, float(time))
        assert np.isfinite(roads.capacity).all()
    game = pt.io.read_csv(plain, written(tmp_path, TRIPS, "t.csv"))
    assert game.costs.at(np.full(3, 1e6))[-1] == float(time)


def test_columns_that_say_something_else_are_ignored(tmp_path: Path,
                                                     caplog: pytest.LogCaptureFixture) -> None:
    text = ("id,lanes,from,to,free_flow_time,name,lanes,\n"
            "1,2,1,2,10,Main St,3,\n2,1,2,3,1.5,\"A, B\",3,\n")
    roads = road_csv.read_links(written(tmp_path, text))
    assert roads.free_flow_time.tolist() == [10, 1.5]
    assert caplog.text == ""
    road_csv.read_links(written(tmp_path, LINKS.replace("capacity", "capcity")))
    assert "line 1: the column 'capcity' is ignored; did you mean 'capacity'?" in caplog.text


@pytest.mark.parametrize("change", [
    lambda text: text.replace(",", "\t"), lambda text: text.replace("\n", "\r\n"),
    lambda text: "\ufeff" + text, lambda text: "\ufeff" + text.replace(",", "\t").replace(
        "\n", "\t\r\n")])
def test_spreadsheets_write_tabs_and_marks(change, tmp_path: Path) -> None:
    game = pt.io.read_csv(written(tmp_path, change(LINKS)),
                          written(tmp_path, change(TRIPS), "t.csv"))
    assert game.links.tolist() == [[1, 2], [2, 3], [1, 3]]
    roads = tntp.read_network(written(tmp_path, change(NET), "a.tntp"))
    assert roads.links.tolist() == [[1, 2], [1, 2]]


def test_cells_between_tabs_may_be_empty(tmp_path: Path) -> None:
    text = "capacity\tfrom\tto\tfree_flow_time\tb\n\t1\t2\t10\t\n5\t2\t3\t1\t\n"
    roads = road_csv.read_links(written(tmp_path, text))
    assert roads.capacity.tolist() == [0, 5]
    assert roads.b.tolist() == [0, 0.15]


COLUMNS = {"from": "Source", "to": "target", "free_flow_time": "t0", "trips": "volume"}
OWN = "source,TARGET,t0,capacity\nA,B,10,5\nB,C,1.5,2\n"


def test_columns_may_be_called_otherwise(tmp_path: Path) -> None:
    links = written(tmp_path, OWN)
    for text, columns in (("source,target,volume\nA,C,1000\n", COLUMNS),
                          ("from,to,volume\nA,C,1000\n",
                           {**COLUMNS, "origin": "from", "destination": "to"})):
        game = pt.io.read_csv(links, written(tmp_path, text, "t.csv"), columns=columns)
        assert game.node_names == ("A", "B", "C")
        assert game.trips.count.tolist() == [1000]


@pytest.mark.parametrize(("columns", "message"), [
    ({"freeflow_time": "t0"}, "unknown column 'freeflow_time'; did you mean 'free_flow_time'"),
    ({**COLUMNS, "capacity": "space"}, "line 1: the column 'space' is missing, which columns gives "
                                       "for 'capacity'"),
    ({**COLUMNS, "from": 3}, r"columns\['from'\] is 3, but a column's name is text"),
    (["from"], r"columns is \['from'\], but it must be a mapping"),
    ({}, "line 1: the column 'from' is missing")])
def test_names_of_columns_that_are_none(columns: dict, message: str, tmp_path: Path) -> None:
    with pytest.raises(pt.InputError, match=message):
        pt.io.read_csv(written(tmp_path, OWN), written(tmp_path, TRIPS, "t.csv"), columns=columns)


def test_swapped_files_are_told(tmp_path: Path) -> None:
    links, trips = written(tmp_path, LINKS), written(tmp_path, TRIPS, "t.csv")
    with pytest.raises(pt.InputError, match=r"t\.csv.* it looks like a trips file"):
        pt.io.read_csv(trips, links)
    net, table = written(tmp_path, NET, "n.tntp"), written(tmp_path, TABLE, "t.tntp")
    with pytest.raises(pt.InputError, match=r"t\.tntp.* it looks like a trips file"):
        pt.io.read_tntp(table, net)
    with pytest.raises(pt.InputError, match=r"n\.tntp.* it looks like a network file"):
        pt.io.read_tntp(net, net)
    with pytest.raises(pt.InputError, match=r"town\.csv.* it looks like a network file"):
        pt.io.read_csv(links, links)
