"""Certificates of routing games against every outcome and every path, in exact fractions."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from fractions import Fraction

import jax
import networkx as nx
import numpy as np
import pytest

import potentia as pt
from potentia.errors import InputError
from potentia.games.roads import compiled, evaluation, load_windows, sweeps
from potentia.games.roads.link_costs import Polynomial


def cost_of(game: pt.RoutingGame, link: int, number: int) -> Fraction:
    """What link `link` costs each of so many agents."""
    if not isinstance(game.costs, Polynomial):
        return Fraction(float(game.table[link, number]))
    load = Fraction(float(game.weight)) * number
    return sum((Fraction(float(c)) * load**j for j, c in enumerate(game.costs.coefficients[link])),
               start=Fraction(0))


def walks(game: pt.RoutingGame, row: int,
          used: np.ndarray) -> Iterator[tuple[tuple[int, ...], tuple]]:
    """Links and (row, action) of every walk from a row to the end by the actions `used` that passes
    no row twice."""
    def onward(row: int, passed: tuple[int, ...], steps: tuple) -> Iterator[tuple]:
        if row == len(used):
            yield steps
            return
        for action in np.flatnonzero(used[row]):
            following = int(game.rows.following[row, action])
            if following not in passed:
                yield from onward(following, (*passed, following), (*steps, (row, int(action))))

    for steps in onward(int(row), (int(row),), ()):
        yield tuple(int(game.link_of[game.rows.link[step]]) for step in steps), steps


def exact_gains(game: pt.RoutingGame, profile: np.ndarray) -> tuple[list[Fraction], list[Fraction]]:
    """Each type's cost and gain, by listing all that all other agents may do."""
    policy = profile[:, 0]
    agents = [kind for kind, count in enumerate(game.trips.count) for _ in range(count)]
    probabilities = []
    for row in game.trips.row:
        paths = list(walks(game, row, policy > 0))
        weights = [np.prod([Fraction(float(policy[step])) for step in steps]) for _, steps in paths]
        total = sum(weights)              # rows sum to 1 but for their last bit
        probabilities.append([(links, weight / total)
                              for (links, _), weight in zip(paths, weights, strict=True)])
    paid, gained = [], []
    for kind, row in enumerate(game.trips.row):
        others = list(agents)
        others.remove(kind)
        price = dict.fromkeys(range(len(game.links)), Fraction(0))
        for outcome in itertools.product(*(probabilities[other] for other in others)):
            weight = np.prod([probability for _, probability in outcome] or [Fraction(1)])
            for link in price:
                price[link] += weight * cost_of(game, link,
                                                1 + sum(link in links for links, _ in outcome))
        own = sum(probability * sum(price[link] for link in links)
                  for links, probability in probabilities[kind])
        best = min(sum(price[link] for link in links)
                   for links, _ in walks(game, row, np.asarray(game.rows.usable)))
        paid.append(own)
        gained.append(own - best)
    return paid, gained


BRAESS = pt.games.make("braess", n_agents=2)
RING = [(1, 2), (2, 3), (3, 1), (1, 3), (3, 4), (2, 4), (4, 1)]
GAMES = {
    "braess": lambda: pt.games.make("braess", n_agents=3),
    "braess, each its own": lambda: pt.games.make("braess", n_agents=2, policies="agent"),
    "pigou": lambda: pt.games.make("pigou", n_agents=4, power=3),
    "a table": lambda: pt.games.make("pigou", n_agents=3, power=1.5),
    "cycles": lambda: pt.RoutingGame.from_links(
        RING, pt.link_costs.bpr([1, 2, 1, 3, 1, 2, 1], 1.5), [(1, 4, 2), (2, 3, 1)], weight=0.75),
    "closed": lambda: pt.RoutingGame.from_links(
        RING, pt.link_costs.bpr([1, 2, 1, 3, 1, 2, 1], 1.5), [(1, 4, 2), (2, 1, 1)], closed=[2]),
}


