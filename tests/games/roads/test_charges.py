"""What a vehicle pays is not the time it takes: tolls and distance costs, by hand and carried
along."""

from __future__ import annotations

import jax
import numpy as np
import pytest

import potentia as pt
from potentia.games.roads import link_costs

LINKS = [(1, 2), (2, 3), (1, 3)]
COSTS = {
    "polynomial": link_costs.polynomial([[1, 1], [2, 0], [0, 3]]),
    "power-law": link_costs.power_law([1, 2, 0], [1, 0, 3], 1.0, [1.0, 0.5, 1.0]),
    "tabulated": link_costs.tabulated([[2, 3, 4], [2, 2, 2], [3, 6, 9]]),
    "function": link_costs.Function(
        lambda load: (np.array([[1.0], [2.0], [0.0]]) + np.array([[1.0], [0.0], [3.0]])
                      * load.reshape(3, -1)).reshape(load.shape), 3)}


def game_of(kind: str = "polynomial", **options) -> pt.RoutingGame:
    return pt.RoutingGame.from_links(LINKS, COSTS[kind], [(1, 3, 3)], **{"weight": 1.0, **options})


def shared_out(game: pt.RoutingGame, straight: float) -> np.ndarray:
    """The profile that takes the link 1 -> 3 with this probability."""
    profile = np.array(game.initial_profile("uniform", None))
    row = game.trips.row[0]
    direct = np.asarray(game.rows.link)[row] == 2
    profile[row, 0] = np.where(direct, straight, np.where(profile[row, 0] > 0, 1 - straight, 0.0))
    return profile


@pytest.mark.parametrize("kind", COSTS)
def test_time_pay_and_revenue_by_hand(kind: str) -> None:
    """All three agents on the two links: 3 (4 + 2) of time, tolls of 0.5, distance of 0.25."""
    game = game_of(kind, tolls={(1, 2): 0.5, (1, 3): 9.0}, distance_costs=[0.0, 0.25, 0.0])
    profile = shared_out(game, 0.0)
    for asked, told in (("expected_travel_time", 18.0), ("total_travel_time", 18.0),
                        ("expected_cost", 20.25), ("toll_revenue", 1.5), ("welfare", -20.25)):
        assert getattr(game, asked)(profile) == pytest.approx(told, rel=1e-12), asked
    np.testing.assert_allclose(game.link_costs(profile)[:2], [4.5, 2.25], rtol=1e-12)
    np.testing.assert_allclose(game.link_times(profile)[:2], [4.0, 2.0], rtol=1e-12)
    # Each would pay 9 + 3 on the straight link, and 6.75 where it is.
    assert pt.certify(game, profile).nash_gap < 1e-11
    untolled = game.untolled()
    assert pt.certify(untolled, profile).nash_gap == pytest.approx(3.0, rel=1e-11)
    assert (untolled.tolls == 0).all()
    assert untolled.untolled() is untolled
    # Up to rounding, whose allowance counts the charges that were taken off.
    assert kind != "polynomial" or game.least_total(profile) == pytest.approx(
        untolled.least_total(profile), rel=1e-12)


@pytest.mark.parametrize("kind", COSTS)
def test_a_toll_is_in_no_optimum(kind: str) -> None:
    game, plain = game_of(kind, tolls=[0.5, 1.0, 2.0]), game_of(kind)
    profile = shared_out(game, 0.3)
    marginal = game.paying_marginal_costs()
    np.testing.assert_allclose(marginal.expected_cost(profile),
                               plain.paying_marginal_costs().expected_cost(profile), rtol=1e-14)
    np.testing.assert_allclose(game.marginal_tolls(profile), plain.marginal_tolls(profile))
    np.testing.assert_allclose(game.least_total(profile), plain.least_total(profile), rtol=1e-12)
    assert game.least_total(profile) <= plain.expected_travel_time(profile)


def test_revenue_is_of_vehicles_and_of_all_steps() -> None:
    game = game_of(weight=0.5, horizon=2, tolls=[1.0, 2.0, 4.0])
    profile = np.array(game.initial_profile("uniform", None))
    flows = game.link_flows(profile)
    assert game.toll_revenue(profile) == pytest.approx(flows @ [1.0, 2.0, 4.0])
    assert game.expected_cost(profile) - game.expected_travel_time(profile) == pytest.approx(
        game.toll_revenue(profile))
    assert game.link_times(profile).shape == (6,)


