"""GMNS folders as games of the command line, flows as GMNS, and flows to begin from."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

import potentia as pt

# The roads of `test_cli_road_files`, of whose shapes and name programs are there.
LINKS = ("link_id,from_node_id,to_node_id,directed,vdf_fftt,capacity,length\n"
         "1,1,2,true,1,4,2\n2,1,2,true,2,4,1\n")


@pytest.fixture
def town(tell) -> str:
    Path("links").mkdir()
    Path("links/link.csv").write_text(LINKS)
    Path("links/demand.csv").write_text("o_zone_id,d_zone_id,volume\n1,2,40\n")
    return "links"


def test_a_folder_is_solved_told_as_gmns_and_begun_from(tell, town):
    told = tell("solve", town, "--out", "run", "--gmns", "--no-price-of-anarchy", "--json")
    assert told.status == 0
    rows, flows = (list(csv.DictReader(Path(f"run/{name}.csv").read_text().splitlines()))
                   for name in ("link_performance", "flows"))
    assert [row["link_id"] for row in rows] == ["1", "2"]
    assert [(row["volume"], row["travel_time"], row["fftt"]) for row in rows] == [
        (row["flow"], row["time"], row["free_flow_time"]) for row in flows]
    assert float(rows[0]["travel_time"]) == pytest.approx(
        1 + 0.15 * (float(rows[0]["volume"]) / 4) ** 4)
    before = told.document()["runs"][0]["iterations"]
    again = tell("solve", town, "--flows-from", "run/link_performance.csv", "--json",
                 "--no-price-of-anarchy")
    assert again.status == 0
    assert again.document()["runs"][0]["iterations"] < before


def test_a_solve_begins_from_a_saved_run_of_these_roads_or_another_version(tell, town):
    other = Path("links/link.csv")
    roads = ("solve", town, "--no-price-of-anarchy", "--json", "--check-every", "1")
    before = tell(*roads, "--out", "run").document()["runs"][0]["iterations"]
    again = tell(*roads, "--flows-from", "run").document()["runs"][0]
    assert again["iterations"] == 0
    assert again["status"] == "converged"
    other.write_text(LINKS.replace("2,1,2,true,2,4,1", "2,1,2,true,2.1,4,1"))
    assert 0 < tell(*roads, "--flows-from", "run").document()["runs"][0]["iterations"] < before


def test_runs_that_are_none_of_these_roads_are_refused(tell, town):
    tell("solve", "two-link-congestion", "--max-iterations", "0", "--out", "play")
    tell("solve", "braess", "--max-iterations", "0", "--out", "braess")
    for run, message in (("links", "--flows-from: there is no saved run in links"),
                         ("play", "the run in play is of a MarkovGame, not of roads"),
                         ("braess", "is of another network")):
        told = tell("solve", town, "--flows-from", run, "--no-price-of-anarchy")
        assert told.status == 2
        assert message in told.refusal()


def test_a_folder_places_its_nodes_by_itself(tell, town):
    Path("links/node.csv").write_text("node_id,x_coord,y_coord\n1,4.5,50.5\n2,4.6,50.6\n")
    solve = ("solve", town, "--no-price-of-anarchy", "--max-iterations", "0")
    tell(*solve, "--out", "run", "--crs", "EPSG:4326")
    features = json.loads(Path("run/flows.geojson").read_text())["features"]
    assert [each["geometry"]["coordinates"] for each in features] == 2 * [
        [[4.5, 50.5], [4.6, 50.6]]]
    assert Path("run/network.png").exists()
    flows = {each["properties"]["id"]: each["properties"]["flow"] for each in features}
    told = tell(*solve, "--flows", "run/flows.csv", "--json").document()["roads"]
    assert told["published"]["relative_difference"] == 0
    assert told["flow"] == [flows[1], flows[2]]
    assert pt.load("run").game.places == {1: (4.5, 50.5), 2: (4.6, 50.6)}
    Path("far.csv").write_text("node_id,x_coord,y_coord\n1,450,50\n2,4,50\n")
    assert "far.csv: node 1 lies at (450, 50), but with EPSG:4326 x is" in tell(
        *solve, "--out", "run", "--crs", "EPSG:4326", "--nodes", "far.csv").refusal()
    Path("links/node.csv").write_text("node_id,x_coord,y_coord\n1,450,50\n2,4.6,50.6\n")
    assert "links: node 1 lies at (450, 50)" in tell(*solve, "--out", "run", "--crs",
                                                     "EPSG:4326").refusal()
    Path("links/node.csv").unlink()
    assert "add --nodes" in tell(*solve, "--out", "run", "--crs", "EPSG:4326").refusal()


def test_flows_are_compared_with_those_of_another_run(tell, town):
    Path("flows.csv").write_text("link_id,from_node_id,to_node_id,volume\n2,1,2,30\n1,1,2,10\n")
    told = tell("solve", town, "--flows", "flows.csv", "--json", "--no-price-of-anarchy",
                "--max-iterations", "0").document()["roads"]
    assert told["links"] == [[1, 2], [1, 2]]
    off = [abs(found - said) for found, said in zip(told["flow"], (10, 30), strict=True)]
    assert told["published"]["relative_difference"] == pytest.approx(sum(off) / 40)
    assert told["published"]["largest_difference"] == pytest.approx(max(off))
    for rows, why in (("1,40\n", "flows.csv has no flow on the link 2 of links"),
                      ("1,40\n2,0\n3,1\n", "links has no link '3': these are another network's"),
                      ("1,0\n2,0\n", "flows.csv has no flow on any link to compare with")):
        Path("flows.csv").write_text("link_id,volume\n" + rows)
        assert why in tell("solve", town, "--flows", "flows.csv").refusal()


def test_what_does_not_go_together_is_refused(tell, town):
    Path("flows.csv").write_text("id,flow\n1,40\n1,50\n")
    for arguments, why in (
            (("--gmns",), "--gmns writes link_performance.csv beside the result: add --out"),
            (("--columns", "capacity=cap"), "--columns goes with roads in CSV files, but links is"),
            (("--flows-from", "flows.csv"), "flows.csv, line 3: the link 1 is there twice"),
            (("--flows-from", "links/demand.csv"), "the columns id (or link_id) and flow (or vol"),
            (("--flows-from", "flows.csv", "--initial", "uniform"), "and so does --initial uni"),
            (("-p", "agents=3"), "unknown parameter 'agents'")):
        assert why in tell("solve", town, *arguments).refusal()
    for option in (("--flows-from", "flows.csv"), ("--gmns",)):
        assert f"{option[0]} goes with a road network" in tell(
            "solve", "prisoners.json", *option).refusal()