@pytest.mark.parametrize("name", GAMES)
@pytest.mark.parametrize("seed", [0, 1])
def test_gains_are_bracketed(name: str, seed: int) -> None:
    game = GAMES[name]()
    profile = np.asarray(game.initial_profile("random", jax.random.key(seed)))
    certificate = pt.certify(game, profile)
    paid, gained = exact_gains(game, profile)
    np.testing.assert_allclose(-certificate.values, np.array(paid, float), rtol=1e-13)
    for low, gain, high in zip(certificate.per_agent_lower, gained, certificate.per_agent,
                               strict=True):
        assert low <= gain <= high
        assert high - low <= 3e-12 * float(max(paid))
    response = game.best_response(profile)
    np.testing.assert_allclose(response.gain, np.array(gained, float), atol=1e-10)
    assert (response.gain + response.error >= certificate.per_agent_lower).all()


@pytest.mark.parametrize("power", [4.0, 2.5])
@pytest.mark.parametrize("seed", range(3))
def test_shared_rows_are_exact_too(seed: int, power: float) -> None:
    times, demand = [1, 2, 1, 3, 1, 2, 1], [(1, 4, 1), (2, 4, 1), (3, 4, 1)]
    game = pt.RoutingGame.from_links(RING, pt.link_costs.bpr(times, 1.5), demand,
                                     policies="destination")
    costs = pt.link_costs.bpr(times, 1.5, 0.15, power)
    if power == 2.5:
        table = np.outer(times, 1 + 0.15 * (np.arange(5) / 1.5) ** power)
        game = dataclasses.replace(game, costs=costs, table=table)
    profile = np.asarray(game.initial_profile("random", jax.random.key(seed)))
    certificate = pt.certify(game, profile)
    paid, gained = exact_gains(game, profile)
    np.testing.assert_allclose(-certificate.values, np.array(paid, float), rtol=1e-12)
    assert (certificate.per_agent_lower <= np.array(gained, float)).all()
    assert (certificate.per_agent >= np.array(gained, float)).all()
    apart = certificate.per_agent - certificate.per_agent_lower
    assert apart.max() <= 3e-12 * float(max(paid))
    if power == 4.0:
        response = game.best_response(profile)
        assert (response.gain + response.error >= np.array(gained, float)).all()


def test_the_walk_is_worth_what_the_lower_bound_says() -> None:
    game = pt.games.make("sioux-falls", n_agents=500)
    certificate = pt.certify(game, game.initial_profile("uniform", None))
    walk, who = certificate.witness, certificate.witness_agent
    ends = np.asarray(game.links)[walk]
    assert ends[0, 0] == game.trips.origin[who]
    assert ends[-1, 1] == game.trips.destination[who]
    assert (ends[1:, 0] == ends[:-1, 1]).all()
    graph = nx.DiGraph([tuple(map(int, link)) for link in game.links])
    assert nx.is_simple_path(graph, [int(ends[0, 0]), *map(int, ends[:, 1])])


def test_an_equilibrium_of_a_bush_is_not_taken_for_one_of_the_network() -> None:
    """On free roads 4 is farther from 3 than 2 is, so that nobody goes 2 -> 4; loads make it the
    better way."""
    game = pt.RoutingGame.from_links([(1, 2), (2, 3), (2, 4), (4, 2), (4, 3)],
                                     pt.link_costs.bpr([1, 1, 0.2, 0.2, 1.5], [9, 1, 9, 9, 9]),
                                     [(1, 3, 6)], reorient_every=100)
    profile = np.asarray(game.initial_profile("uniform", None))
    alone = pt.solve(game, pt.rules.AdaptiveINPG(), initial="uniform", max_iterations=50,
                     progress=False)
    assert alone.history["nash_gap"][-1] == pytest.approx(pt.certify(game, profile).nash_gap,
                                                          rel=1e-9)
    assert pt.certify(game, profile).nash_gap > 100
    solved = pt.solve(game, pt.rules.AdaptiveINPG(), initial="uniform", max_iterations=2000,
                      progress=False)
    assert pt.certify(game, solved.profile).nash_gap < 1e-6


@pytest.mark.parametrize(("change", "message"), [
    (lambda p: p[:-1], "profile has shape"),
    (lambda p: np.where(np.arange(p.size).reshape(p.shape) == 0, np.nan, p), "is not finite"),
    (lambda p: p * 0.5, "sums to 0.5, not 1")])
def test_what_is_no_profile(change, message: str) -> None:
    profile = np.asarray(BRAESS.initial_profile("uniform", None))
    with pytest.raises(InputError, match=message):
        pt.certify(BRAESS, change(profile))


