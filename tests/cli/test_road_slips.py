"""Slips on the command line of roads, each told in one line that names what was written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

NAMED = "from,to,free_flow_time,capacity\nA,B,1,5\nB,C,1,5\nB,A,1,5\nC,B,1,5\n"
NUMBERED = NAMED.replace("A", "1").replace("B", "2").replace("C", "3")
SCENARIO = '[[scenario]]\nname = "x"\nchanges = [{}]\n'
ROADS = ("n.csv", "--trips", "nt.csv")
TOWN = ("l.csv", "--trips", "t.csv")


@pytest.fixture(autouse=True)
def files(tell: Callable[..., Any]) -> None:
    """Two small networks in the directory of the test, one of them of names."""
    for name, text in (("l.csv", NAMED), ("t.csv", "from,to,trips\nA,C,6\n"),
                       ("n.csv", NUMBERED), ("nt.csv", "from,to,trips\n1,3,6\n"),
                       ("tc.csv", "from,to,trips,class\n1,3,6,lorry\n")):
        Path(name).write_text(text)


@pytest.mark.parametrize(("ask", "said"), [
    ((*TOWN, "--without", "A-B"),
     "destination C cannot be reached from origin A without the link ('A', 'B')"),
    ((*TOWN, "--toll", "A-B=1", "--without", "C-B", "--without", "B-C"),
     "destination C cannot be reached from origin A without the link ('B', 'C')"),
    ((*ROADS, "--without", "1-2"),
     "destination 3 cannot be reached from origin 1 without the link (1, 2)"),
    ((*ROADS, "--with", "1=3"), "'1=3' is no link FROM-TO with its time, as 3-4=10,1"),
    ((*ROADS, "--without", "1-3", "--relative-gap", "inf"), "--relative-gap is inf, not a finite"),
    ((*ROADS, "--without", "9"), "there is no link 9, by its id or as FROM-TO; ids are 1 to 4"),
    ((*TOWN, "--toll", "A-B=3", "--toll", "1=3"), "a toll is given twice for the link 1"),
    ((*TOWN, "--toll", "1=3", "--toll", "A-B=3"), "a toll is given twice for the link A-B"),
    ((*TOWN, "--with", "A-Cc=3"), "the node Cc is new, and no link leads on from it; did you mean"),
    ((*TOWN, "--with", "Z-C=3"), "the node Z is new, and no link leads to it"),
    ((*ROADS, "--with", "1-33=3"), "the node 33 is new, and no link leads on from it")])
def test_a_change_that_is_none_is_named(tell: Callable[..., Any], ask: tuple[str, ...],
                                        said: str) -> None:
    assert tell("compare", *ask).refusal().startswith(said)


@pytest.mark.parametrize(("change", "said"), [
    ('{build="A-Z", free_flow_time=1}', "scenario 'x': the node Z is new, and no link leads on"),
    ('{build="A-C", free_flow_time=1, b=-1}', "(build, free_flow_time, b): b is -1, but it must"),
    ('{build="A-C", free_flow_time=1, power=-7}', "power is -7, but it must not be negative"),
    ('{close=[true, 3]}', "link is [True, 3], but FROM-TO was expected")])
def test_a_scenario_that_is_none_is_named(tell: Callable[..., Any], change: str,
                                          said: str) -> None:
    Path("s.toml").write_text(SCENARIO.format(change))
    assert said in tell("compare", *TOWN, "--scenarios", "s.toml").refusal()


def test_a_new_node_may_be_passed(tell: Callable[..., Any]) -> None:
    """Two new links by a new node; the file begins with a byte-order mark, as some editors
    write it."""
    Path("s.toml").write_text("\ufeff" + SCENARIO.format(
        '{build="A-Z", free_flow_time=0.1}, {build="Z-C", free_flow_time=0.1}'), encoding="utf-8")
    told = tell("compare", *TOWN, "--scenarios", "s.toml")
    assert told.status == 0
    assert "Z -> C" in told.out
    more = tell("compare", *TOWN, "--with", "A-Z=0.1", "--with", "Z-C=0.1")
    assert more.status == 0


def test_a_column_of_classes_that_is_not_read_is_told(tell: Callable[..., Any]) -> None:
    ask = ("solve", "n.csv", "--no-price-of-anarchy")
    said = "tc.csv: the column class is not read: no classes are given"
    assert said in tell(*ask, "--trips", "tc.csv").err
    assert said not in tell(*ask, "--trips", "nt.csv").err
    assert said not in tell(*ask, "--trips", "tc.csv", "--class", "lorry:weight=2").err


def test_a_number_of_a_class_is_given_once(tell: Callable[..., Any]) -> None:
    assert tell("solve", "n.csv", "--trips", "tc.csv", "--class",
                "lorry:weight=2,weight=3").refusal() == "--class lorry gives weight twice"


def test_a_relative_gap_is_called_by_its_option(tell: Callable[..., Any]) -> None:
    for command, gap in (("solve", "inf"), ("certify", "inf")):
        assert tell(command, *ROADS, "--relative-gap", gap).refusal().startswith(
            f"--relative-gap is {gap}, ")


def test_a_link_to_no_node_of_a_folder_is_named(tell: Callable[..., Any]) -> None:
    Path("town").mkdir()
    for name, text in (
            ("link", "link_id,from_node_id,to_node_id,vdf_fftt,capacity\n1,1,2,1,5\n2,2,33,1,5\n"),
            ("node", "node_id,zone_id\n1,1\n2,2\n3,3\n"),
            ("demand", "o_zone_id,d_zone_id,volume\n1,3,5\n")):
        Path(f"town/{name}.csv").write_text(text)
    assert tell("solve", "town").refusal() == (
        "town/node.csv has not the node 33, from or to which a link leads")
