"""Other capacities, times and trips of the same roads, held against networks that are built so."""

from __future__ import annotations

import logging

import numpy as np
import pytest

import potentia as pt

LINKS = [(1, 2), (1, 2), (2, 3)]
TIME, SPACE, POWER = np.array([2.0, 3.0, 1.0]), np.array([4.0, 5.0, 6.0]), np.array([4.0, 1.0, 2.0])


def roads(power: np.ndarray = POWER, time: np.ndarray = TIME, space: np.ndarray = SPACE,
          **other) -> pt.RoutingGame:
    given = {"demand": [(1, 3, 4), (2, 3, 2)], "weight": 1.5, "capacity": space,
             "tolls": [0.5, 0.0, 0.0], **other}
    return pt.RoutingGame.from_links(
        LINKS, pt.link_costs.bpr(time, space, 0.15, power), **given)


def costs(game: pt.RoutingGame) -> np.ndarray:
    return np.asarray(game.costs.at(np.array([[0.0, 1.0, 7.5]] * 3)))


@pytest.mark.parametrize("power", [POWER, POWER + 0.5])
def test_bpr_costs_keep_their_form(power: np.ndarray) -> None:
    game = roads(power)
    wider = game.altered((1, 2), capacity_factor=2.0)
    np.testing.assert_allclose(costs(wider), costs(roads(power, space=SPACE * [2, 2, 1])), 1e-14)
    np.testing.assert_array_equal(wider.capacities, SPACE * [2, 2, 1])
    np.testing.assert_array_equal(wider.tolls, game.tolls)
    both = game.altered(3, capacity=9.0, free_flow_time=4.0)
    np.testing.assert_allclose(
        costs(both), costs(roads(power, TIME * [1, 1, 4], SPACE * [1, 1, 1.5])), 1e-14)
    slower = game.altered(2, free_flow_time_factor=3.0)
    np.testing.assert_allclose(costs(slower), costs(roads(power, TIME * [1, 3, 1])), 1e-14)


def test_more_trips_weigh_more_or_are_more_agents(caplog: pytest.LogCaptureFixture) -> None:
    game = roads()
    assert float(game.demand_times(1.2).weight) == pytest.approx(1.8)
    np.testing.assert_array_equal(game.demand_times(1.2).trips.count, [4, 2])
    np.testing.assert_array_equal(game.demand_times(1.5, (1, 3)).trips.count, [6, 2])
    np.testing.assert_array_equal(game.demand_times(0, (1, 3)).trips.count, [2])
    assert not caplog.records
    with caplog.at_level(logging.INFO, "potentia"):
        np.testing.assert_array_equal(game.demand_times(1.3, (2, 3)).trips.count, [4, 3])
    assert "from 2 to 3 is 2.6 agents, rounded to 3" in caplog.text
    each = roads(policies="agent").demand_times(0.5, (1, 3))
    np.testing.assert_array_equal(each.trips.count, [1, 1, 1, 1])
    np.testing.assert_array_equal(each.trips.origin, [1, 1, 2, 2])


def test_a_new_link_is_of_the_kind_of_the_others_and_known() -> None:
    game = roads(POWER + 0.5)
    new = game.joined((1, 3), pt.link_costs.bpr(2.0, 4.0, 0.15, 2), capacity=4.0, length=7.0)
    np.testing.assert_allclose(np.asarray(new.costs.at(np.full((4, 1), 6.0)))[3],
                               2 * (1 + 0.15 * 1.5 ** 2))
    np.testing.assert_array_equal(new.capacities, [*SPACE, 4.0])
    np.testing.assert_array_equal(new.lengths, [np.nan] * 3 + [7.0])


@pytest.mark.parametrize(("change", "said"), [
    (lambda game: game.altered((1, 2)), "nothing of the link (1, 2) is altered"),
    (lambda game: game.altered((1, 2), capacity=1, capacity_factor=2), "are both given"),
    (lambda game: game.altered((3, 1), capacity=1), "there is no link (3, 1)"),
    (lambda game: game.altered(1, capacity=0), "capacity is 0, but it must be positive"),
    (lambda game: game.altered(1, capacity_factor=1e-200), "beyond float64"),
    (lambda game: game.demand_times(0), "factor is 0, but it must be positive"),
    (lambda game: game.demand_times(2, (3, 1)), "there are no trips from 3 to 1"),
    (lambda game: game.demand_times(2, 3), "pair is 3"),
    (lambda game: game.demand_times(0, (1, 3)).demand_times(0, (2, 3)), "nobody is left"),
])
def test_what_cannot_be_changed_is_named(change, said: str) -> None:
    with pytest.raises(pt.InputError) as caught:
        change(roads())
    assert said in str(caught.value)


def test_costs_without_a_capacity_say_so() -> None:
    with pytest.raises(pt.InputError, match="the link 1 has no capacity to be changed"):
        roads(capacity=None).altered(1, capacity=3.0)
    table = pt.RoutingGame.from_links(
        LINKS, pt.link_costs.tabulated(np.ones((3, 4))), [(1, 3, 4)])
    with pytest.raises(pt.InputError, match="Tabulated say nothing of capacities"):
        table.altered(1, capacity_factor=2.0)
    with pytest.raises(pt.InputError, match="a table by the number of agents"):
        table.demand_times(2.0)