def test_a_profile_that_has_a_cycle_is_refused() -> None:
    game = GAMES["cycles"]()
    everything = np.asarray(game.usable) / np.asarray(game.usable).sum(axis=-1, keepdims=True)
    for refused in (lambda: pt.certify(game, everything), lambda: game.evaluate(everything),
                    lambda: pt.solve(game, pt.rules.INPG(step_size=0.1), initial=everything)):
        with pytest.raises(InputError, match="profile uses links that form a cycle"):
            refused()


def test_the_certificate_does_not_trust_the_games_own_bush() -> None:
    """A game whose order of rows is spoilt evaluates wrongly; its certificate is as before."""
    game = GAMES["cycles"]()
    profile = np.asarray(game.initial_profile("random", jax.random.key(3)))
    spoilt = dataclasses.replace(game, bush=dataclasses.replace(game.bush, blocks=np.int32(1)))
    assert not np.allclose(spoilt.start_values(profile), game.start_values(profile))
    np.testing.assert_array_equal(pt.certify(spoilt, profile).per_agent,
                                  pt.certify(game, profile).per_agent)


CHAIN = [(1, 3), (1, 4), (1, 6), (3, 5), (4, 5), (6, 5), (5, 2)]


@pytest.mark.parametrize(("power", "policies"), [(4.0, "type"), (4.5, "type"),
                                                 (4.0, "destination")])
def test_rounding_makes_no_probability_more_than_1(power: float, policies: str) -> None:
    """All come together on the last link; the shares of the three ways add up to 1 + 2e-16 for some
    profiles."""
    costs = pt.link_costs.bpr(np.ones(7), 5.0, 0.15, power)
    game = pt.RoutingGame.from_links(CHAIN, costs, [(1, 2, 10)], policies=policies)
    for seed in range(50):
        profile = np.array(game.initial_profile("uniform", 0))
        profile[game.trips.row[0], 0, :3] = np.random.default_rng(seed).dirichlet(np.ones(3))
        found = pt.certify(game, profile)
        apart = found.nash_gap - found.nash_gap_lower
        assert 0 <= apart < (1e-9 if policies == "type" else np.inf)


def test_costs_that_fall_are_not_certified() -> None:
    """Made past the checks: a longer walk could be cheaper than each path."""
    links, demand = [(1, 2), (1, 2)], [(1, 2, 10)]
    flat = pt.RoutingGame.from_links(links, pt.link_costs.polynomial([[1.0], [2.0]]), demand)
    falling = dataclasses.replace(flat, costs=Polynomial(np.array([[10.0, -1.05], [1.0, 0.0]])))
    tabled = pt.RoutingGame.from_links(links, pt.link_costs.tabulated(np.ones((2, 10))), demand)
    table = np.array(tabled.table)
    table[1, 5] = 0.5
    for game, link in ((falling, 0), (dataclasses.replace(tabled, table=table), 1)):
        with pytest.raises(InputError, match=rf"costs\[link={link}\] may be negative or fall"):
            pt.certify(game, game.initial_profile("uniform", 0))


@pytest.mark.parametrize("weight", [1.0, 0.25])
def test_marginal_costs_of_polynomials_are_certified(weight: float) -> None:
    """Their coefficients are partly negative, and they never fall from one agent on."""
    costs = pt.link_costs.bpr([1.0, 2.0], 3.0, 0.15, 4.0)
    game = pt.RoutingGame.from_links([(1, 2), (1, 2)], costs, [(1, 2, 10)],
                                     weight=weight).paying_marginal_costs()
    assert (np.asarray(game.costs.coefficients) < 0).any()
    assert pt.certify(game, game.initial_profile("uniform", 0)).nash_gap > 0


@pytest.mark.parametrize("name", ["braess", "a table"])
def test_calls_nothing_that_the_game_computes(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    game = GAMES[name]()
    profile = np.asarray(game.initial_profile("random", jax.random.key(4)))
    before = pt.certify(game, profile)
    for method in ("evaluate", "best_response", "potential", "welfare", "start_values", "holding"):
        monkeypatch.delattr(pt.RoutingGame, method)
    for module in (compiled, evaluation, load_windows, sweeps):
        for function in [each for each in vars(module) if callable(getattr(module, each))]:
            monkeypatch.delattr(module, function)
    np.testing.assert_array_equal(pt.certify(game, profile).per_agent, before.per_agent)
