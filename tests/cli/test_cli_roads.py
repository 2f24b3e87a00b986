"""Roads on the command line: files in, certificate, flows and a picture out; what is refused."""

from __future__ import annotations

import csv
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest

import potentia as pt
from potentia import cli
from potentia.report import road_flows

LINKS = "from,to,free_flow_time,capacity\n1,2,1,1\n2,3,1,1\n1,3,2,1\n3,1,1,9\n"
TRIPS = "from,to,trips\n1,3,4\n2,1,1\n"
NODES = "Node X Y ;\n1 0 0 ;\n2 1 1 ;\n3 2 0 ;\n"
FLOWS = "From To Volume Cost\n1 2 2 1.5\n2 3 3 1.5\n1 3 1 2.5\n3 1 0 1\n"
NET = """<NUMBER OF ZONES> 3
<NUMBER OF NODES> 3
<FIRST THRU NODE> 1
<NUMBER OF LINKS> 2
<END OF METADATA>
1 2 1 0 1 1 1 0 0 1 ;
2 3 1 0 1 1 1 0 0 1 ;
"""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path):
    """Run a command in a directory that holds a small network; its status, output and error."""
    monkeypatch.chdir(tmp_path)
    for name, text in (("links.csv", LINKS), ("trips.csv", TRIPS), ("nodes.tntp", NODES),
                       ("net.tntp", NET), ("plane.tntp", NODES.replace("3 2 0", "3 500 0")),
                       ("flow.tntp", FLOWS)):
        Path(name).write_text(text)

    def told(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["potentia", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return int(ended.value.code or 0), *capsys.readouterr()

    return told


def test_a_network_is_solved_certified_saved_and_drawn(run) -> None:
    status, out, _ = run("solve", "links.csv", "--trips", "trips.csv", "--nodes", "nodes.tntp",
                         "--crs", "EPSG:4326", "--out", "town", "--flows", "flow.tntp")
    assert status == 0
    for said in ("converged", "shortest paths in the whole network", "price of anarchy", "1 -> 3",
                 "Saved in town", "difference from the published flows", "root mean square"):
        assert said in out
    rows = list(csv.DictReader(Path("town/flows.csv").read_text().splitlines()))
    result = pt.load("town")
    flows = result.game.link_flows(result.profile)
    np.testing.assert_array_equal([float(row["flow"]) for row in rows], flows)
    features = json.loads(Path("town/flows.geojson").read_text())["features"]
    assert [feature["properties"]["flow"] for feature in features] == flows.tolist()
    assert features[0]["geometry"] == {"type": "LineString",
                                       "coordinates": [[0.0, 0.0], [1.0, 1.0]]}
    assert Path("town/network.png").read_bytes().startswith(b"\x89PNG")
    saved = json.loads(Path("town/run.json").read_text())
    assert saved["wardrop_gap"] == [float(result.game.wardrop_gap(result.profile))]
    bound, = saved["relative_gap_at_most"]
    assert bound == pytest.approx(float(result.game.relative_gap(result.profile)), abs=1e-13)
    assert bound <= 1e-4
    status, out, _ = run("certify", "town", "--part", "equilibrium", "--part", "potential")
    assert status == 0
    assert "PROVEN" in out
    assert run("solve", "links.csv", "--trips", "trips.csv", "--out", "town", "--max-iterations",
               "0")[0] == 1


def test_a_document_for_programs(run) -> None:
    status, out, _ = run("solve", "links.csv", "--trips", "trips.csv", "--json", "-p",
                         "n_agents=10")
    told = json.loads(out)
    assert status == 0
    assert told["settings"]["rule"] == "ProjectedNewton"
    assert len(told["roads"]["flow"]) == 4
    assert told["roads"]["capacity"] == [1, 1, 1, 9]
    assert told["roads"]["length"] == [None] * 4
    assert {"relative_gap", "wardrop_gap"} <= set(told["roads"]["welfare"])
    assert told["roads"]["welfare"]["price"] >= 1 - 1e-6


def test_a_rule_and_a_step_size_of_ones_own(run) -> None:
    status, out, _ = run("solve", "braess", "--rule", "inpg", "--step-size", "0.01", "--tolerance",
                         "1e-6", "--json")
    told = json.loads(out)
    assert (status, told["settings"]["rule"],
            told["settings"]["rule.step_size"]) == (0, "INPG", 0.01)
    assert told["roads"]["welfare"]["expected_travel_time"] == pytest.approx(7308 / 13, rel=1e-6)


def test_compare_shows_the_paradox(run) -> None:
    status, out, _ = run("compare", "braess", "-p", "n_agents=6000", "--without", "3-4",
                         "--picture", "two.png",
                         "--json")
    told = json.loads(out)
    assert status == 0
    assert told["first"]["expected_travel_time"] == pytest.approx(552.010154, abs=1e-5)
    assert told["second"]["expected_travel_time"] == pytest.approx(498.033, abs=1e-5)
    assert Path("two.png").read_bytes().startswith(b"\x89PNG")
    status, out, _ = run("compare", "braess", "-p", "link=false", "--with", "3-4=10,1")
    assert status == 0
    assert "562.154" in out
    told = run("compare", "braess", "--toll", "3-4=100")[1]
    assert told.count("531.000") == 2                                    # the time, and all paid
    assert "expected toll revenue:                0.000 in units of cost" in told
    assert "-5.542 % in expected total cost paid" in told


def test_compare_says_no_from_solves_that_did_not_get_there(run) -> None:
    """Braess's six agents, a single update from the uniform start: no side is at rest."""
    asked = ("compare", "braess", "--toll", "1-3=10", "--max-iterations", "1")
    status, out, _ = run(*asked)
    assert status == 1
    assert len(re.findall(r"solve: +within a relative gap of 0\.\d+ at the limit of 1 iteration\n",
                          out)) == 2
    assert "The second is not within a relative gap of 0.0001" in out
    status, out, _ = run(*asked, "--json")
    told = json.loads(out)
    assert (status, told["within_tolerance"]) == (1, False)
    for side in (told["first"], told["second"]):
        assert (side["status"], side["within_tolerance"]) == ("max_iterations", False)
        assert side["certificate"]["relative_gap"] > 1e-3
    costs = [told[side]["expected_cost"] for side in ("first", "second")]
    assert told["change_of_cost"] == pytest.approx(costs[1] / costs[0] - 1)
    assert told["change_of_toll_revenue"] == pytest.approx(told["second"]["toll_revenue"])
    assert run(*asked, "--relative-gap", "0.1")[0] == 0


REFUSED = {
    "no trips": (("solve", "links.csv"), "takes its trips from a second file: add --trips FILE"),
    "trips of no network": (("solve", "braess", "--trips", "trips.csv"),
                            "--trips goes with a road network"),
    "no such file": (("solve", "lost.tntp", "--trips", "trips.csv"), "lost.tntp does not exist"),
    "trips of another kind": (("solve", "net.tntp", "--trips", "trips.csv"),
                              "trips.csv is not a table of trips"),
    "nodes that are missing": (("solve", "sioux-falls", "--nodes", "nodes.tntp"),
                               "does not say where node 4 of sioux-falls lies, and 20 more of 24"),
    "nodes of no network": (("solve", "two-link-congestion", "--nodes", "nodes.tntp"),
                            "--nodes goes with a road netw"),
    "a code that is none": (("solve", "braess", "--crs", "WGS84"), "--crs is 'WGS84', but a code"),
    "a code in wide digits": (("solve", "braess", "--crs", "EPSG:\uff14\uff13\uff12\uff16"),
                              "but a code was expected, such as EPSG:4326"),
    "coordinates of no file": (("solve", "braess", "--crs", "EPSG:4326"),
                               "--crs says what the coordinates in flows.geojson are: add --nodes"),
    "plane coordinates as degrees": (("solve", "links.csv", "--trips", "trips.csv", "--nodes",
                                      "plane.tntp", "--crs", "EPSG:4326"),
                                     "plane.tntp: node 3 lies at (500, 0), but with EPSG:4326"),
    "flows of another network": (("solve", "braess", "--flows", "flow.tntp"),
                                 "flow.tntp, line 2: braess has no link 1 -> 2"),
    "flows of no network": (("solve", "two-link-congestion", "--flows", "flow.tntp"),
                            "--flows goes with a road network"),
    "an unknown parameter": (("solve", "links.csv", "--trips", "trips.csv", "-p", "agents=3"),
                             "unknown parameter 'agents'; did you mean 'n_agents'?"),
    "several devices": (("solve", "links.csv", "--trips", "trips.csv", "--devices", "1",
                         "--processes", "1",
                         "-p", "policies=car"), "unknown policies 'car'"),
    "a sampled oracle": (("solve", "braess", "--oracle", "sampled"),
                         "but a RoutingGame has no n_states, no information, "),
    "nothing to compare": (("compare", "braess"),
                           "nothing is changed: give --without, --with or --toll"),
    "no roads to compare": (("compare", "two-link-congestion", "--without", "1-2"),
                            "solve each side (potentia solve two-link-congestion)"),
    "a link that is none": (("compare", "braess", "--without", "3-5"), "there is no link (3, 5)"),
    "a text that is no link": (("compare", "braess", "--without", "3,4"),
                               "'3,4' is no link FROM-TO, as 3-4"),
    "a toll without a number": (("compare", "braess", "--toll", "3-4=much"),
                                "is no link FROM-TO with a toll"),
    "a picture of no kind": (("compare", "braess", "--without", "3-4", "--picture", "two.doc"),
                             "two.doc is no picture that can be drawn: its name must end in .png"),
    "a toll of two numbers": (("compare", "braess", "--toll", "3-4=1,2"),
                              "'3-4=1,2' has 2 numbers, but a link has one toll"),
    "a toll that is given twice": (("compare", "braess", "--toll", "3-4=1", "--toll", "3-4=2"),
                                   "a toll is given twice for the link 3-4"),
    "a negative toll": (("compare", "braess", "--toll", "3-4=-1"),
                        "tolls[(3, 4)] is -1, but it must not be negative"),
    "a cut network": (("compare", "links.csv", "--trips", "trips.csv", "--without", "3-1"),
                      "destination 1 cannot be reached from origin 2 without the link (3, 1)"),
    "a link cut off by its id": (("compare", "links.csv", "--trips", "trips.csv", "--without", "4"),
                                 "cannot be reached from origin 2 without the link 4"),
    "an id that is none": (("compare", "braess", "--without", "9999"),
                           "there is no link 9999, by its id or as FROM-TO; ids are 1 to 5"),
    "a toll on an id that is none": (("compare", "braess", "--toll", "9999=1"),
                                     "there is no link 9999, by its id or as FROM-TO; ids are 1 "),
    "joint policies": (("certify", "braess", "--policies", "joint"),
                       "joint policies need a tabular game"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_is_one_line_and_writes_nothing(case: str, run, tmp_path: Path) -> None:
    arguments, message = REFUSED[case]
    before = sorted(tmp_path.iterdir())
    status, out, err = run(*arguments, *(("--out", "never") if arguments[0] == "solve" else ()))
    assert (status, out) == (2, "")
    line, = err.splitlines()
    assert message in line
    assert sorted(tmp_path.iterdir()) == before


def test_the_links_with_most_vehicles_come_first(capsys: pytest.CaptureFixture[str]) -> None:
    table = {"id": [1, 2], "from": [1, 2], "to": [2, 3], "flow": [1.0, 9.0], "time": [2.0, 0.5],
             "cost": [2.0, 0.5], "toll": [0.0, 0.0], "volume_over_capacity": [np.nan, np.nan],
             "capacity": [np.nan, np.nan]}
    flows = road_flows.LinkFlows(np.array([[1, 2], [2, 3]]), table, alone=np.array([1.0, 0.0]))
    road_flows.show_links(flows)
    out = capsys.readouterr().out
    assert out.index("2 -> 3") < out.index("1 -> 2")
    np.testing.assert_array_equal(flows.crowding, [2.0, 1.0])
    assert out.startswith("The links with most vehicles (2 of 2):\n")
    assert "capacity" not in out


def test_the_fullest_links_are_named_where_capacities_are_known(
        capsys: pytest.CaptureFixture[str]) -> None:
    table = {"id": [1, 2, 3], "from": ["a", "b", "c"], "to": ["b", "c", "d"],
             "flow": [9.0, 8.0, 1.0], "time": [1.0] * 3, "cost": [1.0] * 3, "toll": [0.0] * 3,
             "volume_over_capacity": [0.9, np.nan, 2.0], "capacity": [10.0, np.nan, 0.5]}
    road_flows.show_links(road_flows.LinkFlows(np.array([[1, 2], [2, 3], [3, 4]]), table,
                                               alone=np.ones(3)))
    assert capsys.readouterr().out.splitlines()[-1] == (
        "The fullest links, by volume over capacity: c -> d (2.00), a -> b (0.90)")