def test_tolls_add_up_and_go_with_their_links() -> None:
    game = game_of(tolls=[0.1, 0.2, 0.3], distance_costs=[1.0, 0.0, 2.0]).tolled({(2, 3): 0.5})
    np.testing.assert_allclose(game.tolls, [0.1, 0.7, 0.3])
    np.testing.assert_allclose(game.costs.coefficients[:, 0], [2.1, 2.7, 2.3])
    less = game.without((1, 3))
    np.testing.assert_allclose(less.tolls, [0.1, 0.7])
    np.testing.assert_array_equal(less.distance_costs, [1.0, 0.0])
    np.testing.assert_allclose(less.costs.coefficients[:, 0], [2.1, 2.7])
    for toll in (0.0, 3.0):
        more = game.joined((1, 3), link_costs.polynomial([[5.0]]), toll=toll)
        np.testing.assert_allclose(more.tolls, [0.1, 0.7, 0.3, toll])
        np.testing.assert_array_equal(more.distance_costs, [1.0, 0.0, 2.0, 0.0])
        np.testing.assert_allclose(more.costs.coefficients[:, 0], [2.1, 2.7, 2.3, 5.0 + toll])
    again = game
    for _ in range(20):
        again = again.tolled([0.0, 0.0, 0.0])
    np.testing.assert_allclose(again.costs.coefficients, game.costs.coefficients, rtol=1e-15)


def test_a_link_that_takes_no_time_takes_none_however_it_is_tolled() -> None:
    game = game_of(distance_costs=[0.0, 0.0, 0.7])
    for toll in (0.1, 0.2, 0.3):
        game = game.tolled([0.0, 0.0, toll])
    assert game.untolled().costs.coefficients[2, 0] == 0.0


def test_a_toll_asked_for_by_a_compiled_function() -> None:
    game = game_of(tolls=[0.5, 0.0, 0.0])
    profile = shared_out(game, 0.25)
    with jax.enable_x64(True):
        traced = jax.jit(lambda any_game, p: any_game.expected_travel_time(p))(game, profile)
    assert float(traced) == pytest.approx(float(game.expected_travel_time(profile)), rel=1e-14)


REFUSED = {
    "a negative toll": ({"tolls": [0, -1, 0]},
                        r"^tolls\[link=1\] is -1, but it must be finite and not negative$"),
    "an endless cost of distance": ({"distance_costs": [0, 0, np.inf]},
                                    r"^distance_costs\[link=2\] is inf, but it must be finite"),
    "tolls of other links": ({"tolls": [0.0, 1.0]},
                             r"^tolls has shape \(2,\), but it must be \(3,\) \[links\]$"),
    "a toll on no link": ({"tolls": {(3, 1): 1.0}}, r"^there is no link \(3, 1\) \(from, to\)$"),
    "tolls beyond float64": ({"tolls": [1e308, 0, 0], "distance_costs": [1e308, 0, 0]},
                             r"^costs\[link=0\] of one agent is (nan|inf), but it must be finite"),
    "a text": ({"tolls": "dear"}, r"^tolls holds <U4, not real numbers$"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_charge_is_refused_in_one_line(case: str) -> None:
    options, message = REFUSED[case]
    with pytest.raises(pt.InputError, match=message):
        game_of(**options)


def test_a_toll_does_not_hide_a_time_below_nothing() -> None:
    own = link_costs.Function(lambda load: 0.0 * load - 1.0, 3)
    with pytest.raises(pt.InputError, match=r"^costs\[link=0\] of one agent is -1, but"):
        pt.RoutingGame.from_links(LINKS, own, [(1, 3, 3)], tolls=[2.0, 2.0, 2.0])
    with pytest.raises(pt.InputError, match=r"^tolls\[link=3\] is -1, but"):
        game_of().joined((1, 3), link_costs.polynomial([[5.0]]), toll=-1.0)


@pytest.mark.parametrize("power", [0.5, 1.5])
def test_a_road_that_nobody_takes_has_a_marginal_toll_of_nothing(power: float) -> None:
    costs = link_costs.power_law(1.0, [1, 1], 1.0, power)
    game = pt.RoutingGame.from_links([(1, 2), (1, 2)], costs, [(1, 2, 3)])
    profile = np.zeros_like(game.initial_profile("uniform", None))
    profile[..., 0] = 1.0
    np.testing.assert_allclose(game.marginal_tolls(profile), [power * 3**power, 0.0], rtol=1e-12)
