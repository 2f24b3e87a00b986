"""Loads that are large wherever they matter: against distributions of loads, and certificates."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from scipy.stats import binom

import potentia as pt
from potentia import link_costs
from potentia.certificates import load_powers
from potentia.games.roads.large_loads import LargeLoads, are_large, enough
from potentia.games.roads.power_means import NODES
from potentia.runtime.float64 import float64_on_one_blas_thread

POWERS = 0.7, 1.5, 3.5038, 4.446, 6.8677, 9.0, 16.83
LINKS = [(1, 2), (2, 3), (3, 1), (1, 3), (3, 4), (2, 4), (4, 1)]
STEEP = 3.5, 4.4, 0.0, 4.0, 2.5, 16.83, 3.5
MANY = 10**11


def bpr(powers: object = STEEP) -> link_costs.Costs:
    b = [0.15, 0.15, 0.15, 0, 2, 0.15, 0.15]
    return link_costs.bpr([1, 2, 1, 3, 1, 2, 1], 1.5, b, powers)


def ring(policies: str, n_agents: int = MANY, classes: tuple = (), **options) -> pt.RoutingGame:
    """Ten vehicles of so many agents."""
    demand = [(1, 4, n_agents // 2), (2, 3, 2 * n_agents // 5), (2, 4, n_agents // 10)]
    if classes:
        demand = [(*row, classes[0]) for row in demand]
        options["classes"] = {classes[0]: classes[1]}
    return pt.RoutingGame.from_links(LINKS, bpr(), demand, weight=10 / n_agents, policies=policies,
                                     **options)


def loads(agents: np.ndarray, x: np.ndarray, power: float, scale: float) -> LargeLoads:
    """Of one link that costs (k / scale)^power."""
    one = np.ones(1)
    return LargeLoads(tuple(agents @ x**j * one for j in range(1, NODES + 1)), 0 * one, one,
                      scale * one, power * one)


@pytest.mark.parametrize("power", POWERS)
def test_means_are_those_of_the_certificate(power: float) -> None:
    agents, x = np.array([4e9, 1e8, 7]), np.array([0.7, 0.01, 1.0])
    exact = load_powers.means(agents, x, power)
    with float64_on_one_blas_thread():
        found = loads(agents, x, power, 2e9)
        joining, error = float(found.joining()[0]), float(found.error()[0])
    wanted = exact.joined / 2e9**power
    assert abs(joining - wanted) <= error + exact.error * wanted
    assert error < 5e-13 * joining


@pytest.mark.parametrize("power", POWERS)
def test_sums_are_those_of_the_distribution(power: float) -> None:
    """At loads of 1,607 agents, where what is left out begins to count."""
    agents, x, chance = np.array([2_000, 500, 7]), np.array([0.7, 0.4, 1.0]), np.ones(1)
    for many, there in zip(agents, x, strict=True):
        chance = np.convolve(chance, binom.pmf(np.arange(many + 1), many, there))
    number = np.arange(len(chance)) / 1000
    with float64_on_one_blas_thread():
        law = loads(agents, x, power, 1000.0)
        found = law.leaving()[0], law.total_cost(), law.potential()
    wanted = chance @ number**power, 1000 * chance @ number**(power + 1.0), chance @ np.cumsum(
        number**power)
    # The sum of powers is off by a constant, -zeta(-p), besides.
    np.testing.assert_allclose(found, wanted, rtol=1e-8 if power > 9 else 1e-11,
                               atol=0.2 / 1000**power)


@pytest.mark.parametrize("options", [
    {}, {"tolls": [1.0, 0, 0, 0, 0.5, 0, 0]},
    {"classes": ("cars", pt.TrafficClass(value_of_time=2.0))}], ids=["plain", "tolls", "a class"])
@pytest.mark.parametrize("policies", ["type", "destination"])
def test_games_say_what_certificates_say(policies: str, options: dict) -> None:
    """Also of powers that are too high for other means by destination."""
    game = ring(policies, **options)
    assert game.large
    profile = game.initial_profile("random", jax.random.key(0))
    said, found = game.best_response(profile), pt.certify(game, profile)
    assert (said.gain + said.error >= found.per_agent_lower).all()
    if policies == "type":
        assert (said.gain - said.error <= found.per_agent).all()
        assert (np.abs(said.current[:, 0] - found.values) <= said.error).all()
    assert (said.error <= 1e-10 * np.abs(found.values)).all()


def test_they_are_learnt_and_compared_with_what_is_best() -> None:
    result = pt.solve(ring("destination"), pt.rules.ProjectedNewton(), relative_tolerance=1e-8,
                      tolerance=None, progress=False)
    assert result.status is pt.Status.CONVERGED
    assert pt.certify(result.game, result).relative_gap < 1e-8
    found = pt.welfare.report(result.game, result.profile, progress=False)
    assert 0 < found.optimum_below <= found.optimum < found.optimum_below * (1 + 1e-6)
    assert 1.0 < found.price <= found.price_above < 2.0


@pytest.mark.parametrize("power", [30.5, 40.5, 50.0])
def test_powers_of_agents_that_no_number_holds_are_certified(power: float) -> None:
    """10^11 agents to the power of 30 and more are more than float64 holds; a hundred are on the
    other road."""
    roads = pt.RoutingGame.from_links(
        [(1, 2), (1, 2)], link_costs.bpr([1, 1.2], 5.0, 0.15, power), [(1, 2, MANY)],
        weight=10 / MANY, policies="type")
    assert roads.large
    profile = np.array([[[1 - 1e-9, 1e-9]]])
    said, found = roads.best_response(profile), pt.certify(roads, profile)
    assert found.values == pytest.approx(-1 - 0.15 * 2**power, rel=1e-6)
    assert np.abs(said.current[:, 0] - found.values) <= said.error + found.values * -1e-12
    assert found.per_agent_lower == pytest.approx(0.15 * 2**power - 0.2, rel=1e-6)


def test_what_is_not_large_is_told() -> None:
    weight = 10 / MANY
    assert are_large(bpr(), weight)
    assert not are_large(bpr(), 1e-3)                         # a vehicle is a thousand agents
    assert not are_large(bpr((0.3,) * 7), weight)             # steep where hardly anybody goes
    assert not are_large(bpr((3.5, 1e9, 2, 2, 2, 2, 2.5)), weight)
    assert not are_large(bpr((50.5, 2, 2, 2, 2, 2, 2.5)), 1e-15)    # nobody could certify it
    assert not are_large(bpr(2.0), weight)                    # polynomials
    free = link_costs.bpr([0, 1, 1, 1, 1, 1, 1], 1.5, 0.15, 3.5)
    assert are_large(free, weight)                            # costs nothing at all
    assert not are_large(link_costs.PowerLaw(*np.array([[0.0], [1.0], [1.5], [3.5]])), weight)
    assert not ring("type", 1000).large
    assert enough(bpr(), 10, 10**15) == 10**11
    assert enough(bpr(), 10, 10**10) is None
