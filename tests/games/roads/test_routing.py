"""Routing games: closed forms, the sums that values obey, and which roads may be used."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import potentia as pt
from potentia.errors import InputError
from potentia.games.roads import evaluation as road_evaluation
from potentia.games.roads import link_costs
from roads import Roads, acyclic_profile, path_links

DIAMOND = [(1, 2), (1, 3), (2, 4), (3, 4), (2, 3)]

def game_of(links=DIAMOND, costs=None, demand=((1, 4, 3),), **other) -> pt.RoutingGame:
    costs = link_costs.polynomial([[1.0, 1.0]] * len(links)) if costs is None else costs
    return pt.RoutingGame.from_links(links, costs, demand, **other)


def uniform(game: pt.RoutingGame) -> np.ndarray:
    return np.asarray(game.mask / np.sum(game.mask, axis=-1, keepdims=True))


def pigou(n: int, **other) -> pt.RoutingGame:
    """Costs 1 and x / n."""
    costs = link_costs.polynomial([[1.0, 0.0], [0.0, 1.0]])
    return game_of([(1, 2), (1, 2)], costs, [(1, 2, n)], weight=1 / n, **other)


def roads_used(game: pt.RoutingGame) -> set[int]:
    """Links, as they were given, of all actions that may ever be used."""
    row, action = np.nonzero(np.asarray(game.rows.usable)
                             & (np.asarray(game.rows.node) >= 0)[:, None])
    return set(np.asarray(game.link_of)[game.rows.link[row, action]].tolist())


def listed(game: pt.RoutingGame) -> list[list[list[int]]]:
    """The links of each type's paths."""
    return [[path_links(game, path) for path in of_type] for of_type in game.normal_form()[1]]


# --- Closed forms
# --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 7, 1000])
def test_two_links_by_hand(n):
    """L of n agents take the second link, each with probability 1/2: L has mean n/2 and variance
    n/4."""
    game = pigou(n)
    profile, second = np.array([[[0.5, 0.5]]]), (n + 1) / (2 * n)
    square = n / 4 + n**2 / 4
    evaluation, response = game.evaluate(profile), game.best_response(profile)
    current = (1 + second) / 2
    for found, truth in (
            (evaluation.q, [[[-1.0, -second]]]), (evaluation.v, [[-current]]),
        (evaluation.visitation, [[1.0]]),
            (game.start_values(profile), [-current]), (response.gain, [(1 - second) / 2]),
            (response.value, [[-second]]), (game.welfare(profile), -n * current),
            (game.potential(profile), -(n / 2 + (square + n / 2) / (2 * n))),
        (game.link_flows(profile), [0.5, 0.5]),
            (game.expected_travel_time(profile), 0.5 + square / n**2),
        (game.total_travel_time(profile), 0.75),
            (game.wardrop_gap(profile), 1 / 3), (game.relative_gap(profile), (n - 1) / (3 * n + 1)),
            (game.price_taking(profile).q, [[[-1.0, -(n / 2 + 1) / n]]])):
        np.testing.assert_allclose(found, truth, rtol=1e-13, atol=1e-13)
    assert (response.error > 0).all()
    assert (response.error < 1e-12).all()


def test_all_on_the_second_link_is_an_equilibrium():
    game, profile = pigou(9), np.array([[[0.0, 1.0]]])
    np.testing.assert_allclose(game.relative_gap(profile), 0, atol=1e-14)
    np.testing.assert_allclose(game.expected_travel_time(profile), 1, rtol=1e-14)
    np.testing.assert_allclose(game.evaluate(profile).q, -1, rtol=1e-14)


