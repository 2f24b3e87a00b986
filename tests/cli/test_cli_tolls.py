"""Time, cost paid and revenue apart in what the command line tells of roads."""

from __future__ import annotations

import csv
import json
from typing import Any

import numpy as np
import pytest

import potentia as pt
from potentia.cli import road_results
from potentia.report import road_maps

BRAESS = pt.games.make("braess", n_agents=6, link=False)


def result_of(**charges: Any) -> pt.Result:
    game = pt.RoutingGame.from_links([(1, 2), (1, 2)], pt.link_costs.polynomial([[1, 1], [2, 0]]),
                                     [(1, 2, 3)], **charges)
    return pt.solve(game, pt.rules.AdaptiveINPG(), max_iterations=5, progress=False)


@pytest.mark.parametrize(("charges", "names"), [
    ({}, ["flow", "cost"]), ({"distance_costs": [0.0, 0.5]}, ["flow", "cost", "time"]),
    ({"tolls": [0.0, 0.5]}, ["flow", "cost", "time", "toll"])])
def test_a_file_of_flows_has_time_and_tolls_where_they_are_not_the_cost(charges: dict,
                                                                        names: list) -> None:
    result = result_of(**charges)
    flows = road_results.flows_of(result.game, result.profile)
    head, *rows = csv.reader(road_maps.as_csv(flows).decode().splitlines())
    assert head == ["from", "to", *names]
    table = {name: [float(row[k + 2]) for row in rows] for k, name in enumerate(names)}
    if "time" in table:
        assert (table["cost"][1], table["time"][1]) == (2.5, 2.0)
        np.testing.assert_array_equal(flows.crowding[1], 1.0)
    assert table.get("toll", [0.0, 0.5]) == [0.0, 0.5]
    coordinates = {1: (0.0, 0.0), 2: (1.0, 0.0)}
    features = json.loads(road_maps.as_geojson(flows, coordinates))["features"]
    assert list(features[1]["properties"]) == ["from", "to", *names]
    assert list(features[1]["properties"].values())[2:] == [float(text) for text in rows[1][2:]]


def test_the_most_loaded_links_show_what_is_paid(capsys: pytest.CaptureFixture[str]) -> None:
    result = result_of(tolls=[0.0, 0.5])
    road_results.show(result)
    told = capsys.readouterr().out
    for said in ("time", "cost paid", "toll revenue", "2.5", "expected total cost paid",
                 "expected toll revenue"):
        assert said in told
    road_results.show(result_of())
    told = capsys.readouterr().out
    assert "paid" not in told
    assert "revenue" not in told


def test_a_document_has_all_of_it_apart() -> None:
    result = result_of(tolls=[0.0, 0.5])
    told = road_results.document(result)
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
