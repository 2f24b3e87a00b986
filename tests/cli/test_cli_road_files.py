"""What commands are told of the files of a road network: weights of tolls and lengths; and nodes
with names."""

from __future__ import annotations

import csv
import gzip
import json
import sys
from pathlib import Path

import pytest

from potentia import cli

LINKS = "from,to,free_flow_time,capacity,toll,length\n1,2,1,4,5,2\n1,2,2,4,0,1\n"
TRIPS = "from,to,trips\n1,2,40\n"
FILES = ("links.csv", "--trips", "trips.csv")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path):
    """Run a command in a directory that holds a small network; its status, output and error."""
    monkeypatch.chdir(tmp_path)
    Path("links.csv").write_text(LINKS)
    Path("trips.csv").write_text(TRIPS)

    def told(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["potentia", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return int(ended.value.code or 0), *capsys.readouterr()

    return told


def test_weights_reach_the_game_that_is_solved(run) -> None:
    status, out, err = run("solve", *FILES, "--toll-weight", "0.2", "--length-weight", "0.5",
                           "--json")
    roads = json.loads(out)["roads"]
    assert status == 0
    assert roads["toll"] == [1, 0]
    assert [cost - time for cost, time in zip(roads["cost"], roads["time"], strict=True)
            ] == pytest.approx([2, 0.5])
    assert "toll_weight" not in err


def test_tolls_without_a_weight_are_told_of(run) -> None:
    for command in ("solve", "certify"):
        err = run(command, *FILES, *(("--part", "potential") if command == "certify" else ()))[2]
        assert "the tolls on 1 link count as they are, since no toll_weight" in err


def test_compare_and_certify_read_networks_too(run) -> None:
    status, out, _ = run("compare", *FILES, "--toll-weight", "0", "--toll", "1-2=1", "--json")
    assert status == 0
    assert json.loads(out)["first"]["toll_revenue"] == 0
    status, out, _ = run("certify", *FILES, "--toll-weight", "0", "--part", "potential")
    assert status == 0
    assert "PROVEN" in out


@pytest.fixture
def names(run) -> tuple[str, ...]:
    """A compressed network of nodes with names, and its trips."""
    Path("town.csv.gz").write_bytes(gzip.compress(
        b"from,to,free_flow_time,capacity\nA,B-1,1,1\nB-1,C,1,1\nA,C,3,2\nC,A,1,\n"))
    Path("t.csv").write_text("from,to,trips\nA,C,4\n")
    Path("nodes.tntp").write_text("A 0 0;\nB-1 1 1;\nC 2 0;\nelsewhere 9 9;\n")
    return ("town.csv.gz", "--trips", "t.csv", "--nodes", "nodes.tntp", "-p", "n_agents=40")


def test_reports_and_files_call_nodes_by_name(run, names: tuple[str, ...]) -> None:
    status, out, err = run("solve", *names, "--out", "found")
    assert not Path("found/flows.geojson").exists()
    assert "there is no flows.geojson, since no --crs says what the coordinates of nodes are" in err
    status, out, _ = run("solve", *names, "--out", "found", "--crs", "epsg:31370")
    assert status == 0
    assert "A -> B-1" in out
    rows = list(csv.DictReader(Path("found/flows.csv").read_text().splitlines()))
    assert [(row["from"], row["to"]) for row in rows][:2] == [("A", "B-1"), ("B-1", "C")]
    told = json.loads(Path("found/flows.geojson").read_text())
    first = told["features"][0]
    assert told["crs"]["properties"]["name"] == "urn:ogc:def:crs:EPSG::31370"
    assert (first["properties"]["from"], first["properties"]["to"]) == ("A", "B-1")
    assert first["geometry"]["coordinates"] == [[0, 0], [1, 1]]
    told = json.loads(run("solve", *names, "--json")[1])
    assert told["roads"]["links"][0] == ["A", "B-1"]
    assert run("certify", "found", "--part", "equilibrium")[0] == 0


def test_links_to_compare_are_named(run, names: tuple[str, ...]) -> None:
    status, out, _ = run("compare", *names, "--without", "A-C", "--with", "A-C=1,0", "--toll",
                         "A-B-1=2", "--with", "C-$D$_[b]{=1", "--with", "$D$_[b]{-C=1",
                         "--picture", "two.png")
    assert (status, "Drawn in two.png" in out) == (0, True)
    for text, message in (("A-D", "there is no node 'D'"), ("C-B-1", "there is no link"),
                          ("A", "'A' is no link FROM-TO, as 3-4")):
        status, _, err = run("compare", *names, "--without", text)
        assert (status, message in err) == (2, True)
    Path("nodes.tntp").write_text("A 0 0;\nC 2 0;\n")
    assert "nodes.tntp does not say where node B-1 of town lies" in run("solve", *names)[2]


def test_links_to_compare_are_called_by_their_ids(run) -> None:
    """The toll of the id is that of the link: of two that are parallel FROM-TO means both."""
    Path("links.csv").write_text("id,from,to,free_flow_time,capacity\nslow,1,2,2,4\nfast,1,2,1,4\n")
    ids = (*FILES, "--columns", "id=id", "--json")
    tolled = json.loads(run("compare", *ids, "--toll", "fast=3")[1])
    assert tolled["second"]["toll_revenue"] > 0
    closed = json.loads(run("compare", *ids, "--without", "slow")[1])
    assert closed["second"]["toll_revenue"] == 0
    assert closed["second"]["expected_travel_time"] > closed["first"]["expected_travel_time"]


def test_costs_that_are_too_steep_for_numbers_are_refused(run) -> None:
    """And those that are only very dear are no equilibrium until the certificate says so."""
    for power, expected in (("1e4", 2), ("60", 1)):
        Path("links.csv").write_text("from,to,free_flow_time,capacity,b,power\n"
                                     f"1,2,1,2,0.15,{power}\n1,2,2,3,0.15,4\n")
        status, _, err = run("solve", *FILES, "--json", "--no-price-of-anarchy")
        assert status == expected
        assert ("is inf, not finite" in err) == (expected == 2)


REFUSED = {
    "a negative weight": ((*FILES, "--toll-weight", "-1"), "toll_weight is -1, but it must not be"),
    "no number": ((*FILES, "--length-weight", "nan"), "length_weight is nan, not a finite number"),
    "text": ((*FILES, "--toll-weight", "much"), "Invalid value for '--toll-weight'"),
    "a weight of no file": (("braess", "--toll-weight", "1"),
                            "--toll-weight goes with a road network (.tntp or .csv), but braess"),
    "trips of no network": (("braess", "--trips", "trips.csv"), "--trips goes with a road network"),
    "no trips": (("links.csv", "--length-weight", "1"), "add --trips FILE"),
}


@pytest.mark.parametrize("command", ["solve", "certify", "compare"])
@pytest.mark.parametrize(("arguments", "message"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_go_with_a_network_is_one_line(run, command: str, arguments: tuple,
                                                     message: str) -> None:
    status, out, err = run(command, *arguments)
    assert (status, out) == (2, "")
    line, = err.splitlines()
    assert message in line


def test_columns_are_called_as_the_command_line_says(run) -> None:
    Path("links.csv").write_text(LINKS.replace("free_flow_time", "t0").replace("capacity", "cap"))
    status, out, _ = run("solve", *FILES, "--columns", "capacity=cap,free_flow_time=t0",
                         "--columns", "toll=length", "--no-price-of-anarchy", "--json")
    assert status == 0
    roads = json.loads(out)["roads"]
    assert roads["toll"] == [2, 1]
    assert set(roads["welfare"]) == {"total_travel_time", "expected_travel_time", "expected_cost",
                                     "error", "toll_revenue", "distance_cost", "schedule_cost",
                                     "relative_gap", "wardrop_gap", "staying", "staying_cost"}


@pytest.mark.parametrize(("arguments", "message"), [
    (("certify", *FILES, "--columns", "capasity=cap"), "did you mean 'capacity'"),
    (("compare", *FILES, "--columns", "cap"), "columns 'cap' is not NAME=COLUMN"),
    (("solve", *FILES, "--columns", "toll=a", "--columns", "toll=b"), "'toll' is given twice"),
    (("solve", "braess", "--columns", "toll=a"), "--columns goes with a road network"),
    (("solve", "net.tntp", "--trips", "trips.tntp", "--columns", "toll=a"), "roads in CSV"),
    (("solve", "prisoners-none", "--no-price-of-anarchy"), "prisoners-none"),
    (("solve", "two-link-congestion", "--no-price-of-anarchy"), "goes with roads"),
    (("certify", "two-link-congestion", "--no-price-of-anarchy"), "goes with roads")])
def test_what_is_no_column_or_has_no_optimum_is_refused(run, arguments, message) -> None:
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert message in err


def test_text_without_the_price_of_anarchy_leaves_the_optimum_out(run) -> None:
    for more, said in (((), True), (("--no-price-of-anarchy",), False)):
        out = run("solve", *FILES, "--max-iterations", "20", *more)[1]
        assert ("price of anarchy" in out) == ("system optimum" in out) == said
        assert "expected total travel time" in out