def test_two_types_on_one_road_by_hand():
    """Types of 2 and 3 agents, who take the road with probabilities a and b, cost (3 x)^2: means of
    squares of sums."""
    links, weight = [(1, 2), (1, 2), (3, 1)], 3.0
    costs = link_costs.polynomial([[0.0, 0.0, 1.0], [5.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    game = game_of(links, costs, [(1, 2, 2), (3, 2, 3)], weight=weight)
    a, b = 0.3, 0.8
    profile = uniform(game)
    at_1 = game.rows.find(np.array([0, 1]), np.array([0, 0]))
    profile[at_1, 0] = [[a, 1 - a], [b, 1 - b]]

    def squared(*probabilities: float) -> float:
        """E (1 + L)^2."""
        mean, variance = sum(probabilities), sum(x * (1 - x) for x in probabilities)
        return (1 + mean) ** 2 + variance

    q = game.evaluate(profile).q[at_1, 0]
    alone = squared(a, b, b, b), squared(a, a, b, b)
    np.testing.assert_allclose(q[:, 0], -weight**2 * np.array(alone), rtol=1e-13)
    np.testing.assert_allclose(q[:, 1], -5, rtol=1e-15)
    first = 2 * a + 3 * b
    np.testing.assert_allclose(game.link_flows(profile), weight * np.array([first, 5 - first, 3]),
                               rtol=1e-13)


def test_flows_of_all_steps_are_those_of_a_link():
    """There and back: everybody takes 1-2 at the first step and again at the third, or goes to 3 at
    once."""
    game = game_of([(1, 2), (2, 1), (1, 3)], demand=[(1, 3, 2)], horizon=3, weight=0.5)
    profile = uniform(game)
    np.testing.assert_allclose(game.link_flows(profile), [0.5, 0.5, 1.0], rtol=1e-15)
    assert len(game.link_of) == 9
    np.testing.assert_array_equal(np.sort(game.link_of), np.repeat([0, 1, 2], 3))


def test_a_load_of_a_step_is_not_one_of_the_next():
    """Two agents in a row, one link behind the other: no step has both on one link, all trips
    together have."""
    links, demand = [(1, 2), (2, 3)], [(1, 3, 1), (2, 3, 1)]
    for horizon, cost in ((None, [3.0, 2.0]), (2, [2.0, 1.0])):
        game = game_of(links, link_costs.polynomial([[0.0, 1.0]] * 2), demand, horizon=horizon)
        np.testing.assert_allclose(-game.start_values(uniform(game)), cost, rtol=1e-15)


# --- Sums and slopes
# --------------------------------------------------------------------------------------------------


SHAPES = {"types": Roads(21, 5, (3, 1, 50), costs="bpr"),
          "agents": Roads(22, 5, (2, 1), policies="agent"),
          "steps": Roads(23, 4, (4, 2), horizon=5)}


@pytest.mark.parametrize("name", SHAPES)
def test_values_visits_and_flows_obey_their_sums(name):
    game = SHAPES[name].game(0)
    profile = acyclic_profile(game, 1)
    evaluation, rows, trips = game.evaluate(profile), game.rows, game.trips
    p, q, v, visits = profile[:, 0], evaluation.q[:, 0], evaluation.v[:, 0], evaluation.visitation[
        :, 0]
    size = np.abs(v).max()
    np.testing.assert_allclose(v, (p * q).sum(axis=1), rtol=0, atol=1e-13 * size)
    taken = visits[:, None] * p
    arriving = np.bincount(rows.following.ravel(), taken.ravel(), len(visits) + 1)
    begun = np.zeros(len(visits))
    np.add.at(begun, trips.row, 1.0)
    np.testing.assert_allclose(visits, begun + arriving[:-1], atol=1e-13)
    np.testing.assert_allclose(arriving[-1], len(trips.count), rtol=1e-13)
    paid = np.append(v, 0.0)[rows.following] - q            # what each action itself costs
    spent = np.bincount(rows.group[rows.group >= 0], (taken * paid).sum(axis=1)[rows.group >= 0])
    np.testing.assert_allclose(spent, -v[trips.row], rtol=1e-12)
    np.testing.assert_allclose(game.welfare(profile), -(trips.count * spent).sum(), rtol=1e-12)
    np.testing.assert_allclose(game.expected_travel_time(profile),
                               -game.weight * game.welfare(profile), rtol=1e-14)
    flows = np.bincount(np.asarray(
        game.link_of)[np.minimum(rows.link, len(game.link_of) - 1)].ravel(),
                        (game.weight * trips.agents[:, None] * taken).ravel())
    np.testing.assert_allclose(game.link_flows(profile), flows, atol=1e-12)


@pytest.mark.parametrize("name", SHAPES)
def test_advantages_are_the_slopes_of_the_potential(name, x64):
    """By automatic differentiation: an agent's logit at a row raises the potential by visits p (q -
    v), as much as it raises its own value; where several agents share the row, so many times as
    much."""
    game = SHAPES[name].game(1)
    game = game.holding(acyclic_profile(game, 2))
    mask = jnp.asarray(game.mask)
    logits = jnp.asarray(np.random.default_rng(0).normal(size=mask.shape))

    def profile(logits):
        return jax.nn.softmax(jnp.where(mask, logits, -jnp.inf), axis=-1)

    slope = jax.jacfwd(lambda logits: game.potential(profile(logits)))(logits)
    evaluation, p = game.evaluate(np.asarray(profile(logits))), np.asarray(profile(logits))
    own = evaluation.visitation[..., None] * p * (evaluation.q - evaluation.v[..., None])
    np.testing.assert_allclose(slope, np.asarray(game.trips.agents)[:, None, None] * own, rtol=0,
                               atol=1e-11 * np.abs(slope).max())


def test_gaps_are_of_best_responses_in_the_whole_network():
    """The bush leaves the way over 2 and 3 out; it is the best one nevertheless."""
    links = [(1, 2), (2, 3), (3, 2), (1, 3), (2, 4), (3, 4)]
    costs = link_costs.polynomial([[1.0, 0.0], [1.5, 0.0], [1.5, 0.0], [1.0, 0.0], [1.0, 9.0],
                                   [1.0, 0.0]])
    game = game_of(links, costs, [(1, 4, 1), (2, 4, 5)])
    assert game.reorient_every == 10
    profile = acyclic_profile(game, 0)
    direct = np.array([{0: 0.0, 1: 0.0, 2: 0.0, 3: 1.0, 4: 1.0, 5: 1.0}[link] for link in range(6)]
                      + [0.0])
    profile[:, 0] = np.where(np.asarray(game.rows.usable), direct[game.rows.link], 0.0)
    response = game.best_response(profile)
    # Those at 2 pay 1 + 9 * 5, and would pay 1.5 + 1 over 3; those at 1 pay 1 + 1 already.
    np.testing.assert_allclose(response.gain, [0.0, 46.0 - 2.5], rtol=1e-14)
    np.testing.assert_allclose(game.relative_gap(profile), 5 * 43.5 / (5 * 46 + 2), rtol=1e-14)
    np.testing.assert_allclose(game.wardrop_gap(profile), 1 - (5 * 2.5 + 2) / (5 * 46 + 2),
                               rtol=1e-13)


# --- Which roads may be used
# ------------------------------------------------------------------------------------------


def test_closed_nodes_are_left_and_reached_but_not_crossed():
    links = [(1, 2), (2, 3), (1, 4), (4, 3), (3, 1)]
    assert roads_used(game_of(links, demand=[(1, 3, 1)])) == {0, 1, 2, 3}
    assert roads_used(game_of(links, demand=[(1, 3, 1)], closed=[2])) == {2, 3}
    game = game_of(links, demand=[(1, 3, 1), (1, 2, 1), (2, 1, 1)], closed=[1, 2])
    assert listed(game) == [[[2, 3]], [[0]], [[1, 4]]]
    np.testing.assert_allclose(game.link_flows(uniform(game)), [1, 1, 1, 1, 1], rtol=1e-15)


def test_a_closed_way_is_no_way():
    with pytest.raises(InputError, match=r"^destination 3 cannot be reached from origin 1$"):
        game_of([(1, 2), (2, 3)], demand=[(1, 3, 1)], closed=[2])


def test_detours_keep_to_so_many_times_the_shortest_way():
    """From 1 to 4 by 2, 3 or 5, which lone agents pay 4, 6 and 8 for, from 3 to 4 at 3 only; or by
    1 at 9."""
    links = [(1, 2), (2, 4), (1, 3), (3, 4), (1, 5), (5, 4), (3, 1)]
    costs = link_costs.polynomial([[1.0, 1.0], [2.0, 0.0], [2.0, 1.0], [3.0, 0.0], [4.0, 0.0],
                                   [4.0, 0.0], [5.0, 0.0]])
    for detour, expected in ((1.0, {0, 1}), (1.49, {0, 1}), (1.5, {0, 1, 2, 3}),
                             (1.99, {0, 1, 2, 3}),
                             (2.0, {0, 1, 2, 3, 4, 5}), (None, {0, 1, 2, 3, 4, 5})):
        assert roads_used(game_of(links, costs, [(1, 4, 2)], detour=detour)) - {
            6} == expected, detour
    game = game_of(links, costs, [(1, 4, 2), (3, 4, 1)], detour=1.4)
    assert listed(game) == [[[0, 1]], [[3]]]


def test_links_side_by_side_are_links_of_their_own():
    game = game_of([(1, 2)] * 3, link_costs.polynomial([[0.0, 1.0], [0.0, 2.0], [6.0, 0.0]]),
                   [(1, 2, 3)])
    profile = np.array([[[0.5, 0.25, 0.25]]])
    np.testing.assert_allclose(game.evaluate(profile).q, [[[-2.0, -3.0, -6.0]]], rtol=1e-15)
    np.testing.assert_allclose(game.link_flows(profile), [1.5, 0.75, 0.75], rtol=1e-15)


def test_links_that_cost_nothing_are_links_too():
    """All of a cycle is free: everything can be reached, and the bush still has an order."""
    links = [(1, 2), (2, 1), (2, 3), (3, 2), (1, 3), (3, 1)]
    game = game_of(links, link_costs.polynomial([[0.0]] * 6), [(1, 3, 2), (2, 1, 1)])
    profile = uniform(game)
    assert (game.evaluate(profile).v == 0).all()
    assert (game.best_response(profile).gain == 0).all()
    np.testing.assert_allclose(game.evaluate(profile).visitation[game.trips.row], 1, rtol=1e-15)
    assert roads_used(game) == {0, 1, 2, 3, 4, 5}


def test_nodes_may_have_any_numbers():
    game = game_of([(70, -3), (-3, 10**12)], demand=[(70, 10**12, 2)])
    np.testing.assert_array_equal(game.links, [[70, -3], [-3, 10**12]])
    assert (game.trips.origin, game.trips.destination) == (70, 10**12)


def test_types_of_no_agents_are_left_out():
    assert game_of(demand=[(1, 4, 0), (1, 3, 2)]).trips.count.tolist() == [2]
    assert len(game_of(demand=[(1, 4, 3)], policies="agent").trips.count) == 3


@pytest.mark.parametrize("policies", ["type", "destination"])
def test_profiles_that_have_a_cycle_are_refused(policies):
    game = game_of([(1, 2), (2, 1), (1, 3), (2, 3)], demand=[(1, 3, 2)], policies=policies)
    everything = np.asarray(game.usable) / np.asarray(game.usable).sum(axis=-1, keepdims=True)
    for asked in ("evaluate", "best_response", "potential", "welfare", "link_flows",
                  "price_taking"):
        with pytest.raises(InputError,
                           match=r"^profile uses links that form a cycle, so that a link might"):
            getattr(game, asked)(everything)


def test_a_profile_off_the_bush_is_evaluated_in_a_bush_of_its_own():
    game = game_of([(1, 2), (2, 1), (1, 3), (2, 3)], demand=[(1, 3, 2), (2, 3, 1)])
    seeds = [acyclic_profile(game, seed) for seed in range(8)]
    assert any((profile[:, 0] > 0)[~np.asarray(game.bush.mask)].any() for profile in seeds)
    for profile in seeds:
        p, evaluation = profile[:, 0], game.evaluate(profile)
        np.testing.assert_allclose(evaluation.v[:, 0], (p * evaluation.q[:, 0]).sum(axis=1),
                                   rtol=1e-13)


# --- Policies by destination
# ------------------------------------------------------------------------------------------


def by_type(shared: pt.RoutingGame, apart: pt.RoutingGame, profile: np.ndarray) -> np.ndarray:
    """A profile by destination as one of the game in which each type has rows of its own."""
    real = np.flatnonzero(np.asarray(apart.rows.node) >= 0)
    goal = np.unique(apart.trips.destination, return_inverse=True)[1]
    found = np.eye(1, profile.shape[2])[None].repeat(len(apart.rows.node), axis=0)
    found[real] = profile[shared.rows.find(goal[apart.rows.group[real]], apart.rows.node[real])]
    return found


@pytest.fixture(scope="module", params=[1, 20])
def pair(request):
    """Types who share their destinations' rows, those who do not, and one profile as both have
    it."""
    roads = Roads(31, 5, tuple(request.param * k for k in (1, 2, 3, 1)), policies="destination",
                  costs="bpr")
    weight = 2.0 / request.param
    shared, apart = (roads.game(0, policies=policies, weight=weight)
                     for policies in ("destination", "type"))
    profile = acyclic_profile(shared, 3)
    return shared, apart, profile, by_type(shared, apart, profile)


def test_types_of_a_destination_have_exact_totals_and_bounded_gains(pair):
    shared, apart, profile, own = pair
    assert len(np.unique(shared.trips.destination)) < len(shared.trips.destination)
    for asked in ("potential", "welfare", "link_flows", "expected_travel_time", "total_travel_time",
                  "wardrop_gap"):
        np.testing.assert_allclose(getattr(shared, asked)(profile), getattr(apart, asked)(own),
                                   rtol=1e-12, atol=1e-13)
    bounds, exact = shared.best_response(profile), apart.best_response(own)
    assert (bounds.current <= exact.current + 1e-12).all()
    assert (bounds.value <= exact.value + 1e-12).all()
    assert (exact.gain <= bounds.gain + bounds.error).all()
    assert shared.relative_gap(profile) >= apart.relative_gap(own)


def test_price_takers_are_told_the_same_whoever_shares_their_rows(pair):
    shared, apart, profile, own = pair
    # Loads are told from shares, which a solve finds anew with each bush.
    with jax.enable_x64(True):
        shares = np.asarray(road_evaluation.shares(shared.holding(profile), profile[:, 0]))
    told, truth = dataclasses.replace(shared,
                                      shares=shares).evaluate(profile), apart.price_taking(own)
    reached = truth.visitation[:, 0] > 0
    goal = np.unique(apart.trips.destination, return_inverse=True)[1]
    row = shared.rows.find(goal[apart.rows.group[reached]], apart.rows.node[reached])
    np.testing.assert_allclose(told.v[row], truth.v[reached], rtol=1e-12)
    np.testing.assert_allclose(told.q[row], truth.q[reached], rtol=1e-12)


def test_price_taking_tends_to_the_truth_with_the_number_of_agents():
    """What the bounds leave open is one agent's share of the load."""
    off = []
    for n in (1000, 10_000):
        game = game_of(demand=[(1, 4, n), (2, 4, n)], weight=1 / n, policies="destination",
                       costs=link_costs.bpr([1.0] * 5, 1.0))
        profile = uniform(game)
        bounds = game.best_response(profile)
        off.append(float(np.max(bounds.error)))
    np.testing.assert_allclose(off[0] / off[1], 10, rtol=0.05)
    assert off[1] < 1e-3


def test_roads_without_congestion_need_no_capacity():
    costs = link_costs.bpr([1.0, 2.0], [0.0, 4.0], [0.0, 0.5], fixed=[0.0, 1.0])
    np.testing.assert_allclose(np.asarray(costs.at(jnp.array([8.0, 8.0]))),
                               [1.0, 3.0 + 2 * 0.5 * 16], rtol=1e-6)


def test_where_nothing_costs_anything_no_share_of_it_can_be_saved():
    game = pt.RoutingGame.from_links([(1, 2), (1, 2)], pt.link_costs.bpr([0.0, 0.0], 1.0),
                                     [(1, 2, 3)])
    profile = game.initial_profile("uniform", None)
    assert (float(game.relative_gap(profile)), float(game.wardrop_gap(profile))) == (0.0, 0.0)
    assert pt.certify(game, profile).nash_gap == 0
