"""TNTP files as people write them: any blanks, entries over many lines, and damage of every
kind."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from potentia.errors import InputError
from potentia.io import tntp

PUBLISHED = Path(__file__).resolve().parents[3] / "shared/data/tntp"
HEAD = """<NUMBER OF ZONES> 2
<NUMBER OF NODES> 3
<FIRST THRU NODE> 1
<NUMBER OF LINKS> 2
<END OF METADATA>
"""
NET = HEAD + """~ init term capacity length time b power speed toll type ;
1 2 10 1 1 0.15 4 0 0 1 ;
2 3 10 1 1 0.15 4 0 0 1;
"""
TRIPS = """<NUMBER OF ZONES> 3
<TOTAL OD FLOW> 5.0
<END OF METADATA>
Origin 1
2 : 1.0; 3 : 2.0;
Origin 2
3 : 2.0;
"""
FLOWS = "From\tTo\tVolume\tCost\n1 2 3.5 1.0\n2 3 0 1e-3 ;\n"
NODES = "Node\tX\tY\t;\n1\t-96.7\t43.6\t;\n2 -96.5 43.5;\n"
READERS: dict[str, tuple[Callable[[Path], Any], str]] = {
    "network": (tntp.read_network, NET), "trips": (tntp.read_trips, TRIPS),
    "flows": (tntp.read_flows, FLOWS),
    "nodes": (tntp.read_nodes, NODES)}
BLANK = st.sampled_from([" ", "\t", "  ", " \t "])
REAL = st.floats(0, 1e9, allow_subnormal=False)
SLOW_DISK = settings(max_examples=60, derandomize=True, deadline=None,
                     suppress_health_check=[HealthCheck.function_scoped_fixture])


def written(place: Path, content: str | bytes) -> Path:
    path = place / "a.tntp"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def told(read: Callable[[Path], Any], path: Path) -> str:
    """Why `path` is refused; its name if it is read."""
    try:
        read(path)
    except InputError as error:
        return str(error)
    return str(path)


@st.composite
def networks(draw: st.DrawFn) -> tuple[str, np.ndarray, np.ndarray]:
    """A file with 2 to 9 nodes and up to 12 links, some parallel; and the links and the numbers
    that it holds."""
    n_nodes = draw(st.integers(2, 9))
    node = st.integers(1, n_nodes)
    links = draw(st.lists(st.tuples(node, node).filter(lambda ends: ends[0] != ends[1]), min_size=1,
                          max_size=12))
    table = [[draw(st.floats(1e-3, 1e6)), *(draw(REAL) for _ in range(7)), 1.0] for _ in links]
    ends_of_rows = st.sampled_from(["\n", "\r\n", "\n\n", "\n~ x\n"])
    rows = []
    for ends, numbers in zip(links, table, strict=True):
        cells = [str(number) for number in (*ends, *numbers[:7])] + ["1"]
        rows.append(draw(st.sampled_from(["", "\t"]))
                    + "".join(cell + draw(BLANK) for cell in cells)
                    + draw(st.sampled_from(["", ";", " ;\t"])) + draw(ends_of_rows))
    tags = {"NUMBER OF ZONES": n_nodes, "number of nodes": n_nodes, "Number Of Links": len(links)}
    head = "".join(f"<{name}>{draw(BLANK)}{number}{draw(BLANK)}\n" for name, number in tags.items())
    return head + "<END OF METADATA>\t\t\n\n" + "".join(rows), np.array(links), np.array(table)


@SLOW_DISK
@given(networks())
def test_networks_come_back_whatever_their_blanks(
        tmp_path: Path, drawn: tuple[str, np.ndarray, np.ndarray]) -> None:
    text, links, table = drawn
    roads = tntp.read_network(written(tmp_path, text))
    np.testing.assert_array_equal(roads.links, links)
    for place, name in enumerate(("capacity", "length", "free_flow_time", "b", "power")):
        np.testing.assert_array_equal(getattr(roads, name), table[:, place])
    np.testing.assert_array_equal(roads.toll, table[:, 6])


@SLOW_DISK
@given(st.dictionaries(st.tuples(st.integers(1, 6), st.integers(1, 6)), st.floats(1e-3, 1e6),
                       min_size=1), st.data())
def test_trips_come_back_however_entries_are_broken(tmp_path: Path, trips: dict,
                                                    data: st.DataObject) -> None:
    gap = st.sampled_from(["", " ", "\n", "\t\n  ", "\n\n", "\n~ a comment\n"])
    text = "<NUMBER OF ZONES> 6\n<END OF METADATA>\n"
    for origin in data.draw(st.permutations(sorted({start for start, _ in trips}))):
        word = data.draw(st.sampled_from(["Origin", "ORIGIN", "origin"]))
        text += f"{word}{data.draw(BLANK)}{origin}\n"
        for (start, end), number in trips.items():
            if start == origin:
                text += (f"{end}{data.draw(gap)}:{data.draw(gap)}{number}{data.draw(gap)};"
                         f"{data.draw(gap)}")
        text += "\n"
    within = sum(number for (start, end), number in trips.items() if start == end)
    apart = sorted(pair for pair in trips if pair[0] != pair[1])
    if not apart:
        with pytest.raises(InputError, match="no trips between different zones"):
            tntp.read_trips(written(tmp_path, text))
        return
    demand = tntp.read_trips(written(tmp_path, text), 6)
    assert list(zip(demand.origin.tolist(), demand.destination.tolist(), strict=True)) == apart
    assert demand.trips.tolist() == [trips[pair] for pair in apart]
    assert demand.intrazonal == pytest.approx(within, rel=1e-15)


def test_parallel_links_stay_apart_and_in_order(tmp_path: Path) -> None:
    roads = tntp.read_network(written(tmp_path, NET.replace("2 3 10 1 1", "1 2 20 1 1")))
    assert roads.links.tolist() == [[1, 2], [1, 2]]
    assert roads.capacity.tolist() == [10, 20]


def test_comments_may_be_in_any_encoding(tmp_path: Path) -> None:
    path = written(tmp_path, (HEAD + "~ Zürich\n").encode("latin-1")
                   + NET.removeprefix(HEAD).encode())
    assert tntp.read_network(path).links.tolist() == [[1, 2], [2, 3]]


@pytest.mark.parametrize("text", [
    "From To Volume Cost\n1 2 3.5 1\n2 3 0 1e-3\n",
    "~ from to volume cost ;\n1\t2\t:\t3.5\t1\t;\n2 3 : 0 0.001;\n",
    "<NUMBER OF LINKS> 2\n<END OF METADATA>\n\n1 2 3.5 1.0;\n\n2 3 0 .001",
    "1 2 3.5 1\n2 3 0 1e-3"])
def test_flows_with_every_kind_of_header(text: str, tmp_path: Path) -> None:
    links, volume, cost = tntp.read_flows(written(tmp_path, text))
    assert (links.tolist(), volume.tolist(), cost.tolist()) == ([[1, 2], [2, 3]], [3.5, 0],
                                                                [1, 1e-3])


def test_nodes_lie_where_the_file_says(tmp_path: Path) -> None:
    assert tntp.read_nodes(written(tmp_path, NODES)) == {1: (-96.7, 43.6), 2: (-96.5, 43.5)}


@pytest.mark.parametrize(("stated", "noted"), [("5.004", False), ("5.006", True), ("0", True),
                                              ("5.05", True)])
def test_a_stated_total_may_differ_by_a_thousandth(stated: str, noted: bool, tmp_path: Path,
                                                   caplog) -> None:
    tntp.read_trips(written(tmp_path, TRIPS.replace("5.0", stated)))
    assert ("<TOTAL OD FLOW> is" in caplog.text) == noted


REFUSED = {
    "JSON for a network": ("network", '{"rewards": []}', "metadata .*; it looks like JSON"),
    "CSV for a network": ("network", "from,to,free_flow_time\n1,2,3\n", "; it looks like CSV"),
    "flows for a network": ("network", FLOWS, "; it looks like a table of flows"),
    "places for trips": ("trips", NODES, "not a table of trips .*; it looks like a table of nodes"),
    "trips for a network": ("network", TRIPS,
                            "lacks <NUMBER OF LINKS>; it looks like a trips file"),
    "a network for trips": ("trips", NET, "has <NUMBER OF LINKS>; it looks like a network file"),
    "a picture": ("network", b"\x89PNG\r\n\x1a\n\xff", "; it looks like no text"),
    "two bytes a character": ("network", NET.encode("utf-16"), "no text file: it holds NUL bytes"),
    "metadata without brackets": ("network", NET.replace("<FIRST THRU NODE>", "FIRST"),
                                  "; line 3 is 'FIRST 1'"),
    "blank lines only": ("trips", " \n\t\n", "is empty"),
    "more zones than nodes": ("network", NET.replace("ZONES> 2", "ZONES> 30"),
                              "line 1: there are 30 zones, but only 3 nodes"),
    "more nodes than integers": ("network", NET.replace("NODES> 3", "NODES> 1" + "0" * 30),
                                 r"line 2: <NUMBER OF NODES> is 10+, but it must be at most "
                                 r"2,147,483,647"),
    "an entry without trips": ("trips", TRIPS.replace("3 : 2.0;\nOrigin", "3 :\nOrigin"),
                               "line 5: trips from 1 to 3 is '', but a number was expected"),
    "half a file": ("trips", TRIPS[:TRIPS.index("Origin 2")],
                    "line 5: the file ends after 3 of 5 trips, its <TOTAL OD FLOW>"),
    "more than one in a hundred missing": ("trips", TRIPS.replace("5.0", "5.06"),
                                           "line 7: the file ends after 5 of 5.06 trips"),
    "a number cut off by the end": ("trips", TRIPS.replace("2.0;\n", "2.75;\n").removesuffix(
        "5;\n").replace("<TOTAL OD FLOW> 5.0\n", ""),
        "line 6: the file ends within an entry, '3 : 2.7' without ';'"),
    "an entry cut off by the end": ("trips", TRIPS.removesuffix(" : 2.0;\n"),
                                    "line 7: '3' is no entry"),
    "an entry over lines that is none": ("trips", TRIPS.replace("1.0;", "\n1.0\nx;"),
                                         "line 7: 'x' is no entry"),
    "more trips than numbers": ("trips", TRIPS.replace("1.0;", "1e308;").replace("2.0;", "1e308;"),
                                "sum is too large"),
    "a flow from no node": ("flows", FLOWS.replace("2 3 0", "-2 3 0"),
                            "line 3: from is -2, but it must be at least 1"),
    "text among flows": ("flows", FLOWS.replace("2 3 0", "x 3 0"),
                         "line 3: from is 'x', but a whole number"),
    "a huge node in flows": ("flows", FLOWS.replace("2 3 0", "2 " + "9" * 30 + " 0"),
                             "line 3: to is 9+, but .* most"),
    "a column too few in flows": ("flows", FLOWS.replace("2 3 0", "2 3"),
                                  "line 3: there are 3 columns, but 4 were"),
    "a header without flows": ("flows", "From To Volume Cost\n", "has no flows"),
    "half a node": ("nodes", NODES.replace("\n2 ", "\n2.5 "),
                    "line 3: node is '2.5', but a whole number was expected"),
    "a place that is none": ("nodes", NODES.replace("43.5", "nan"),
                             "line 3: a coordinate is 'nan'"),
    "text for a place": ("nodes", NODES.replace("43.5", "north"),
                         "line 3: a coordinate is 'north'"),
    "a place beyond the earth": ("nodes", NODES.replace("43.5", "-1e308"),
                                 "line 3: a coordinate is -1e.308, but it must be at most 1e.12"),
    "a node twice": ("nodes", NODES.replace("\n2 ", "\n1 "), "line 3: node 1 is there twice"),
    "text among nodes": ("nodes", NODES.replace("\n2 ", "\nx "),
                         "line 3: node is 'x', but a whole number"),
}


@pytest.mark.parametrize(("kind", "content", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_wrong_is_said_in_one_line(kind: str, content: str | bytes, message: str,
                                           tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message) as caught:
        READERS[kind][0](written(tmp_path, content))
    assert str(caught.value).startswith(str(tmp_path / "a.tntp"))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", READERS)
def test_every_truncated_file_is_read_or_refused(kind: str, tmp_path: Path) -> None:
    read, whole = READERS[kind]
    for length in range(len(whole)):
        read_or_refused(read, written(tmp_path, whole[:length]))
    if kind == "network":
        with pytest.raises(InputError, match="line 7: the file ends after 1 of 2 links"):
            read(written(tmp_path, whole[:whole.index("2 3 10")]))


@pytest.mark.parametrize("kind", READERS)
def test_every_kind_of_file_is_read_or_refused_by_every_reader(kind: str, tmp_path: Path) -> None:
    for _, other in READERS.values():
        read_or_refused(READERS[kind][0], written(tmp_path, other))


@pytest.mark.parametrize("kind", READERS)
def test_mutated_bytes_are_read_or_refused(kind: str, tmp_path: Path) -> None:
    read, whole = READERS[kind]
    draw = random.Random(1)
    for _ in range(600):
        content = bytearray(whole.encode())
        for _ in range(draw.randint(1, 4)):
            place = draw.randrange(len(content))
            content[place:place + draw.randint(0, 2)] = draw.choice([
                bytes([draw.randrange(256)]), b"9" * 25, b"e99", b"<", b";", b":", b"-", b"\n",
                b"nan", b"~"])
        read_or_refused(read, written(tmp_path, bytes(content)))


def read_or_refused(read: Callable[[Path], Any], path: Path) -> None:
    said = told(read, path)
    assert said.startswith(str(path))
    assert "\n" not in said


@pytest.mark.skipif(not PUBLISHED.exists(),
                    reason="the published networks are not beside the project")
def test_the_published_sioux_falls() -> None:
    roads = tntp.read_network(PUBLISHED / "SiouxFalls_net.tntp")
    assert (len(roads.links), roads.n_zones, roads.n_nodes, roads.first_through) == (76, 24, 24, 1)
    assert not roads.toll.any()
    demand = tntp.read_trips(PUBLISHED / "SiouxFalls_trips.tntp", roads.n_zones)
    assert (len(demand.trips), demand.total, demand.intrazonal) == (528, 360_600, 0)
    links, volume, cost = tntp.read_flows(PUBLISHED / "SiouxFalls_flow.tntp")
    np.testing.assert_array_equal(links, roads.links)
    congested = roads.free_flow_time * (1 + roads.b * (volume / roads.capacity) ** roads.power)
    np.testing.assert_allclose(cost, congested, rtol=1e-12)
