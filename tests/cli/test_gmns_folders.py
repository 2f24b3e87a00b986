"""GMNS folders as games of the command line, flows as GMNS, and flows to begin from."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

LINKS = ("link_id,from_node_id,to_node_id,directed,vdf_fftt,capacity\n"
         "7,1,2,true,10,40\n9,1,2,true,12,40\n")


@pytest.fixture
def town(tell) -> str:
    Path("town").mkdir()
    Path("town/link.csv").write_text(LINKS)
    Path("town/demand.csv").write_text("o_zone_id,d_zone_id,volume\n1,2,90\n")
    return "town"


def test_a_folder_is_solved_told_as_gmns_and_begun_from(tell, town):
    told = tell("solve", town, "--out", "run", "--gmns", "--no-price-of-anarchy", "--json")
    assert told.status == 0
    rows, flows = (list(csv.DictReader(Path(f"run/{name}.csv").read_text().splitlines()))
                   for name in ("link_performance", "flows"))
    assert [row["link_id"] for row in rows] == ["7", "9"]
    assert [(row["volume"], row["travel_time"], row["fftt"]) for row in rows] == [
        (row["flow"], row["time"], row["free_flow_time"]) for row in flows]
    assert float(rows[0]["travel_time"]) == pytest.approx(
        10 * (1 + 0.15 * (float(rows[0]["volume"]) / 40) ** 4))
    before = told.document()["runs"][0]["iterations"]
    again = tell("solve", town, "--flows-from", "run/link_performance.csv", "--json",
                 "--no-price-of-anarchy")
    assert again.status == 0
    assert again.document()["runs"][0]["iterations"] < before


def test_what_does_not_go_together_is_refused(tell, town):
    Path("flows.csv").write_text("id,flow\n7,40\n7,50\n")
    for arguments, why in (
            (("--gmns",), "--gmns writes link_performance.csv beside the result: add --out"),
            (("--columns", "capacity=cap"), "--columns goes with roads in CSV files, but town is"),
            (("--flows-from", "flows.csv"), "flows.csv, line 3: the link 7 is there twice"),
            (("--flows-from", "town/demand.csv"), "the columns id (or link_id) and flow (or vol"),
            (("--flows-from", "flows.csv", "--initial", "uniform"), "and so does --initial uni"),
            (("-p", "agents=3"), "unknown parameter 'agents'")):
        assert why in tell("solve", town, *arguments).refusal()
    for option in (("--flows-from", "flows.csv"), ("--gmns",)):
        assert f"{option[0]} goes with a road network" in tell(
            "solve", "prisoners.json", *option).refusal()
