"""What all pay together, to within what is stated, against exact fractions."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

import potentia as pt


@pytest.mark.parametrize("alone", [0.5, 1e-9, 1 - 1e-9])
@pytest.mark.parametrize("power", [1.5, 4.0, 20.5, 50.0])
def test_totals_are_within_their_error(power: float, alone: float) -> None:
    """Two agents on a road of time 1 and one of 1 + x^power, dear to both at once, who hardly
    come."""
    costs = pt.link_costs.bpr(np.ones(2), np.ones(2), np.array([0.0, 1.0]), power)
    game = pt.RoutingGame.from_links([(1, 2), (1, 2)], costs, [(1, 2, 2)])
    profile = np.array([[[alone, 1 - alone]]])
    one, other = Fraction(alone), 1 - Fraction(alone)
    exact = 2 * one + other**2 * 2 * Fraction(1 + 2.0**power) + 2 * one * other * 2
    found, error = float(game.expected_cost(profile)), float(game.expected_cost_error(profile))
    assert abs(Fraction(found) - exact) <= Fraction(error)
    # As small a share as rounding leaves, but where the dearest load decides.
    assert error <= 1e-12 * found or power >= 20


def test_a_report_says_how_far_its_totals_may_be_off() -> None:
    table = np.array([[1.0, 1e18], [1.0, 1e18]])
    game = pt.RoutingGame.from_links([(1, 2), (1, 2)], pt.link_costs.tabulated(table), [(1, 2, 2)])
    profile = np.array([[[1 - 1e-18, 1e-18]]])
    found = pt.welfare.report(game, profile, iterations=20)
    assert abs(found.expected_travel_time - 2e18) <= found.error
    assert 1 <= found.price <= found.price_above
    assert found.optimum_below <= 2 <= found.optimum      # one on each road
    assert "give or take" in str(found)


@pytest.mark.parametrize("charge", ["tolls", "distance_costs"])
@pytest.mark.parametrize("size", [1.0, 1e3, 1e15])
def test_times_are_within_what_charges_round(charge: str, size: float) -> None:
    """Times are held together with charges beside which little of them is left."""
    links, table = [(1, 2), (2, 3), (1, 3)], np.array([[0.3, 0.1], [0.4, 0.1], [1.4, 0.05]])
    costs, demand = pt.link_costs.polynomial(table), [(1, 3, 3)]
    free = pt.RoutingGame.from_links(links, costs, demand)
    profile = free.initial_profile("uniform", 0)
    exact = float(free.expected_travel_time(profile))
    game = pt.RoutingGame.from_links(links, costs, demand, **{charge: [size] * 3})
    found = game.totals(profile)
    assert abs(found.expected_travel_time - exact) <= found.error
    assert abs(found.total_travel_time - float(free.total_travel_time(profile))) <= found.error
    report = pt.welfare.report(game, profile, iterations=20)
    best = min(float(free.expected_travel_time(each)) for each in (
        profile, free.initial_profile("random", 0)))
    assert report.optimum_below <= best
    assert exact / best <= report.price_above
    assert ("give or take" in str(report)) == (size == 1e15)
    compared = pt.compare(free, game, 200, progress=False)
    true = float(free.expected_travel_time(compared.b.profile))
    assert abs(compared.b.expected_travel_time - true) <= compared.b.error
    assert ("give or take" in str(compared)) == (size == 1e15)
    table = pt.compare(free, {"charged": game}, 20, progress=False)
    assert table.rows()[1]["error"] == table.sides["charged"].error
    assert ("charged: the total is give or take " in str(table)) == (size == 1e15)
