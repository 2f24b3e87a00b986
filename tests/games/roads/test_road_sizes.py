"""Numbers of roads that are each in order, and too large or too small together."""

from __future__ import annotations

import time
import warnings

import pytest

import potentia as pt
from potentia.games.roads.scenarios import scenario

LINKS, COSTS = [(1, 2), (2, 3), (1, 3)], pt.link_costs.polynomial([[1.0, 1.0]] * 3)
DEMAND = [(1, 3, 2, "car"), (1, 3, 3, "lorry")]


def refused(**given) -> str:
    """The one line that refuses these roads, and no warning beside it."""
    costs = given.pop("costs", COSTS)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(pt.InputError) as error:
            pt.RoutingGame.from_links(LINKS, costs, **given)
    return str(error.value)


@pytest.mark.parametrize(("weight", "car", "lorry", "said"), [
    (1e-200, 1e-200, 1e-200, "weight times classes['car'].weight is 0, but it must be positive"),
    (1e-200, 1.0, 1e-200, "weight times classes['lorry'].weight is 0, but it must be positive"),
    (1e-300, 1e-10, 1e-10, "weight times classes['car'].weight is 1e-310, which programs take for"),
    (1e200, 1e200, 1e200, "weight times classes['car'].weight is inf, not a finite number"),
    (1e200, 1.0, 1e200, "weight times classes['lorry'].weight is inf, not a finite number"),
    (1e300, 1.0, 2e5, "weight: 5 agents of up to 2e+305 vehicles each are more than sums of"),
    (1e308, 1.0, 1.0, "weight: 5 agents of up to 1e+308 vehicles each are more than sums of")])
def test_weights_are_numbers_together(weight: float, car: float, lorry: float, said: str) -> None:
    classes = {"car": pt.TrafficClass(car), "lorry": pt.TrafficClass(lorry)}
    assert refused(demand=DEMAND, weight=weight, classes=classes).startswith(said)


@pytest.mark.parametrize("power", [4, 4.5])
def test_a_weight_alone_is_too_large(power: float) -> None:
    assert refused(demand=[(1, 3, 5)], weight=1e308).startswith("weight: 5 agents of up to 1e+308")
    steep = pt.link_costs.bpr([1.0] * 3, [1.0] * 3, power=power)
    assert refused(demand=[(1, 3, 5)], weight=1e308, costs=steep) == (
        "costs[link=0] of one agent is inf, but it must be finite and not negative")


@pytest.mark.parametrize("factor", [1e15, 1e19, 1e300])
def test_a_factor_is_of_agents_that_there_can_be(factor: float) -> None:
    game = pt.RoutingGame.from_links(LINKS, COSTS, [(1, 3, 5)])
    said = (f"factor is {factor:g}, but of 5 agents that would be more than "
            f"1,000,000,000,000,000")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(pt.InputError) as error:
            game.demand_times(factor, (1, 3))
        assert str(error.value) == said
        more = scenario("more", [{"pair": "1-3", "demand_factor": factor}])
        with pytest.raises(pt.InputError) as error:
            more.of(game)
    assert str(error.value) == f"scenario 'more', change 1 (pair, demand_factor): {said}"


def test_a_factor_of_all_is_of_weights_that_there_can_be() -> None:
    game = pt.RoutingGame.from_links(LINKS, COSTS, [(1, 3, 5)], weight=10.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(pt.InputError, match=r"^weight times factor is inf, not a finite"):
            game.demand_times(1e308)
        with pytest.raises(pt.InputError, match=r"^factor is 9.99989e-321, which programs take"):
            game.demand_times(1e-320)


@pytest.mark.parametrize("horizon", [4 * 10**7, 10**12, 10**19, 10**400])
def test_a_horizon_that_has_no_room_is_named_at_once(horizon: int) -> None:
    began = time.monotonic()
    said = refused(demand=[(1, 3, 5)], horizon=horizon,
                   departures=pt.Departures(latest=1, arrival=2, early=1, late=1))
    assert said.startswith("horizon is ")
    assert "links at each step need about" in said
    assert said.endswith("a shorter horizon needs less")
    assert time.monotonic() - began < 1.0


def test_distances_to_where_trips_end_take_no_room_for_each_step() -> None:
    """One row of distances, where one of each step took 224 GiB."""
    game = pt.RoutingGame.from_links(LINKS, COSTS, [(1, 3, 5)], horizon=100_000)
    assert game.n_agents == 5
