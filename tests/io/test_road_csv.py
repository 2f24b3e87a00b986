"""Roads and trips as plain CSV: what may be left out, what comes back, and what is refused with its
line."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from potentia.errors import InputError
from potentia.io import road_csv
from potentia.io.road_files import Demand

LINKS = "from,to,free_flow_time,capacity\n1,2,10,5\n2,3,1.5,2\n1,2,4,2\n"
TRIPS = "from,to,trips\n2,1,1\n1,3,4\n1,1,2.5\n1,2,0\n"
NUMBER = st.floats(1e-3, 1e9)


def demand_of(path: Path) -> Demand:
    """What a file says of trips between the nodes 1, 2 and 3."""
    ring = road_csv.with_open_nodes(np.array([(1, 2), (2, 3), (3, 1)]),
                                    {name: np.ones(3) for name in road_csv.LINKS[2:]})
    return road_csv.read_demand(path, ring)


def written(place: Path, content: str | bytes) -> Path:
    path = place / "a.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def told(read: Callable[[Path], Any], path: Path) -> str:
    """Why `path` is refused; its name if it is read."""
    try:
        read(path)
    except InputError as error:
        return str(error)
    return str(path)


def test_lines_of_csv_may_end_as_on_old_systems(tmp_path):
    for text in (LINKS, LINKS.replace("4,2", "x,2")):
        (tmp_path / "b.csv").write_text(text)
        other = written(tmp_path, text.replace("\n", "\r"))
        assert told(road_csv.read_links, other) == told(
            road_csv.read_links, tmp_path / "b.csv").replace("b.csv", "a.csv")


@settings(max_examples=60, derandomize=True, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(1, 8), st.integers(9, 12), NUMBER, NUMBER, NUMBER, NUMBER,
                          NUMBER, NUMBER),
                min_size=1, max_size=10), st.permutations(range(8)))
def test_links_come_back_whatever_the_order_of_columns(tmp_path: Path, rows: list,
                                                       order: list[int]) -> None:
    names = ("from", "to", "free_flow_time", "capacity", "b", "power", "toll", "length")
    with (tmp_path / "a.csv").open("w", newline="") as file:
        csv.writer(file).writerows([row[place] for place in order] for row in (names, *rows))
    roads = road_csv.read_links(tmp_path / "a.csv")
    table = np.array(rows)
    np.testing.assert_array_equal(roads.links, table[:, :2])
    for place, name in enumerate(names[2:], 2):
        np.testing.assert_array_equal(getattr(roads, name), table[:, place])
    assert roads.n_zones == roads.n_nodes == table[:, 1].max()
    assert roads.first_through == 1


def test_a_capacity_alone_gets_the_usual_curve_and_none_gets_no_curve(tmp_path: Path) -> None:
    roads = road_csv.read_links(written(tmp_path, LINKS.replace("1.5,2", "1.5,")))
    np.testing.assert_array_equal(roads.b, [0.15, 0, 0.15])
    np.testing.assert_array_equal(roads.power[[0, 2]], [4, 4])
    assert roads.links.tolist() == [[1, 2], [2, 3], [1, 2]]              # parallel ones stay apart


def test_trips_come_back_in_order(tmp_path: Path) -> None:
    demand = demand_of(written(tmp_path, TRIPS))
    assert (demand.origin.tolist(), demand.destination.tolist(),
            demand.trips.tolist()) == ([1, 2], [3, 1], [4, 1])
    assert demand.intrazonal == 2.5


@pytest.mark.parametrize("content", [
    b"\xef\xbb\xbf" + LINKS.encode(), LINKS.replace("\n", "\r\n"), LINKS.replace("\n", "\n\n"),
    LINKS.upper(), LINKS.replace(",", " , "), LINKS.replace("10", '"10"')])
def test_spreadsheets_write_the_same_in_many_ways(content: str | bytes, tmp_path: Path) -> None:
    roads = road_csv.read_links(written(tmp_path, content))
    assert roads.links.tolist() == [[1, 2], [2, 3], [1, 2]]
    assert roads.free_flow_time.tolist() == [10, 1.5, 4]


REFUSED = {
    "no time": (road_csv.read_links, LINKS.replace("1.5", ""),
                "line 3: free_flow_time is '', but a number"),
    "a column twice": (road_csv.read_links, "from,to,free_flow_time,toll,toll\n1,2,3,4,5\n",
                       "line 1: the column 'toll' is there twice"),
    "semicolons": (road_csv.read_links, LINKS.replace(",", ";"),
                   "line 1: the column 'from' is missing; .* from,to,"),
    "a negative time": (road_csv.read_links, LINKS.replace("1.5", "-1.5"),
                        "line 3: free_flow_time is -1.5, but"),
    "no node": (road_csv.read_links, LINKS.replace("2,3", ",3"),
                "line 3: from is '', but a node was expected"),
    "an infinite time": (road_csv.read_links, LINKS.replace("1.5", "inf"),
                         "line 3: free_flow_time is inf, .* fin"),
    "a capacity that is no number": (road_csv.read_links, LINKS.replace("1.5,2", "1.5,nan"),
                                     "line 3: capacity is nan, .* fin"),
    "trips for links": (road_csv.read_links, TRIPS, "line 1: the column 'free_flow_time' is "
                        "missing; it looks like a trips file"),
    "TNTP for links": (road_csv.read_links, "<NUMBER OF ZONES> 2\n", "; it looks like TNTP"),
    "an unknown node": (demand_of, TRIPS.replace("3,4", "9,4"),
                        "line 3: to is '9', which no link touches"),
    "half a node": (demand_of, TRIPS.replace("3,4", "3.5,4"),
                    "line 3: to is '3.5', which no link touches"),
    "an open quotation": (road_csv.read_links, LINKS.replace("1.5", '"1.5'),
                          "line 3: there are 3 columns, but 4 were"),
    "a binary file": (road_csv.read_links, b"PK\x03\x04\0", "no text file: it holds NUL bytes"),
    "an empty file": (demand_of, "", "is empty"),
    "no number of trips": (demand_of, TRIPS.replace("3,4", "3,"),
                           "line 3: trips is '', but a number"),
    "negative trips": (demand_of, TRIPS.replace("3,4", "3,-4"),
                       "line 3: trips is -4, but it must not be"),
    "a pair twice": (demand_of, TRIPS.replace("1,2,0", "1,3,0"),
                     "line 5: trips from 1 to 3 are there"),
    "trips within nodes": (demand_of, "from,to,trips\n1,1,3\n",
                           "no trips between different nodes"),
    "more trips than numbers": (demand_of,
                                TRIPS.replace("3,4", "3,1e308").replace("1,1\n", "1,1e308\n"),
                                "sum is too large"),
    "links for trips": (demand_of, LINKS, "line 1: the column 'trips' is missing; it looks like a "
                        "network file"),
}


@pytest.mark.parametrize(("read", "content", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_wrong_is_said_in_one_line(read: Callable, content: str | bytes, message: str,
                                           tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read(written(tmp_path, content))
    assert str(caught.value).startswith(str(tmp_path / "a.csv"))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("read", "whole"),
                         [(road_csv.read_links, LINKS), (demand_of, TRIPS)])
def test_damaged_files_are_read_or_refused(read: Callable[[Path], Any], whole: str,
                                           tmp_path: Path) -> None:
    draw = random.Random(2)
    damaged = [whole[:length].encode() for length in range(len(whole))]
    for _ in range(600):
        content = bytearray(whole.encode())
        for _ in range(draw.randint(1, 4)):
            place = draw.randrange(len(content))
            content[place:place + draw.randint(0, 2)] = draw.choice([
                bytes([draw.randrange(256)]), b"9" * 25, b"e99", b'"', b",", b"-", b"\n", b"\r",
                b"nan"])
        damaged.append(bytes(content))
    for content in damaged:
        said = told(read, written(tmp_path, content))
        assert said.startswith(str(tmp_path / "a.csv"))
        assert "\n" not in said
