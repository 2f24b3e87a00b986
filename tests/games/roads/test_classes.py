"""Classes of agents on roads, held against all joint choices of paths, listed one by one."""

from __future__ import annotations

import itertools

import jax
import numpy as np
import pytest

import potentia as pt
from potentia.errors import InputError
from potentia.games.roads import compiled, normal_form
from roads import path_links

# Braess's network, with two links next to each other: four paths from 1 to 4.
LINKS = [(1, 2), (1, 3), (2, 3), (2, 4), (3, 4), (3, 4)]
TABLE = np.array([[0, 2.0, 0.5, 0.1], [4, 0.3, 0, 0.2], [0.5, 0.1, 0.2, 0], [5, 0, 0.4, 0],
                  [1, 1.0, 0.0, 0.1], [2, 0.5, 0.1, 0.0]])
TOLLS = np.array([0.5, 0.0, 0.25, 1.0, 0.0, 2.0])
DEMAND = [(1, 4, 2, "car"), (2, 4, 1, "car"), (1, 4, 2, "lorry")]
CLASSES = {"car": pt.TrafficClass(), "lorry": pt.TrafficClass(weight=2.5, value_of_time=3.0)}
VALUES = {"car": pt.TrafficClass(value_of_time=0.5), "lorry": pt.TrafficClass(value_of_time=4.0)}


def roads(classes=CLASSES, costs=None, weight=0.8, **options) -> pt.RoutingGame:
    """Five agents on Braess's network."""
    return pt.RoutingGame.from_links(
        LINKS, costs or pt.link_costs.polynomial(TABLE), DEMAND, classes=classes, weight=weight,
        **{"tolls": TOLLS, "distance_costs": 0.1 * TOLLS, **options})


