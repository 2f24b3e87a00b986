"""What is paid besides time, told part by part."""

from __future__ import annotations

import numpy as np
import pytest

import potentia as pt
from potentia.welfare import traffic

ROAD = pt.link_costs.polynomial([[2.0, 0.0]])


def told(game: pt.RoutingGame) -> tuple[traffic.RoadTotals, dict[str, str]]:
    found = traffic.report(game, np.asarray(game.initial_profile("uniform", 0)), optimum=False)
    return found, dict(found.lines())


def test_tolls_distance_and_time_at_its_value_add_up_to_the_cost() -> None:
    """4 cars and a lorry, whose time is worth 3, on a road of 2 minutes, toll 1 and 0.5 of fuel."""
    game = pt.RoutingGame.from_links(
        [(1, 2)], ROAD, [(1, 2, 4, "car"), (1, 2, 1, "lorry")], tolls=[1.0], distance_costs=[0.5],
        classes={"car": pt.TrafficClass(), "lorry": pt.TrafficClass(value_of_time=3.0)})
    found, lines = told(game)
    assert (found.expected_travel_time, found.expected_cost) == pytest.approx((10.0, 21.5))
    assert (found.toll_revenue, found.distance_cost, found.schedule_cost) == pytest.approx(
        (5.0, 2.5, 0.0))
    assert lines["expected cost of time"] == "14.00, at what it is worth to each"
    assert lines["expected distance costs"] == "2.50 in units of cost"
    assert "expected schedule costs" not in lines


def test_what_arriving_early_or_late_costs_is_told() -> None:
    """All leave at step 0 and arrive at step 1, 2 steps early at 0.5 each."""
    wish = pt.Departures(earliest=0, latest=0, arrival=3, early=0.5, late=2.0)
    game = pt.RoutingGame.from_links([(1, 2)], ROAD, [(1, 2, 4)], horizon=4, departures=wish,
                                     tolls=[1.0], distance_costs=[0.25])
    found, lines = told(game)
    assert found.schedule_cost == pytest.approx(4.0)
    assert found.distance_cost == pytest.approx(1.0)
    assert found.expected_cost == pytest.approx(
        found.expected_travel_time + found.toll_revenue + found.distance_cost + found.schedule_cost)
    assert lines["expected schedule costs"] == "4.00 in units of cost"
    assert "expected cost of time" not in lines
