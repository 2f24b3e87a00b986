"""Time, cost paid and revenue apart in what the command line tells of roads."""

from __future__ import annotations

import csv
import json
from typing import Any

import numpy as np
import pytest

import potentia as pt
from potentia.cli import road_outputs
from potentia.plot import road_tables
from potentia.report import road_flows

BRAESS = pt.games.make("braess", n_agents=6, link=False)


def result_of(**charges: Any) -> pt.Result:
    game = pt.RoutingGame.from_links([(1, 2), (1, 2)], pt.link_costs.polynomial([[1, 1], [2, 0]]),
                                     [(1, 2, 3)], **charges)
    return pt.solve(game, pt.rules.AdaptiveINPG(), max_iterations=5, progress=False)


def test_a_file_of_flows_has_what_is_known_of_each_link() -> None:
    result = result_of(tolls=[0.0, 0.5], distance_costs=[0.25, 0.0], capacity=[4.0, np.nan],
                       link_ids=["a", "b"])
    flows = road_tables.flows_of(result.game, result.profile)
    first, second = csv.DictReader(road_flows.as_csv(flows).decode().splitlines())
    assert list(first) == ["id", "from", "to", "flow", "capacity", "free_flow_time",
                           "volume_over_capacity", "length", "time", "cost", "toll"]
    assert (first["id"], first["from"], first["to"]) == ("a", "1", "2")
    assert (second["capacity"], second["volume_over_capacity"], second["length"]) == ("", "", "")
    assert (float(second["cost"]), float(second["time"]), float(second["toll"])) == (2.5, 2.0, 0.5)
    flow = float(first["flow"])
    assert flow == float(result.game.link_flows(result.profile)[0])
    assert float(first["volume_over_capacity"]) == flow / 4
    assert float(first["free_flow_time"]) == 1.0
    assert [float(first[name]) for name in ("time", "cost")] == pytest.approx(
        [1 + flow, 1.25 + flow])
    np.testing.assert_array_equal(flows.crowding[1], 1.0)


@pytest.mark.parametrize(("epsg", "named"), [(4326, None), (3857, "urn:ogc:def:crs:EPSG::3857")])
def test_a_map_file_says_what_its_coordinates_are(epsg: int, named: str | None) -> None:
    result = result_of()
    flows = road_tables.flows_of(result.game, result.profile)
    told = json.loads(road_flows.as_geojson(flows, {1: (0.0, 0.0), 2: (1.0, 0.5)}, epsg))
    assert told.get("crs", {}).get("properties", {}).get("name") == named
    feature = told["features"][1]
    assert feature["geometry"]["coordinates"] == [[0.0, 0.0], [1.0, 0.5]]
    assert (feature["id"], feature["properties"]["capacity"]) == (2, None)
    assert feature["properties"]["flow"] == flows.flow[1]


def test_links_show_what_is_paid(capsys: pytest.CaptureFixture[str]) -> None:
    result = result_of(tolls=[0.0, 0.5])
    road_outputs.show(result, road_outputs.Extras())
    told = capsys.readouterr().out
    for said in ("time", "cost paid", "toll revenue", "2.5", "expected total cost paid",
                 "expected toll revenue"):
        assert said in told
    road_outputs.show(result_of(), road_outputs.Extras())
    told = capsys.readouterr().out
    assert "paid" not in told
    assert "revenue" not in told


def test_a_document_has_all_of_it_apart() -> None:
    result = result_of(tolls=[0.0, 0.5])
    told = road_outputs.document(result, road_outputs.Extras())
    np.testing.assert_array_equal(np.asarray(told["cost"]) - told["time"], told["toll"])
    assert told["welfare"].expected_cost == pytest.approx(
        told["welfare"].expected_travel_time + told["welfare"].toll_revenue)


def test_a_toll_on_every_way_changes_no_time() -> None:
    """Both ways through Braess's network are tolled alike, so that all drive as before."""
    tolled = BRAESS.tolled([7.0 if start == 1 else 0.0 for start, _ in BRAESS.links])
    found = pt.compare(BRAESS, tolled)
    assert found.change == pytest.approx(0, abs=1e-9)
    assert found.b.toll_revenue == pytest.approx(7 * 6 * float(BRAESS.weight))
    assert found.b.expected_cost == pytest.approx(
        found.b.expected_travel_time + found.b.toll_revenue)