class Enumerated:
    """What agents of these classes pay on roads whose links cost `cost(link, vehicles)`, by all
    joint choices of paths."""

    def __init__(self, game: pt.RoutingGame, classes, cost, profile: np.ndarray) -> None:
        paths = [[path_links(game, path) for path in of_type]
                 for of_type in normal_form.normal_form(game)[1]]
        kinds = game.traffic_classes
        assert kinds is not None
        names = [row[-1] for row in game.demand for _ in range(row[2])]
        of_agent = np.repeat(np.arange(len(game.demand)), [row[2] for row in game.demand])
        self.paths = [paths[k] for k in of_agent]
        self.played = [p[0, :len(own)] for p, own in zip(
            normal_form.over_paths(game, profile), self.paths, strict=True)]
        self.weights = [0.8 * classes[name].weight for name in names]
        self.values = [classes[name].value_of_time for name in names]
        self.cost, self.n = cost, len(names)

    def pays(self, joint: tuple[int, ...]) -> list[float]:
        """Each agent, where agents take these of their paths."""
        taken = [own[k] for own, k in zip(self.paths, joint, strict=True)]
        load = np.zeros(len(LINKS))
        for path, weight in zip(taken, self.weights, strict=True):
            load[path] += weight
        return [sum(value * self.cost(link, load[link]) + 1.1 * TOLLS[link] for link in path)
                for path, value in zip(taken, self.values, strict=True)]

    def expected(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """[N] what each pays, what each would by its best path, [links] vehicles there."""
        own, flows = [np.zeros(len(paths)) for paths in self.paths], np.zeros(len(LINKS))
        for joint in itertools.product(*map(range, map(len, self.paths))):
            chance = [p[k] for p, k in zip(self.played, joint, strict=True)]
            paid = self.pays(joint)
            for agent in range(self.n):
                others = np.prod(chance[:agent] + chance[agent + 1:])
                own[agent][joint[agent]] += others * paid[agent]
                flows[self.paths[agent][joint[agent]]] += np.prod(chance) * self.weights[agent]
        means = [p @ cost for p, cost in zip(self.played, own, strict=True)]
        return np.array(means), np.array([cost.min() for cost in own]), flows


def polynomial(link: int, vehicles: float) -> float:
    return float(TABLE[link] @ vehicles ** np.arange(4))


def hold(game: pt.RoutingGame, classes, cost, slack: float = 1e-8) -> None:
    """Costs, gains, flows, revenue and the certificate against the enumeration."""
    profile = np.asarray(game.initial_profile("random", 5))
    slow = Enumerated(game, classes, cost, profile)
    paid, best, flows = slow.expected()
    of_agent = np.repeat(np.arange(len(game.demand)), [row[2] for row in game.demand])
    certificate = pt.certify(game, profile)
    gains = paid - best
    np.testing.assert_allclose(-certificate.values[of_agent], paid, rtol=1e-11)
    assert (certificate.per_agent_lower[of_agent] <= gains + 1e-12).all()
    assert (certificate.per_agent[of_agent] >= gains - 1e-12).all()
    assert (certificate.per_agent - certificate.per_agent_lower < slack).all()
    np.testing.assert_allclose(game.link_flows(profile), flows, rtol=1e-11)
    by_class = game.flows_by_class(profile)
    np.testing.assert_allclose(sum(by_class.values()), flows, rtol=1e-11)
    # Each vehicle pays a toll once, whatever it weighs.
    np.testing.assert_allclose(game.toll_revenue(profile), sum(
        TOLLS @ flow / classes[name].weight for name, flow in by_class.items()), rtol=1e-11)
    off = abs(float(game.expected_cost(profile)) / float(game.weight) - paid.sum())
    assert off <= float(game.expected_cost_error(profile)) + 1e-10
    # Of types that share rows the bound is wide; what is told is not as far off as that.
    assert off <= 0.01 * paid.sum()
    response = game.best_response(profile)
    upper = np.asarray(response.gain + response.error)[of_agent]
    assert (upper >= gains - 1e-9).all()
    if game.shared is None:
        np.testing.assert_allclose(np.asarray(response.gain)[of_agent], gains, atol=1e-8)


@pytest.mark.parametrize("policies", ["type", "destination"])
def test_weights_and_values_of_time_are_those_of_the_enumeration(policies):
    hold(roads(policies=policies), CLASSES, polynomial)


@pytest.mark.parametrize(("costs", "policies"), [("power law", "destination"), ("table", "type")])
def test_values_of_time_go_with_costs_of_any_kind(costs, policies):
    power = np.array([1.5, 0.5, 2.0, 1.0, 2.5, 1.2])
    if costs == "table":
        loads = 0.8 * np.arange(1, 8)
        given = pt.link_costs.tabulated(TABLE[:, :1] + loads ** power[:, None])
    else:
        given = pt.link_costs.power_law(TABLE[:, 0], 1.0, 1.0, power)
    game = roads(VALUES, given, policies=policies)
    hold(game, VALUES, lambda link, x: TABLE[link, 0] + x ** power[link])


def test_classes_that_differ_in_nothing_are_those_of_before():
    """Weights that are all equal are in the game's weight, and values of time of 1 leave costs."""
    both = {name: pt.TrafficClass(weight=2.0) for name in CLASSES}
    plain = pt.RoutingGame.from_links(
        LINKS, pt.link_costs.polynomial(TABLE), [row[:3] for row in DEMAND], weight=1.6,
        tolls=TOLLS, distance_costs=0.1 * TOLLS)
    game = roads(both)
    profile = np.asarray(game.initial_profile("random", 1))
    for name in ("best_response", "evaluate"):
        one, other = (vars(getattr(each, name)(profile)) for each in (game, plain))
        for key, value in one.items():
            if value is not None and key not in ("error", "worst_error"):
                np.testing.assert_allclose(value, other[key], rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(game.potential(profile), plain.potential(profile), rtol=1e-13)
    np.testing.assert_allclose(game.expected_cost(profile), plain.expected_cost(profile),
                               rtol=1e-12)
    assert game.traffic_classes == {name: pt.TrafficClass() for name in CLASSES}
    assert pt.potential.classify(game).verdict == "PROVEN"


def test_played_trips_cost_what_is_expected():
    game = roads()
    profile = np.asarray(game.initial_profile("random", 5))
    trips = game.simulate(profile, jax.random.key(0), episodes=4000, steps=4)
    played = np.asarray(trips.rewards).sum(axis=1)
    expected = np.repeat(np.asarray(game.start_values(profile)), [row[2] for row in DEMAND])
    error = played.std(axis=0) / np.sqrt(len(played))
    assert (np.abs(played.mean(axis=0) - expected) < 4 * error).all()


def test_slopes_are_of_what_classes_weigh_and_what_time_costs_them():
    """On one of two roads at costs a x: v (x a + a times the vehicles of all who might come)."""
    game = pt.RoutingGame.from_links(
        [(1, 2), (1, 2)], pt.link_costs.polynomial([[1.0, 0.5], [1.0, 0.25]]),
        [(1, 2, 4, "car"), (1, 2, 2, "lorry")], classes=CLASSES, weight=2.0)
    slope = np.asarray(game.evaluate(np.full((2, 1, 2), 0.5)).slope)[:, 0]
    load = 2.0 * (4 * 1.0 + 2 * 2.5) / 2
    by_hand = [[value * (load + there) * rise for rise in (0.5, 0.25)]
               for value, there in ((1.0, 2.0 * 4), (3.0, 2.0 * 2 * 2.5))]
    np.testing.assert_allclose(slope, by_hand, rtol=1e-13)


def test_lorries_leave_the_tolls_to_cars_at_an_equilibrium():
    """A fast road with a toll, and a slow one: those whose time is worth more take the first."""
    game = pt.RoutingGame.from_links(
        [(1, 2), (1, 2)], pt.link_costs.polynomial([[10.0, 0.01], [20.0, 0.01]]),
        [(1, 2, 30, "business"), (1, 2, 30, "leisure")], tolls=[8.0, 0.0],
        classes={"business": pt.TrafficClass(value_of_time=2.0),
                 "leisure": pt.TrafficClass(value_of_time=0.5)})
    result = pt.solve(game, pt.rules.AdaptiveINPG(), initial="uniform", relative_tolerance=1e-6,
                      tolerance=None)
    assert result.status == "converged"
    gap = pt.certify(game, result.profile).relative_gap
    assert gap is not None
    assert gap < 1e-5
    flows = game.flows_by_class(result.profile)
    assert flows["business"][0] > 29.99
    assert flows["leisure"][1] > 29.99


@pytest.mark.parametrize(("classes", "demand", "words"), [
    ({**CLASSES, "bus": pt.TrafficClass()}, DEMAND,
     "classes has 'bus', of which demand has no agents"),
    (CLASSES, [*DEMAND[:2], (1, 4, 0, "lorry")],
     "classes has 'lorry', of which demand has no agents"),
    (CLASSES, [*DEMAND, (1, 4, 2, "van")],
     "demand[3] has the class 'van', which is none of classes: car, lorry"),
    (CLASSES, [*DEMAND, (1, 4, 2)],
     "demand[3] is (1, 4, 2), but (origin, destination, agents, class) was expected"),
    ({"car": pt.TrafficClass(value_of_time=-1.0)}, DEMAND[:1],
     "classes['car'].value_of_time is -1"),
    ({"car": pt.TrafficClass(value_of_time=float("nan"))}, DEMAND[:1],
     "classes['car'].value_of_time is nan"),
    ({"car": pt.TrafficClass(value_of_time=float("inf"))}, DEMAND[:1],
     "classes['car'].value_of_time is inf"),
    ({"car": pt.TrafficClass(weight=0.0)}, DEMAND[:1], "classes['car'].weight is 0"),
    ({"car": (1.0, 2.0)}, DEMAND[:1], "classes['car'] is a tuple, but it must be a TrafficClass"),
    ({}, DEMAND[:1], "classes is {}, but a mapping from names to TrafficClass was expected"),
    (None, DEMAND, "demand[0] has the class 'car', but no classes are given"),
    (VALUES, [(1, 4, "--5", "car")], "demand[0] has the number of agents '--5', not a whole"),
    (VALUES, [(1, 4, "\u00b2", "car")], "demand[0] has the number of agents '\u00b2', not a"),
    (VALUES, np.array([(1, 4, 5, "car"), (1, "4.5", 5, "car")]), "demand[1] has the destination"),
    (VALUES, [("1" * 5000, 4, 5, "car")], "demand[0] has the origin '111"),
    (VALUES, [(10**22, 4, 5, "car")], "demand holds 10000000000000000000000, a whole number of"),
])
def test_what_is_wrong_is_named(classes, demand, words):
    with pytest.raises(InputError) as error:
        pt.RoutingGame.from_links(LINKS, pt.link_costs.polynomial(TABLE), demand, classes=classes)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


def test_weights_that_differ_are_refused_where_costs_count_agents():
    with pytest.raises(InputError, match="costs of the kind 'power-law' do not take; polynomials"):
        roads(CLASSES, pt.link_costs.power_law(1.0, 1.0, 1.0, [1.5, 1, 1, 1, 1, 1]))
    with pytest.raises(InputError, match="of which no system optimum is known"):
        roads().paying_marginal_costs()
    with pytest.raises(InputError, match="of which no system optimum is known"):
        roads().least_total(roads().initial_profile("uniform", 0))


def test_by_destination_whoever_comes_on_top_pays_for_the_own_weight_too() -> None:
    """To an agent of each class a road costs E c(w (own weight + L)), by all joint choices."""
    game = pt.RoutingGame.from_links(
        [(1, 2), (1, 2)], pt.link_costs.polynomial(TABLE[:2]),
        [(1, 2, 2, "car"), (1, 2, 1, "lorry")],
        classes={"car": CLASSES["car"], "lorry": pt.TrafficClass(weight=2.5)}, weight=0.8,
        policies="destination")
    profile = np.asarray(game.initial_profile("random", 3))
    first = np.asarray(game.trips.row)
    chances, weights = profile[first[[0, 0, 1]], 0], np.array([1.0, 1.0, 2.5])
    links = np.asarray(game.rows.link)[first]
    expected = np.zeros((2, profile.shape[2]))
    for joint in itertools.product((0, 1), repeat=3):
        chance = np.prod([own[k] for own, k in zip(chances, joint, strict=True)])
        for kind, own in enumerate((1.0, 2.5)):
            for action, link in enumerate(links[kind]):
                load = own + weights[np.array(joint) == action].sum()
                expected[kind, action] += chance * polynomial(link, 0.8 * load)
    with jax.enable_x64(True):
        found = np.asarray(compiled.costs(game, profile))[first]
    np.testing.assert_allclose(found, expected, rtol=1e-12)
